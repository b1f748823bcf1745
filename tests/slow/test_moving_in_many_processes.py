"""Eight processes move companies about in one database, select and delete: the tree stays a tree, and nothing points at nothing."""

import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.cli.naming import operator
from portal.domain.errors import PortalError, UnavailableError
from portal.domain.ids import ConfigId, new_id
from portal.domain.secret import Secret
from portal.store import paths
from portal.store.db import SYSTEM, reading
from tests.cast import plant, typed_config
from tests.fixtures_portal import Clock, build

PROCESSES, MOVES_EACH = 8, 63

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def flat(branch):
    return [branch.tenant, *(each for below in branch.branches for each in flat(below))]


def change_its_mind(services, actor, tenant, name, dice):
    """Another selection of a company, or one configuration fewer, or one more."""
    there = list(services.mail_configs.names(actor, tenant.id))
    match dice.choice(("create", "select", "delete", "select")) if there else "create":
        case "create":
            typed, password = typed_config(name=name), Secret("open sesame")
            services.mail_configs.create(actor, tenant.id, ConfigId(new_id()), typed, password=password)
        case "select":
            services.mail_configs.select(actor, tenant.id, dice.choice(there))
        case "delete":
            services.mail_configs.delete(actor, tenant.id, dice.choice(there))


def wander(folder: str, seed: int) -> int:
    """Try so many moves, most of which are refused; how many were made. Nobody is turned away as busy."""
    app, dice, made = build(Path(folder), Clock()), random.Random(seed), 0
    with app.app_context():
        services = app.extensions["portal.services"]
        root = services.tenants.find_root()
        actor = operator()
        for number in range(MOVES_EACH):
            everyone = flat(services.tenants.tree(actor, root.id))
            tenant, parent = dice.choice(everyone[1:]), dice.choice(everyone)
            try:
                change_its_mind(services, actor, dice.choice(everyone), f"{seed} {number}", dice)
                services.moving.move(actor, tenant.id, parent.id, version=tenant.version)
                made += 1
            except UnavailableError:
                raise
            except PortalError:
                pass
    return made


def test_five_hundred_moves_selections_and_deletions_make_no_circle_and_lose_nobody(tmp_path, empty_database):
    (tmp_path / "portal.db").write_bytes(empty_database.read_bytes())
    app = build(tmp_path, Clock())
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        for number in range(10):
            reseller = cast.services.tenants.create(cast.pia, cast.pia.tenant.id, kind="reseller", name=f"R{number}")
            cast.services.tenants.create(cast.pia, reseller.id, kind="sub_reseller", name=f"S{number}")
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        made = sum(pool.map(wander, [str(tmp_path)] * PROCESSES, range(PROCESSES)))

    with app.app_context():
        assert made > 0
        assert len(flat(cast.services.tenants.tree(cast.pia, cast.pia.tenant.id))) == 5 + 20
        with reading(SYSTEM) as session:
            assert paths.misplaced(session) == []
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
            assert session.scalar(text("SELECT count(*) FROM tenants WHERE active_config_id IS NOT NULL")) > 0
