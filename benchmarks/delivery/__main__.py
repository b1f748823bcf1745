"""python -m benchmarks.delivery [--quick] [--write]: measure mail from being handed in to being settled."""

import argparse
import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

from benchmarks import machine
from benchmarks.delivery import bare, ours, post_office, usual
from benchmarks.mail import stage
from benchmarks.page import FIGURES, keep
from benchmarks.rounds import Measure, compare
from benchmarks.table import markdown
from portal.domain.outgoing import Lane
from tests import postgres


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that everything runs")
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/benchmarks.md")
    options = parser.parse_args()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {0})
    rounds, count = (3, 50) if options.quick else (15, 300)
    head = f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}.\n"
    text = "\n".join([head, *_tables(rounds, count)])
    print(text)
    if options.write:
        keep(text, FIGURES, "delivery")


def _tables(rounds: int, count: int) -> Iterator[str]:
    with usual.broker() as broker:
        yield from _plain(broker, rounds, count)
        yield from _encrypted(broker, rounds, count)


def _plain(broker: str, rounds: int, count: int) -> Iterator[str]:
    with stage.plain() as place, ExitStack() as things:
        server = things.enter_context(postgres.running(durable=True))
        for name, url in (("SQLite", lambda: None), ("PostgreSQL", lambda: server.url(server.create()))):
            one_by_one = {
                "bare loop": things.enter_context(bare.loop(place, count, url())),
                "ours, interactive": things.enter_context(ours.portal(place, Lane.INTERACTIVE, count, url())),
            }
            _settle()
            rows = compare(one_by_one, reference="bare loop", rounds=rounds)
            yield markdown(f"One sender, one fence for each mail, {name}, 2 KB", rows)
        many: dict[str, Measure] = {
            "Celery, one task for each mail": things.enter_context(usual.stack(broker, place, count)),
            "ours, bulk": things.enter_context(ours.portal(place, Lane.BULK, count, None)),
            "django-post_office": things.enter_context(post_office.outbox(place, count)),
        }
        _settle()
        rows = compare(many, reference="Celery, one task for each mail", rounds=rounds)
        yield markdown("Mail to many, plain, SQLite, 2 KB", rows)


def _encrypted(broker: str, rounds: int, count: int) -> Iterator[str]:
    with stage.encrypted() as place, ExitStack() as things:
        os.environ["SSL_CERT_FILE"] = place.authorities
        many = {
            "Celery, one task for each mail": things.enter_context(usual.stack(broker, place, count)),
            "ours, bulk": things.enter_context(ours.portal(place, Lane.BULK, count, None)),
        }
        _settle()
        rows = compare(many, reference="Celery, one task for each mail", rounds=rounds)
        yield markdown("Mail to many, TLS and sign-in, SQLite, 2 KB", rows)


def _settle() -> None:
    """What everybody has loaded by now stays, as in a process that serves (gunicorn.conf.py) or delivers."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
