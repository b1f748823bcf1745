"""Knows how a test gets a portal of its own: a fresh SQLite file, a clock it can turn, and a real mail server."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from types import MethodType
from weakref import WeakSet

import pytest
from flask import Flask
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from passlib.context import CryptContext
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from portal.app import create_app, somebody_delivers
from portal.domain import second_factor
from portal.domain.secret import Secret
from portal.mail.egress import Egress
from portal.services import Services, World
from portal.settings import Settings
from portal.store import writers
from portal.store.db import db
from tests.cast import Cast, plant
from tests.databases import InFile, OnServer, address_of
from tests.fixtures_canaries import Watch, Where
from tests.mail_server import MailServer, serving
from tests.page import Browser
from tests.postgres import Postgres, running

ROOT = Path(__file__).resolve().parent.parent
CHEAP_HASHES = CryptContext(schemes=["argon2"], argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)


_built: WeakSet[Flask] = WeakSet()
_dialects: dict[str, Dialect] = {}
_statements: dict = LRUCache(2000)


class CompiledTemplates(BytecodeCache):
    """Every test has a portal of its own, but they all have the same templates: each is compiled once."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_compiled = CompiledTemplates()


def _once_for_each_route(real: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """They all have the same routes, too. What werkzeug compiles of one depends on what its rule says and on nothing else."""
    compiled: dict[tuple[object, ...], Rule] = {}

    def compile_(rule: Rule) -> None:
        key = (rule.rule, rule.host, rule.subdomain, repr(rule.defaults))
        model = compiled.get(key)
        if model is None:
            real(rule)
            compiled[key] = rule
            return
        rule._parts, rule._trace, rule._converters = model._parts, model._trace, model._converters
        rule.arguments = model.arguments
        rule._build = MethodType(model._build.__func__, rule)
        rule._build_unknown = MethodType(model._build_unknown.__func__, rule)

    return compile_


Rule.compile = _once_for_each_route(Rule.compile)  # a third of what a new portal takes


@dataclass(frozen=True, slots=True)
class Planted:
    """A database to be copied (a file, or a name on the server), who is in it, and what was made for it that is secret."""

    source: Path | str
    cast: Cast
    secrets: Mapping[bytes, frozenset[Where]]


class Clock:
    """The time as the test says it is."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def settings_for(folder: Path, **changes: object) -> Settings:
    values = {
        "instance_dir": folder,
        "journal_dir": folder / "journal",
        "database_url": f"sqlite:///{folder / 'portal.db'}",
        "broker_url": None,
        "processes": 1,
        "production": False,
        "secret_key": Secret("a key for tests alone, long enough"),
        "key_ring": (("test", b"k" * 32),),
        "public_url": "http://portal.test",
        "port": 8000,
        "trusted_proxies": 0,
        "demo": False,
        "demo_password": None,
        "second_factor": second_factor.Rule.OPTIONAL,
        "breached_passwords": None,
        "egress_networks": (ip_network("127.0.0.0/8"),),
        "egress_ports": frozenset({25, 465, 587, 2525}),
        "cleartext_sign_in": False,
        "senders": 2,
        "tenant_per_minute": 0,
        "check_hours": 0,
        "mail_log_days": 90,
        "audit_days": 400,
        "log_format": "text",
        "metrics_token": None,
        "instance_default": None,
    }
    return Settings(**{**values, **changes})


def build(folder: Path, clock: Clock, *, steady: Callable[[], float] | None = None, **changes: object) -> Flask:
    """`steady` is the clock that is never turned; without one the other is never turned either, however it is moved."""
    settings = settings_for(folder, **changes)
    world = World(
        clock=clock,
        egress=Egress(allowed_networks=settings.egress_networks, allowed_ports=settings.egress_ports),
        hashes=CHEAP_HASHES,
        mail_templates=ROOT / "templates" / "mail",
        delivers=lambda: somebody_delivers(settings),
        steady=steady or (lambda: clock().timestamp()),
    )
    app = create_app(settings, world=world)
    app.jinja_env.bytecode_cache = _compiled
    with app.app_context():
        _share_what_is_compiled(db.engine)
    _built.add(app)
    return app


def _share_what_is_compiled(engine: Engine) -> None:
    """They ask their databases the same, too: a statement is compiled once for each dialect."""
    engine.dialect = _dialects.setdefault(engine.dialect.name, engine.dialect)
    engine.update_execution_options(compiled_cache=_statements)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="where the tests' rows live"
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL for as long as the tests run."""
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def _databases_are_let_go() -> Iterator[None]:
    """Close every connection, to mail servers too, when a test ends; a portal that lives on opens new ones (3.13 warns of forgotten ones)."""
    yield
    for app in list(_built):
        with app.app_context():
            app.extensions["portal.services"].delivering.rest()
            db.engine.dispose()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("empty")
    app = build(folder, Clock())
    with app.app_context():
        upgrade()
        db.engine.dispose()  # the last connection's end writes the log back into the file that is copied
    return folder / "portal.db"


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server on loopback with three doors: STARTTLS, implicit TLS, and neither."""
    with serving() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_postgres(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated database without a row, made once and copied for every test."""
    name = postgres.create()
    app = build(tmp_path_factory.mktemp("empty"), Clock(), database_url=address_of(postgres, name))
    with app.app_context():
        upgrade()
        db.engine.dispose()  # a database is copied only while nobody is in it
    return name


@pytest.fixture(scope="session")
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, watch: Watch) -> Planted:
    """A database with the cast and nobody else in it, made once and copied for every test that asks for `cast`."""
    folder, before = tmp_path_factory.mktemp("planted"), watch.kept()
    place = _place(request, folder)
    app = build(folder, Clock(), database_url=place.new())
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        db.session.remove()
        db.engine.dispose()
    return Planted(place.latest, cast, {key: value for key, value in watch.kept().items() if key not in before})


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[InFile | OnServer]:
    """Where the test's rows live: what `--database` names, with the cast in it where the test asks for `cast`."""
    source = request.getfixturevalue("planted").source if "cast" in request.fixturenames else None
    place = _place(request, tmp_path, source)
    yield place
    place.end()


