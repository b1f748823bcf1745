"""Knows how workers of the task engine are started: those that deliver, and the one that keeps time for them."""

import gc
from typing import cast

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.cli.database import ensure_migrated, let_go
from portal.cli.keys import ensure_no_key_is_missing
from portal.cli.refusals import RefusedError
from portal.domain.outgoing import Lane
from portal.i18n import gettext as _
from portal.worker.engine import EngineWorker


@click.command
@click.option(
    "--lane",
    "lanes",
    multiple=True,
    type=click.Choice([lane.value for lane in Lane]),
    help="Deliver mail of this lane alone; give it several times for several. Without it: all of them.",
)
@click.option("--senders", type=click.IntRange(1, 64), default=4, show_default=True, help="How many mails at once.")
@with_appcontext
def worker(lanes: tuple[str, ...], senders: int) -> None:
    """Deliver mail until SIGTERM, woken by way of PORTAL_BROKER_URL."""
    engine_worker = _engine_worker()
    ensure_migrated()
    ensure_no_key_is_missing()
    let_go()
    engine_worker.enlist()
    gc.collect()
    gc.freeze()  # what was loaded by now stays: those who deliver need not look through it again and again
    engine_worker.engine.worker_main(
        [
            "worker",
            "--pool=prefork",
            f"--concurrency={senders}",
            f"--queues={','.join(lanes or [lane.value for lane in Lane])}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=WARNING",
        ]
    )


@click.command
@with_appcontext
def beat() -> None:
    """Keep time for the workers until SIGTERM. One of it is enough; two do no harm."""
    engine = _engine_worker().engine
    let_go()
    engine.Beat(loglevel="WARNING", scheduler_cls="celery.beat:Scheduler").run()


def _engine_worker() -> EngineWorker:
    if "portal.engine" not in current_app.extensions:
        raise RefusedError(
            _("PORTAL_BROKER_URL is not set: whoever serves the pages delivers too, and no worker is needed")
        )
    return cast("EngineWorker", current_app.extensions["portal.engine"])
