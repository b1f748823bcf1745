"""The composition root: settings → services → Flask. The only module that knows everyone."""

from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from passlib.context import CryptContext
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli, demo, web
from portal.domain.secret import Secret
from portal.mail.egress import Egress
from portal.services import Services, World, build_services
from portal.settings import BadSettingError, Settings
from portal.store import work
from portal.store.db import db
from portal.store.engines import prepare_engine
from portal.store.presence import Presence, is_anybody_present
from portal.web.door import Door
from portal.worker.bell import Bell
from portal.worker.duties import Duties
from portal.worker.engine import EngineWorker, build_engine, ring
from portal.worker.lock import Post, ProcessLock, is_taken
from portal.worker.loop import Loop

ROOT = Path(__file__).resolve().parent.parent
_PAGE_THREADS = 16  # as gunicorn.conf.py has them
# argon2id with its library's defaults (64 MiB, 3 passes): above the OWASP minimum of 19 MiB, 2 passes.
_HASHES = CryptContext(schemes=["argon2"])


def create_app(settings: Settings, *, world: World | None = None) -> Flask:
    """Build the portal. `world` replaces what comes from outside: time, network and the cost of hashing."""
    if settings.secret_key is None or not settings.key_ring:
        raise BadSettingError("PORTAL_SECRET_KEY and PORTAL_KEYS are not set, and the instance has no keys yet")
    app = Door("portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"), static_folder=None)
    app.static_folder = str(ROOT / "static")  # set afterwards: no route of its own, the assets have theirs
    _configure(app, settings)
    _open_database(app)
    if settings.demo:
        settings = demo.opened(settings)
    services = build_services(settings, world or _real_world(settings))
    app.extensions["portal.settings"] = settings
    app.extensions["portal.services"] = services
    _put_to_work(app, settings, services)
    web.register(app, settings)
    demo.register(app, settings)
    cli.register(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    return app


def _configure(app: Flask, settings: Settings) -> None:
    production = settings.production
    app.config.update(
        SECRET_KEY=settings.secret_key.reveal() if settings.secret_key else None,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        SESSION_COOKIE_NAME="__Host-portal" if production else "portal",
        SESSION_COOKIE_SECURE=production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=200,
        # The token lives as long as the session it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages send no Referer, not even to ourselves: asked for one over HTTPS, every form would be refused.
        WTF_CSRF_SSL_STRICT=False,
    )


def _engine_options(settings: Settings) -> dict[str, object]:
    """A connection for every thread that serves pages or sends."""
    return {"pool_size": _PAGE_THREADS + settings.senders + 1, "max_overflow": 4}


def _open_database(app: Flask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    with app.app_context():
        prepare_engine(db.engine)


def _put_to_work(app: Flask, settings: Settings, services: Services) -> None:
    """Give the portal what delivers for it: threads of this process, or a bell that wakes workers elsewhere."""
    duties = Duties(
        services.delivering, services.trial_runs, services.checks, services.forgetting, services.leaps, services.looks
    )
    with app.app_context():
        engine = db.engine
        post = ProcessLock(_lock_file(settings)) if settings.is_in_file else Presence(engine)
        if settings.broker_url:
            app.extensions["portal.engine"] = _engine_worker(app, settings.broker_url, duties, post)
            app.extensions["portal.worker"] = bell = _bell(app, duties)
            work.listen(engine, bell.tell)
            return
        app.extensions["portal.worker"] = loop = _loop(app, settings, duties, post)
        if settings.is_in_file:  # PostgreSQL tells every process by itself
            work.listen(engine, loop.tell)


def _loop(app: Flask, settings: Settings, duties: Duties, post: Post) -> Loop:
    return Loop(duties=duties, post=post, surroundings=app.app_context, senders=settings.senders, logger=app.logger)


def _engine_worker(app: Flask, broker_url: Secret, duties: Duties, post: Post) -> EngineWorker:
    def let_go() -> None:
        db.engine.dispose(close=False)  # what the process before the fork uses is left to it

    return EngineWorker(build_engine(broker_url), duties, post, app.app_context, let_go)


def _bell(app: Flask, duties: Duties) -> Bell:
    engine = app.extensions["portal.engine"].engine
    return Bell(
        waiting=lambda: duties.waiting().calls,
        ring=lambda lane: ring(engine, lane),
        surroundings=app.app_context,
        logger=app.logger,
    )


def _lock_file(settings: Settings) -> Path:
    return settings.instance_dir / "worker.lock"


def somebody_delivers(settings: Settings) -> bool:
    """Whether some process delivers: on this machine, or with PostgreSQL on any."""
    return is_taken(_lock_file(settings)) if settings.is_in_file else is_anybody_present()


def _real_world(settings: Settings) -> World:
    return World(
        clock=lambda: datetime.now(UTC),
        egress=Egress(allowed_networks=settings.egress_networks, allowed_ports=settings.egress_ports),
        hashes=_HASHES,
        mail_templates=ROOT / "templates" / "mail",
        delivers=lambda: somebody_delivers(settings),
    )