@pytest.fixture
def on_postgres(postgres: Postgres, empty_postgres: str) -> Iterator[OnServer]:
    """Where the rows of a test live that is about PostgreSQL, whatever the others run on."""
    place = OnServer(postgres, empty_postgres)
    yield place
    place.end()


@pytest.fixture
def portal_on_postgres(on_postgres: OnServer, tmp_path: Path) -> Iterator[Flask]:
    """A portal whose rows live there, with nobody in it."""
    portal = build(tmp_path, Clock(), database_url=on_postgres.new())
    with portal.app_context():
        yield portal
        db.session.remove()
        db.engine.dispose()


def _place(request: pytest.FixtureRequest, folder: Path, source: Path | str | None = None) -> InFile | OnServer:
    """Where copies are made of `source`, or of an empty database."""
    if request.config.getoption("database") == "sqlite":
        return InFile(folder, source or request.getfixturevalue("empty_database"))
    return OnServer(request.getfixturevalue("postgres"), source or request.getfixturevalue("empty_postgres"))


@pytest.fixture
def make_portal(
    tmp_path: Path, database: InFile | OnServer, clock: Clock, mail_server: MailServer
) -> Callable[..., Flask]:
    """Builds a portal on an empty, migrated database; keyword arguments replace settings."""

    def make(**changes: object) -> Flask:
        ports = frozenset({25, 465, 587, 2525, *mail_server.ports})
        return build(tmp_path, clock, **{"database_url": database.new(), "egress_ports": ports, **changes})

    mail_server.clear()
    return make


@pytest.fixture
def app(make_portal: Callable[..., Flask]) -> Iterator[Flask]:
    portal = make_portal()
    with portal.app_context():
        yield portal


@pytest.fixture
def somebody_writes(
    app: Flask, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], AbstractContextManager[None]]:
    """While this is entered another process writes to the database, and nobody of the portal waits long for it."""
    if request.config.getoption("database") != "sqlite":
        pytest.skip("about SQLite's one writer")

    @contextmanager
    def writing() -> Iterator[None]:
        with closing(sqlite3.connect(tmp_path / "portal.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    monkeypatch.setattr(writers, "PATIENCE", 0.05)
    return writing


@pytest.fixture
def services(app: Flask) -> Services:
    return app.extensions["portal.services"]


@pytest.fixture
def cast(services: Services, database: InFile | OnServer, planted: Planted, watch: Watch) -> Cast:
    """Pia, Rex, Sue, Cal and Otto with their companies; nobody has a configuration yet."""
    if database.source != planted.source:
        return plant(services)
    watch.keep_again(planted.secrets)
    return replace(planted.cast, services=services)


@pytest.fixture
def as_(app: Flask) -> Callable[..., Browser]:
    """`as_(cast.sue)` is a browser in which Sue is signed in; `as_()` is a stranger's."""

    def browser(person: object = None) -> Browser:
        return Browser.of(app, person)

    return browser
