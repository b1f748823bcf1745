"""python -m benchmarks.pages [--quick] [--write]: what pages cost inside of the process, beside a bare one."""

import argparse
import gc
import gzip
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from jinja2 import Template
from sqlalchemy import event

from benchmarks import machine
from benchmarks.asking import Ask, asker, client_calls, rounds_of, statements, times_of
from benchmarks.delivery.ours import made
from benchmarks.mail.stage import Place
from benchmarks.million import multiply
from benchmarks.page import FIGURES, keep
from benchmarks.page_peers import hello, plain_page
from portal.domain.outgoing import Mailbox, Outgoing
from portal.services.sign_ins import SignIns
from portal.store.db import db
from portal.store.prepared import Prepared
from tests.cast import Cast, plant
from tests.page import Browser

_ROWS = 50
_LISTS = ("mail-configs", "people", "profiles", "contacts", "mail-log", "audit-log")
_OF_A_MILLION = (*_LISTS, "mail-configs/new", "administration", "dashboard")
_LIST = "mail-configs"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that everything runs")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    options = parser.parse_args()
    rounds, companies = (3, 10_000) if options.quick else (15, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        text = _report(Path(folder), rounds=rounds)
    with tempfile.TemporaryDirectory() as folder:
        text += _large(Path(folder), companies=companies, count=rounds * 4)
    print(text)
    if options.write:
        keep(text, FIGURES, "pages")


def _report(folder: Path, *, rounds: int) -> str:
    app = made(folder, Place(2), None)
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        _fill(cast)
    sue = Browser.of(app, cast.sue)
    ours = {path: asker(app, sue, f"/t/{cast.sue.tenant.id}/{path}") for path in _LISTS}
    pages = {"hello, a bare Flask page": hello(), f"plain ORM page, {_ROWS} rows": plain_page(folder, _ROWS), **ours}
    for ask in pages.values():
        times_of(ask, 5)
    unfrozen = times_of(ours[_LIST], rounds * 20)
    gc.collect()
    gc.freeze()
    found = rounds_of(pages, rounds=rounds, each=12)
    lines = []
    for name, ask in pages.items():
        with statements(app) as asked:
            body = ask()
        count = str(len(asked)) if name in ours else "not counted"
        lines.append(_line(name, found, times_of(ask, rounds * 20), count, body))
    return "\n".join(
        [
            f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}; {_load()}.",
            "",
            "| page, signed in | CPU | × hello, min / median / max | p50 | p99 | statements | KB | KB gzipped |",
            "|---|---|---|---|---|---|---|---|",
            *lines,
            "",
            _through_client(folder, rounds, asker(app, sue, f"/t/{cast.sue.tenant.id}/{_LIST}", client_calls)),
            "",
            _shares(app, ours[_LIST], rounds * 4),
            "",
            f"Collector before the start was frozen: p99 {_centile(unfrozen, 99) * 1e3:.2f} ms of the same list.",
            "",
            _first_visit(sue, f"/t/{cast.sue.tenant.id}/{_LIST}"),
        ]
    )


def _through_client(folder: Path, rounds: int, ours: Ask) -> str:
    """The ratio where everybody's request is made anew and everybody's answer is read, which hello feels most."""
    plain = folder / "client"
    plain.mkdir()
    pages = {"hello": hello(client_calls), "plain ORM page": plain_page(plain, _ROWS, client_calls), _LIST: ours}
    for ask in pages.values():
        times_of(ask, 5)
    found = rounds_of(pages, rounds=rounds, each=12)
    floor = statistics.median(found["hello"])
    told = [f"{name} {_against(found, name)} ×" for name in list(pages)[1:]]
    return f"Asked by Flask's test client, hello takes {floor * 1e3:.3f} ms; against it: {', '.join(told)}."


def _against(found: Mapping[str, list[float]], name: str) -> str:
    floor = next(iter(found.values()))
    ratios = [own / base for own, base in zip(found[name], floor, strict=True)]
    return f"{min(ratios):.1f} / **{statistics.median(ratios):.1f}** / {max(ratios):.1f}"


def _load() -> str:
    return f"load {os.getloadavg()[0]:.0f} while it ran"


def _fill(cast: Cast) -> None:
    services, own = cast.services, cast.sue.tenant.id
    for number in range(_ROWS):
        cast.config(cast.sue, name=f"Relay {number}")
        services.tenants.create(cast.pia, own, kind="customer", name=f"Company {number}")
        services.invitations.invite(cast.sue, own, email=f"otto{number}@demo.test", name="Otto", role="staff")
        services.profiles.create(cast.sue, own, name=f"Profile {number}")
    services.contacts.add(cast.sue, own, kind="billing", name="Books", email="books@demo.test")


