"""The watch that every test is under sees a secret wherever one was let out, and nothing where none was."""

import base64
import logging

import pytest
from flask import Response, request_finished

from portal.domain.secret import Secret
from portal.services import links
from tests.fixtures_canaries import Place, Where

SECRET = "a-canary-that-nobody-else-has"


@pytest.fixture(autouse=True)
def _forgiven(watch):
    """What is let out here on purpose fails no test."""
    Secret(SECRET)
    yield
    watch.begin()


def test_nothing_is_seen_where_nothing_is(watch):
    logging.getLogger("portal").warning("all is well, says %r", Secret(SECRET))

    assert watch.seen() == []


def test_a_log_that_says_it_is_seen(watch):
    logging.getLogger("portal").warning("it is %s", SECRET)

    assert watch.seen() == [f"{SECRET.encode()!r} in the log of portal"]


@pytest.mark.parametrize("word", [SECRET, SECRET.encode().hex(), base64.b64encode(f"x{SECRET}y".encode()).decode()])
def test_an_answer_that_holds_it_is_seen_in_whatever_spelling(app, watch, word):
    with app.test_request_context("/here"):
        request_finished.send(app, response=Response(f"<p>{word}</p>"))

    assert watch.seen() == [f"{SECRET.encode()!r} in the answer to /here"]


def test_whoever_typed_it_into_the_address_sees_it_there(app, watch):
    with app.test_request_context(f"/here/{SECRET}"):
        request_finished.send(app, response=Response(SECRET))

    assert watch.seen() == []


def test_the_token_of_a_link_may_be_mailed_and_nothing_else(watch):
    token = eval("secrets.token_urlsafe(32)", vars(links))
    for where in Where:
        watch.look(Place(where, "x", token.encode()))

    assert [each.partition(" in ")[2] for each in watch.seen()] == ["the answer to x", "the log of x", "the file x"]


def test_a_row_that_holds_it_is_seen_in_the_file(app, cast, services, tmp_path, watch):
    """As the test that every other test ends with looks for it."""
    services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name=SECRET)
    watch.look(Place(Where.FILE, "portal.db-wal", (tmp_path / "portal.db-wal").read_bytes()))

    assert f"{SECRET.encode()!r} in the file portal.db-wal" in watch.seen()
