"""Knows the portal as a contender: mails are handed in by the helper for programmers and delivered by one sender."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

from flask import Flask
from flask_migrate import upgrade
from passlib.context import CryptContext

from benchmarks.mail import letters
from benchmarks.mail.contenders import HOST, timed
from benchmarks.mail.stage import PASSWORD, USER, Place
from benchmarks.rounds import Measure
from portal.app import create_app
from portal.domain.ids import TenantId
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.mail.egress import Egress
from portal.services import Services, World
from portal.settings import Settings
from tests.cast import plant

ROOT = Path(__file__).resolve().parents[2]
_KEYS = {"PORTAL_SECRET_KEY": "a key for this measurement alone" * 2, "PORTAL_KEYS": f"a:{'QUFB' * 10}QUE="}
_SMALL = CryptContext(schemes=["argon2"], argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
# So many mails to many are handed in by one transaction of the caller.
_TOGETHER = 50


@contextmanager
def portal(place: Place, lane: Lane, count: int, url: str | None) -> Iterator[Measure]:
    """`url` is that of an empty PostgreSQL database; None is a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        app = made(Path(folder), place, url)
        tenant_id = company(app, place)
        yield lambda: timed(count, lambda many: _deliver(app, tenant_id, lane, many))


def made(folder: Path, place: Place, url: str | None, *, migrates: bool = True) -> Flask:
    """A portal whose loop is not started."""
    environ = {"PORTAL_INSTANCE_DIR": str(folder), **_KEYS}
    if url is not None:
        environ["PORTAL_DATABASE_URL"] = url
    egress = Egress((ip_network("127.0.0.0/8"),), frozenset({place.port}))
    world = World(lambda: datetime.now(UTC), egress, _SMALL, ROOT / "templates" / "mail", delivers=lambda: True)
    app = create_app(Settings.from_environ(environ, ROOT), world=world)
    if migrates:
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
    return app


def company(app: Flask, place: Place) -> TenantId:
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        door: dict[str, object] = {"encryption": "none", "signs_in": False, "username": ""}
        if place.encrypts:
            trust = {"trust_kind": "private_ca", "trust_pem": place.authority}
            door = {"encryption": "tls", "username": USER, "password": PASSWORD, **trust}
        cast.active_config(cast.sue, host=HOST, port=str(place.port), **door)
        return cast.sue.tenant.id


def _deliver(app: Flask, tenant_id: TenantId, lane: Lane, count: int) -> None:
    with app.app_context():
        services: Services = app.extensions["portal.services"]
        if lane is Lane.BULK:
            _hand_in_together(services, tenant_id, count)
        else:
            for number in range(count):
                hand_in(services, tenant_id, lane, number)
        owner = uuid4()
        while (claim := services.delivering.claim(owner, (lane,))) is not None:
            services.delivering.deliver(claim)


def hand_in(services: Services, tenant_id: TenantId, lane: Lane, number: int) -> None:
    to, content = _mail(number)
    services.sending.send(tenant_id=tenant_id, to=to, content=content, lane=lane)


def _hand_in_together(services: Services, tenant_id: TenantId, count: int) -> None:
    for first in range(0, count, _TOGETHER):
        mails = [_mail(number) for number in range(first, min(first + _TOGETHER, count))]
        services.sending.send_each(tenant_id=tenant_id, mails=mails, lane=Lane.BULK)


def _mail(number: int) -> tuple[tuple[Mailbox, ...], Outgoing]:
    content = Outgoing("Your invoice of March", letters.text_of(number, "2 KB"))
    return (Mailbox(letters.RECIPIENT, letters.RECIPIENT_NAME),), content
