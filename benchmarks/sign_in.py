"""python -m benchmarks.sign_in [--write]: measure whether time tells an account from a missing one."""

import argparse
import statistics
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade
from passlib.context import CryptContext

from benchmarks import machine
from benchmarks.page import FIGURES, keep
from portal.app import create_app
from portal.domain.errors import PortalError
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.mail.egress import Egress
from portal.services import Services, World
from portal.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
TRIES = 500
# The smallest cost there is: whatever hides behind a costly hash is seen here.
SMALL = CryptContext(schemes=["argon2"], argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = _table(Path(folder))
    print(text)
    if options.write:
        keep(text, FIGURES, "sign-in")


def _table(folder: Path) -> str:
    environ = {"PORTAL_INSTANCE_DIR": str(folder), "PORTAL_SECRET_KEY": "a key for this measurement alone" * 2}
    settings = Settings.from_environ(environ | {"PORTAL_KEYS": f"a:{'QUFB' * 10}QUE="}, ROOT)
    world = World(lambda: datetime.now(UTC), Egress(), SMALL, ROOT / "templates" / "mail")
    app = create_app(settings, world=world)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        services: Services = app.extensions["portal.services"]
        root = services.tenants.set_up(name="Root")
        for number in range(TRIES):
            email = f"known-{number}@demo.test"
            services.accounts.add(root.id, email=email, name="X", role=Role.STAFF, password=Secret("a long enough one"))
        lines = [_line(name, *_times(services, name)) for name in ("sign-in", "forgotten password")]
    return "\n".join(
        [
            f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}.",
            "",
            f"| {TRIES} interleaved tries each | somebody, median | nobody, median | gap of the medians |",
            "|---|---|---|---|",
            *lines,
        ]
    )


def _times(services: Services, name: str) -> tuple[list[float], list[float]]:
    known, unknown = [], []
    for number in range(TRIES):
        pair = ((known, f"known-{number}@demo.test"), (unknown, f"nobody-{number}@demo.test"))
        for times, email in pair if number % 2 else pair[::-1]:
            began = time.perf_counter()
            _try(services, name, email, address=f"10.{number % 250}.{number // 250 * 2 + (times is known)}.1")
            times.append(time.perf_counter() - began)
    return known, unknown


def _try(services: Services, name: str, email: str, *, address: str) -> None:
    with suppress(PortalError):
        if name == "sign-in":
            services.accounts.sign_in(email, Secret("not the password"), address=address)
        else:
            services.password_changes.ask(email, address=address)


def _line(name: str, known: list[float], unknown: list[float]) -> str:
    middle = statistics.median(known), statistics.median(unknown)
    return f"| {name} | {middle[0] * 1e3:.2f} ms | {middle[1] * 1e3:.2f} ms | {(middle[0] - middle[1]) * 1e3:+.2f} ms |"


if __name__ == "__main__":
    main()
