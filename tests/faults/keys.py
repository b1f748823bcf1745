"""Knows a rotation of keys that is killed at any moment, again and again, while somebody reads and writes mail passwords.

`python -m tests.faults.keys URL FOLDER RINGS` is that somebody, until its input ends; it prints what it came to.
"""

import base64
import hashlib
import os
import random
import select as readiness
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select

from portal.domain.config_rules import judged
from portal.domain.ids import ConfigId, TenantId, new_id
from portal.domain.roles import Actor, Role
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.store import mail_configs, paths, tenants
from portal.store.db import SYSTEM, db, reading, unit_of_work
from portal.vault.keyring import KeyRing
from portal.vault.vault import SealBrokenError, Vault
from tests.cast import plant, typed_config
from tests.fixtures_portal import ROOT, Clock, build

_RINGS = 60  # rotations that one run may complete; the ring of the last one holds them all
_DRAFT = judged(typed_config())


@dataclass(frozen=True)
class Tally:
    """Times in seconds; `longest` is the longest that somebody waited for a password to be read or written."""

    secrets: int
    kills: int
    rotations: int
    alone: float
    undecryptable: int
    reads: int
    writes: int
    refused: int
    longest: float

    @property
    def is_kept(self) -> bool:
        return self.undecryptable == self.refused == 0

    def line(self) -> str:
        return (
            f"{self.secrets} secrets, {self.kills} kills in {self.rotations} rotations: {self.undecryptable} undecryptable;"
            f" one rotation without kills took {self.alone:.1f} s; meanwhile {self.reads} passwords read and {self.writes}"
            f" written, {self.refused} refused, the longest wait {self.longest * 1000:.0f} ms"
        )


@dataclass
class _Rotating:
    """The command itself, in a process of its own with settings of its own, under the ring of a generation."""

    folder: Path
    url: str
    generation: int = 1

    def start(self) -> subprocess.Popen:
        environ = {
            "PATH": os.environ["PATH"],
            "PORTAL_INSTANCE_DIR": str(self.folder),
            "PORTAL_DATABASE_URL": self.url.replace("postgresql+psycopg:", "postgresql:"),
            "PORTAL_KEYS": ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in _ring(self.generation)),
        }
        command = [sys.executable, "-m", "portal", "keys", "rotate"]
        return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def complete(self) -> float:
        began = time.monotonic()
        process = self.start()
        told, _ = process.communicate(timeout=600)
        assert self._is_through(process, told), told.decode()
        return time.monotonic() - began

    def is_killed(self, after: float) -> bool:
        """Kill it after so many seconds. False where it was through by then."""
        process = self.start()
        with suppress(subprocess.TimeoutExpired):
            told, _ = process.communicate(timeout=after)
            assert self._is_through(process, told), told.decode()
            self.generation += 1
            return False
        process.kill()
        process.communicate()
        return True

    @staticmethod
    def _is_through(process: subprocess.Popen, told: bytes) -> bool:
        """Companies that somebody adds under an older key behind its back are no fault of a rotation's."""
        return process.returncode == 0 or (process.returncode == 1 and b"They came meanwhile" in told)


def rotate_and_kill(folder: Path, url: str, *, secrets: int, kills: int) -> Tally:
    """Kill `portal keys rotate` so often, complete it, take the older keys away, and open everything."""
    _plant(folder, url, secrets)
    rotating = _Rotating(folder, url)
    command = [sys.executable, "-m", "tests.faults.keys", url, str(folder)]
    somebody = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    alone = rotating.complete()
    idle = rotating.complete()
    rotating.generation += 1
    killed = 0
    while killed < kills:
        killed += rotating.is_killed(random.uniform(idle * 0.5, idle + min(alone - idle, 0.4)))
    told = somebody.communicate("\n", timeout=60)[0].split()
    rotating.complete()
    rotating.complete()
    return Tally(
        secrets=secrets,
        kills=killed,
        rotations=rotating.generation,
        alone=alone,
        undecryptable=_undecryptable(folder, url, rotating.generation),
        reads=int(told[0]),
        writes=int(told[1]),
        refused=int(told[2]),
        longest=float(told[3]),
    )


def _ring(generation: int) -> list[tuple[str, bytes]]:
    """The newest first, as the settings have it."""
    return [(f"g{number}", hashlib.sha256(b"key %d" % number).digest()) for number in range(generation, -1, -1)]


def _app(folder: Path, url: str, ring: list[tuple[str, bytes]]) -> Flask:
    return build(folder, Clock(), database_url=url, key_ring=tuple(ring))


