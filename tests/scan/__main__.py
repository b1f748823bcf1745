"""Serves a portal with eight holes, and some without, on loopback alone; lets the scanners look at all and compares."""

import logging
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade
from werkzeug.serving import make_server

from tests.cast import plant
from tests.fixtures_portal import Clock, build
from tests.isolation.asking import fields_read
from tests.page import Browser
from tests.scan import holes, tools
from tests.scan.description import Json, describe, describe_planted, not_for
from tests.scan.served_town import serve, served_town
from tests.scan.tools import Finding

# Which finding, of which kinds and where, says that a hole was found.
PLANTED = {
    "SQL injection": (("SQL Injection", "SQL"), "/planted/rows"),
    "reflected XSS": (("Reflected Cross Site Scripting", "Cross Site Scripting"), "/planted/echo"),
    "stored XSS": (("Stored Cross Site Scripting", "Cross Site Scripting"), "/planted/notes"),
    "open redirect": (("Open Redirect",), "/planted/go"),
    "form without a token": (("Cross Site Request Forgery",), "/planted/settings"),
    "header injection": (("CRLF Injection", "CRLF"), "/planted/head"),
    "path traversal": (("Path Traversal", "File"), "/planted/file"),
    "template injection": (("B701",), "holes.py"),
}
# What schemathesis has to say of the first of them: that it breaks, that it tells with what, and that nobody announced it.
ODD_ANSWERS = ("Server error", "gives_nothing_away", "Undocumented status code")
# Seconds for which each of the two who are signed in asks odd things.
ODDLY = 120


def main() -> int:
    logging.disable(logging.CRITICAL)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(folder / "with", planted=True) as (url, _cookie):
            there = tools.wapiti(f"{url}planted/", folder, crawl=60, attack=60)
            there += tools.sqlmap(f"{url}planted/rows?id=1", folder, seconds=240)
            there += tools.bandit(Path(holes.__file__), folder)
            there += asked_oddly(url, describe_planted(holes.LOOKS, holes.ASKED), folder)
        with served(folder / "without", planted=False) as (url, cookie):
            others = tools.wapiti(url, folder, crawl=180, attack=90, cookie=cookie)
            others += tools.bandit(tools.ROOT / "portal", folder)
        others += asked_everything(folder / "town")
    found = [hole for hole, (kinds, place) in PLANTED.items() if any(is_at(each, kinds, place) for each in there)]
    missed = [kind for kind in ODD_ANSWERS if not any(is_at(each, (kind,), "/planted/rows") for each in there)]
    sys.stdout.writelines(f"not found: {hole}\n" for hole in PLANTED if hole not in found)
    sys.stdout.writelines(f"not found by schemathesis: {kind}\n" for kind in missed)
    sys.stdout.writelines(f"{each.tool}: {each.kind} at {each.place}\n" for each in sorted(set(others), key=repr))
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s\n")
    sys.stdout.write(f"{len(found)} of {len(PLANTED)} planted found, {len(set(others))} others\n")
    return int(len(found) < len(PLANTED) or bool(missed) or bool(others))


def asked_oddly(url: str, description: Json, folder: Path) -> list[Finding]:
    with tools.schemathesis(url.rstrip("/"), description, folder, seconds=20) as asked:
        pass  # this portal is served by a thread of its own
    return asked.findings("nobody")


def asked_everything(folder: Path) -> list[Finding]:
    """By Sue, who runs a company, and by Cal, who has nothing but his own mail: every way, with whatever it reads."""
    found = []
    with served_town(folder) as (town, server):
        read, url = fields_read(town), f"http://127.0.0.1:{server.server_port}"
        for visitor in (town["Sue"], town["Cal"]):
            how = {"seconds": ODDLY, "cookie": visitor.cookie, "secrets": not_for(town, visitor)}
            with tools.schemathesis(url, describe(town, visitor, read), folder, **how) as asked:
                serve(server, asked.running)
            found += asked.findings(visitor.name)
    return found


def is_at(finding: Finding, kinds: Sequence[str], place: str) -> bool:
    return place in finding.place and any(kind.casefold() in finding.kind.casefold() for kind in kinds)


@contextmanager
def served(folder: Path, *, planted: bool) -> Iterator[tuple[str, str]]:
    """Its address, and the cookie of somebody who is signed in."""
    folder.mkdir()
    app = build(folder, Clock())
    with app.app_context():
        upgrade()
        cast = plant(app.extensions["portal.services"])
        cast.active_config(cast.rex)
    browser = Browser.of(app, cast.rex)
    browser.token()  # from now on the cookie holds what the tokens of forms are checked with
    cookie = browser.client.get_cookie("portal")
    if planted:
        app._got_first_request = False  # the holes come after the first request, which signed somebody in
        holes.plant_holes(app, folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", f"portal={cookie.value}"
    finally:
        server.shutdown()


if __name__ == "__main__":
    raise SystemExit(main())
