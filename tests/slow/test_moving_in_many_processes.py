"""Eight processes move companies about in one database, and the tree stays a tree."""

import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from portal.cli.naming import operator
from portal.domain.errors import PortalError
from portal.store import paths
from portal.store.db import SYSTEM, reading
from tests.cast import plant
from tests.fixtures_portal import Clock, build

PROCESSES, MOVES_EACH = 8, 63

pytestmark = pytest.mark.slow


def flat(branch):
    return [branch.tenant, *(each for below in branch.branches for each in flat(below))]


def wander(folder: str, seed: int) -> int:
    """Try so many moves, most of which are refused; how many were made."""
    app, dice, made = build(Path(folder), Clock()), random.Random(seed), 0
    with app.app_context():
        services = app.extensions["portal.services"]
        root = services.tenants.find_root()
        actor = operator()
        for _ in range(MOVES_EACH):
            everyone = flat(services.tenants.tree(actor, root.id))
            tenant, parent = dice.choice(everyone[1:]), dice.choice(everyone)
            try:
                services.moving.move(actor, tenant.id, parent.id, version=tenant.version)
                made += 1
            except PortalError:
                pass
    return made


def test_five_hundred_moves_make_no_circle_and_lose_nobody(tmp_path, empty_database):
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