def _plant(folder: Path, url: str, secrets: int) -> None:
    """So many companies below the provider, each with one configuration and its password, under the oldest key."""
    app = _app(folder, url, _ring(0))
    with app.app_context():
        upgrade()
        cast = plant(app.extensions["portal.services"])
        cast.config(cast.pia)
        for start in range(0, secrets, 2000):
            numbers = range(1000 + start, 1000 + min(secrets, start + 2000))
            _plant_some(app.extensions["portal.services"].keys.vault, cast.pia.tenant, numbers)
        db.session.remove()
        db.engine.dispose()


def _plant_some(vault: Vault, root: Tenant, numbers: range) -> None:
    now, companies, configs = Clock()(), [], []
    with unit_of_work(SYSTEM) as session:
        model = _columns(session.scalars(select(mail_configs.MailConfigRow)).first())
        for number in numbers:
            tenant_id, config_id = TenantId(new_id()), ConfigId(new_id())
            key = vault.new_tenant_key(tenant_id)
            sealed = vault.for_tenant(tenant_id, key).seal_password(
                _password_of(config_id), config_id, _DRAFT.destination
            )
            companies.append({
                "id": tenant_id, "parent_id": root.id, "kind": "reseller", "name": f"Company {number}",
                "name_key": f"company {number}", "label": number, "path": paths.path_below(root, number),
                "status": "active", "active_config_id": None, "shows_sender": True, "data_key": key, "version": 1,
                "created_at": now,
            })  # fmt: skip
            configs.append({**model, "id": config_id, "tenant_id": tenant_id, "password": sealed})
        session.execute(insert(tenants.TenantRow), companies)
        session.execute(insert(mail_configs.MailConfigRow), configs)


def _columns(row: mail_configs.MailConfigRow) -> dict:
    return {column.key: getattr(row, column.key) for column in mail_configs.MailConfigRow.__table__.columns}


def _password_of(config_id: UUID) -> Secret:
    return Secret(f"secret of {config_id}")


def _undecryptable(folder: Path, url: str, generation: int) -> int:
    """How many passwords do not open with the newest key alone, or are not what was sealed."""
    app, vault = _app(folder, url, _ring(generation)), Vault(KeyRing.of(_ring(generation)[:1]))
    with app.app_context():
        count = _count_broken(vault)
        db.session.remove()
        db.engine.dispose()
    return count


def _count_broken(vault: Vault) -> int:
    count = 0
    with reading(SYSTEM) as session:
        keys = dict(session.execute(select(tenants.TenantRow.id, tenants.TenantRow.data_key)).all())
        for row in session.scalars(select(mail_configs.MailConfigRow).execution_options(yield_per=1000)):
            try:
                own = vault.for_tenant(TenantId(row.tenant_id), keys.pop(row.tenant_id, b""))
                opened = own.open_password(row.password, ConfigId(row.id), mail_configs.draft_of(row).destination)
            except SealBrokenError:
                count += 1
                continue
            count += opened not in {_password_of(row.id), Secret("open sesame")}
        for tenant_id, key in keys.items():  # companies without any password
            try:
                vault.for_tenant(TenantId(tenant_id), key)
            except SealBrokenError:
                count += 1
    return count


def main() -> None:
    """Read and write passwords, and add companies, with a ring in which the newest key is the last."""
    app = _app(Path(sys.argv[2]), sys.argv[1], _ring(_RINGS)[::-1])
    services, counts, longest = app.extensions["portal.services"], {"reads": 0, "writes": 0, "refused": 0}, 0.0
    with app.app_context():
        with reading(SYSTEM) as session:
            ids = session.execute(select(mail_configs.MailConfigRow.tenant_id, mail_configs.MailConfigRow.id)).all()
            pia = Actor(new_id(), tenants.find_root(session), Role.OWNER, "", "Pia")
        while not readiness.select([sys.stdin], [], [], 0.01)[0]:
            tenant_id, config_id = random.choice(ids)
            began = time.monotonic()
            try:
                counts[_use(services, pia, TenantId(tenant_id), ConfigId(config_id))] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, somebody was refused
                counts["refused"] += 1
                sys.stderr.write(f"{error!r}\n")
            longest = max(longest, time.monotonic() - began)
        db.session.remove()
        db.engine.dispose()
    sys.stdout.write(f"{counts['reads']} {counts['writes']} {counts['refused']} {longest:.3f}\n")


def _use(services: object, pia: Actor, tenant_id: TenantId, config_id: ConfigId) -> str:
    if random.random() < 0.02:
        services.tenants.create(pia, pia.tenant.id, kind="reseller", name=f"Made meanwhile {new_id()}")
    if random.random() < 0.3:
        services.mail_passwords.change(pia, tenant_id, config_id, password=_password_of(config_id))
        return "writes"
    with reading(SYSTEM) as session:
        row = mail_configs.get_row(session, tenant_id, config_id)
        own = services.mail_passwords.passwords.of_tenant(session, tenant_id)
        own.open_password(row.password, config_id, mail_configs.draft_of(row).destination)
    return "reads"


if __name__ == "__main__":
    main()
