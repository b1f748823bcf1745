"""Knows how the portal is served: processes with sixteen threads for pages, and the delivery loop beside them."""

import os
import sys
from pathlib import Path

from dotenv import dotenv_values
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from portal.cli.keys import missing_keys
from portal.demo import Demo, PortTakenError, is_loopback
from portal.settings import BadSettingError, Settings
from portal.telemetry.logs import configure
from portal.worker.settling import settle

_ROOT = Path(__file__).resolve().parent
_IN_FILE = {name: value for name, value in dotenv_values(_ROOT / ".env").items() if value is not None}
try:
    _SETTINGS = Settings.from_environ({**_IN_FILE, **os.environ}, _ROOT)
except BadSettingError as problem:
    sys.exit(f"Error: {problem}")

bind = f"127.0.0.1:{_SETTINGS.port}"
# More than one only with PostgreSQL: on SQLite the pages and the delivery loop share a file.
workers = _SETTINGS.processes
worker_class = "gthread"
threads = 16
# Threads do not survive a fork, and engine connections should not: every process builds its own application.
preload_app = False
# Longer than a mail server may think about the end of a message, so that no answer is lost at a restart.
graceful_timeout = 75
# Paths may carry links that work once: the portal itself tells of each request, by the pattern of its address.
accesslog = None
errorlog = "-"
# Nobody steers it from outside: it would leave a socket in the home directory.
control_socket_disable = True


class _OneVoice(Logger):
    """What the server says goes the same way as what the portal says."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        configure(_SETTINGS.log_format)


logger_class = _OneVoice


def on_starting(server: Arbiter) -> None:
    """Refuse to show a demo to the network: everybody knows its passwords."""
    strangers = [address for address in server.cfg.address if not _is_loopback(address)]
    if _SETTINGS.demo and strangers:
        server.log.error("PORTAL_DEMO=1 is served on loopback alone, not on %s", strangers[0])
        sys.exit(2)


def post_worker_init(worker: Worker) -> None:
    """Start what runs beside the pages, in the process that serves them, unless a key or a wall is missing."""
    obstacle = _obstacle(worker)
    if obstacle:
        worker.log.error(obstacle)
        sys.exit(Arbiter.WORKER_BOOT_ERROR)
    demo = worker.wsgi.extensions.get("portal.demo")
    if demo:
        _start_mail_server(demo, worker)
    worker.wsgi.extensions["portal.worker"].start()
    settle()


def worker_exit(_server: Arbiter, worker: Worker) -> None:
    """Let the mail under way end before the process does."""
    app = getattr(worker, "wsgi", None)
    if app is None:  # the application could not be built
        return
    app.extensions["portal.worker"].stop()
    demo = app.extensions.get("portal.demo")
    if demo:
        demo.stop()


def _obstacle(worker: Worker) -> str:
    """Why the portal may not be served with the database that it has; empty where it may."""
    try:
        with worker.wsgi.app_context():
            return missing_keys(worker.wsgi.extensions["portal.services"])
    except BadSettingError as problem:
        return str(problem)


def _start_mail_server(demo: Demo, worker: Worker) -> None:
    try:
        demo.start()
    except PortTakenError as problem:
        worker.log.error(str(problem))  # noqa: TRY400 - the sentence says it all
        sys.exit(Arbiter.WORKER_BOOT_ERROR)


def _is_loopback(address: tuple[str, int] | str) -> bool:
    """Whether (host, port) is on loopback; the path of a socket is not."""
    return isinstance(address, tuple) and (address[0] == "localhost" or is_loopback(address[0]))
