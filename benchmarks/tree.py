"""python -m benchmarks.tree [--companies N] [--folder F] [--write]: how quick the tree stays, a million wide."""

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from benchmarks import machine
from benchmarks.asking import asker, statements
from benchmarks.delivery.ours import made
from benchmarks.forest import Forest, planted_in
from benchmarks.mail.stage import Place
from benchmarks.page import FIGURES, keep
from portal.domain.ids import TenantId
from portal.domain.roles import Actor
from portal.domain.tree import Show, TreeQuery
from portal.web.forms.tree import address_of
from tests.page import Browser

_ROUNDS = 40


class Question(NamedTuple):
    """`name` says in the table what is asked of whose tree."""

    name: str
    tenant_id: TenantId
    query: TreeQuery


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=1_000_000, help="about so many; a million takes minutes")
    parser.add_argument("--folder", type=Path, help="plant them here, or measure those that were planted here before")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = _report(options.folder or Path(folder), options.companies)
    print(text)
    if options.write:
        keep(text, FIGURES, "tree")


def _report(folder: Path, companies: int) -> str:
    app = made(folder, Place(2), None, migrates=not (folder / "portal.db").exists())
    with app.app_context():
        forest = planted_in(app.extensions["portal.services"], companies)
    pia, sue = Browser.of(app, forest.cast.pia), Browser.of(app, forest.cast.sue)
    lines = [_line(app, pia, forest.cast.pia, each) for each in _questions(app, forest)]
    own = Question("a sub-reseller with one customer", forest.cast.sue.tenant.id, TreeQuery())
    lines.append(_line(app, sue, forest.cast.sue, own))
    return "\n".join(
        [
            f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}. {forest.size:,} companies, SQLite.",
            "",
            "| page of the tree | service p50 | service CPU | page p50 | page CPU | statements | KB |",
            "|---|---|---|---|---|---|---|",
            *lines,
        ]
    )


def _questions(app: Flask, forest: Forest) -> list[Question]:
    root, wide = forest.cast.pia.tenant.id, forest.wide
    with app.app_context():
        tree = app.extensions["portal.services"].tree
        first = tree.page(forest.cast.pia, root).top.branches
    return [
        Question("the provider: its first 50 companies", root, TreeQuery()),
        Question("the same with one branch open", root, TreeQuery(opened=(first[5].tenant.id,))),
        Question("10,000 customers side by side: the first 50", wide, TreeQuery()),
        Question("the same: 50 in the middle", wide, TreeQuery(after="customer 05000")),
        Question("the second of 32 levels", forest.deep, TreeQuery()),
        Question("found by name, many", root, TreeQuery("company")),
        Question("found by name, one among all", root, TreeQuery("customer 09999")),
        Question("found by name, one among 10,000", wide, TreeQuery("09999")),
        Question("those that fail", root, TreeQuery(show=Show.FAILING)),
        Question("those with a configuration of their own", root, TreeQuery(show=Show.OWN)),
        Question("those that are suspended: none", root, TreeQuery(show=Show.SUSPENDED)),
    ]


def _line(app: Flask, browser: Browser, actor: Actor, asked: Question) -> str:
    name, tenant_id, query = asked
    with app.app_context():
        service = _times(lambda: app.extensions["portal.services"].tree.page(actor, tenant_id, query))
        with app.test_request_context():
            ask = asker(app, browser, address_of(tenant_id, query))
    page, body = _times(ask), ask()
    figures = " | ".join(f"{each * 1e3:.1f} ms" for each in (*service, *page))
    with statements(app) as told:
        ask()
    return f"| {name} | {figures} | {len(told)} | {len(body) / 1024:.0f} |"


def _times(ask: Callable[[], object]) -> tuple[float, float]:
    """The median on the clock, and of the processor: on a machine that others use, too, these differ."""
    ask()
    gc.collect()
    walls, processor = [], []
    for _ in range(_ROUNDS):
        wall, began = time.perf_counter(), time.process_time()
        ask()
        walls.append(time.perf_counter() - wall)
        processor.append(time.process_time() - began)
    return statistics.median(walls), statistics.median(processor)


if __name__ == "__main__":
    main()