def _line(name: str, found: Mapping[str, list[float]], times: list[float], asked: str, body: bytes) -> str:
    floor = next(iter(found.values()))
    ratios = [own / base for own, base in zip(found[name], floor, strict=True)]
    size, zipped = len(body) / 1024, len(gzip.compress(body)) / 1024
    return (
        f"| {name} | {statistics.median(found[name]) * 1e3:.2f} ms "
        f"| {min(ratios):.0f} / **{statistics.median(ratios):.0f}** / {max(ratios):.0f} "
        f"| {_centile(times, 50) * 1e3:.2f} ms | {_centile(times, 99) * 1e3:.2f} ms "
        f"| {asked} | {size:.0f} | {zipped:.0f} |"
    )


def _centile(times: list[float], centile: int) -> float:
    return statistics.quantiles(times, n=100)[centile - 1]


def _shares(app: Flask, ask: Ask, count: int) -> str:
    """Where the processor's time of one page goes."""
    spent: dict[str, float] = {}
    with app.app_context():
        engine = db.engine
    session, template = _timing(SignIns, "stay_of", "session", spent), _timing(Template, "render", "template", spent)
    prepared_ones = _timing(Prepared, "rows", "statements", spent)
    with session, template, prepared_ones, _timing_statements(engine, spent):
        total = sum(times_of(ask, count))
    told = ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in spent.items())
    return f"Of the list of configurations: {told}. The session holds one of the statements."


@contextmanager
def _timing(owner: object, name: str, label: str, spent: dict[str, float]) -> Iterator[None]:
    usual = getattr(owner, name)

    def timed(*values: object, **named: object) -> object:
        began = time.thread_time()
        try:
            return usual(*values, **named)
        finally:
            spent[label] = spent.get(label, 0.0) + time.thread_time() - began

    with patch.object(owner, name, timed):
        yield


@contextmanager
def _timing_statements(engine: object, spent: dict[str, float]) -> Iterator[None]:
    """The database's own part. Making values of the rows is in it only where a statement is prepared."""
    began = [0.0]

    def before(*_values: object) -> None:
        began[0] = time.thread_time()

    def after(*_values: object) -> None:
        spent["statements"] = spent.get("statements", 0.0) + time.thread_time() - began[0]

    pairs: list[tuple[str, Callable[..., None]]] = [("before_cursor_execute", before), ("after_cursor_execute", after)]
    for name, listener in pairs:
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in pairs:
            event.remove(engine, name, listener)


def _first_visit(browser: Browser, url: str) -> str:
    page = browser.page(url)
    files = sorted(set(re.findall(r"/assets/[^\"#]+", page.html)))
    bodies = [browser.client.get(each, headers={"Accept-Encoding": "gzip"}).data for each in files]
    parts = [f"page {len(gzip.compress(page.html.encode())) / 1024:.0f} KB"]
    parts += [
        f"{each.split('/')[-1].split('.')[-1]} {len(body) / 1024:.0f} KB"
        for each, body in zip(files, bodies, strict=True)
    ]
    total = len(gzip.compress(page.html.encode())) + sum(map(len, bodies))
    return f"A first visit of that list weighs {total / 1024:.0f} KB, gzipped: {', '.join(parts)}."


def _large(folder: Path, *, companies: int, count: int) -> str:
    app = made(folder, Place(2), None)
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        _fill_root(cast)
        root = cast.pia.tenant.id.hex, cast.pia.tenant.path
        path = Path(str(db.engine.url.database))
        db.engine.dispose()
    took = multiply(path, root, companies)
    pia = Browser.of(app, cast.pia)
    urls = {each: f"/t/{cast.pia.tenant.id}/{each}" for each in _OF_A_MILLION}
    urls |= {"mail-log, companies below along": f"/t/{cast.pia.tenant.id}/mail-log?below=1", "queue": "/queue"}
    lines = [_large_line(name, times_of(asker(app, pia, url), count)) for name, url in urls.items()]
    with app.app_context():
        db.engine.dispose()
    return "\n".join(
        [
            "",
            "",
            f"**{companies:,} companies** below one provider, with {companies // 10:,} people and as many mails;",
            f"SQLite, {path.stat().st_size / 2**20:,.0f} MB, made in {took:.0f} s; {_load()}.",
            "",
            "| page of the provider, time of the processor | p50 | p99 |",
            "|---|---|---|",
            *lines,
        ]
    )


def _fill_root(cast: Cast) -> None:
    """One of everything, of which there will be many."""
    own = cast.pia.tenant.id
    cast.active_config(cast.pia)
    cast.services.profiles.create(cast.pia, own, name="Support")
    content = Outgoing(subject="Hello", text="A letter.")
    cast.services.sending.send(tenant_id=own, to=(Mailbox("sue@demo.test", "Sue"),), content=content)


def _large_line(name: str, times: list[float]) -> str:
    return f"| {name} | {_centile(times, 50) * 1e3:.1f} ms | {_centile(times, 99) * 1e3:.1f} ms |"


if __name__ == "__main__":
    main()
