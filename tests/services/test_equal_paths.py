"""An account cannot be told from a missing one: both take the same steps, one password verification included."""

import re
from contextlib import suppress

import pytest
from passlib.context import CryptContext
from sqlalchemy import event

from portal.domain.errors import PortalError
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.services.browsers import Browser
from portal.store.db import db
from tests.counting import noting
from tests.page import Browser as Window

WRONG = "not the password"


@pytest.fixture
def strangers(cast, services):
    """Addresses that lead nowhere, each for a reason of its own."""
    for name, role in (("invited", Role.STAFF), ("disabled", Role.STAFF)):
        user = services.accounts.add(cast.sue.tenant.id, email=f"{name}@demo.test", name=name, role=role, password=None)
        if name == "disabled":
            services.users.disable(cast.sue, cast.sue.tenant.id, [user.id])
    return ["nobody@demo.test", "invited@demo.test", "disabled@demo.test"]


class Steps:
    """The kinds of statements, commits and password verifications of a piece of work."""

    def __init__(self, monkeypatch):
        self.taken = []
        for name in ("verify", "dummy_verify"):
            monkeypatch.setattr(CryptContext, name, self._noting(getattr(CryptContext, name)))

    def of(self, work):
        self.taken = []

        def committed(_connection):
            self.taken.append("COMMIT")

        event.listen(db.engine, "commit", committed)
        try:
            with noting(self._note), suppress(PortalError):
                work()
        finally:
            event.remove(db.engine, "commit", committed)
        return self.taken

    def _note(self, statement):
        if not statement.startswith("PRAGMA"):
            self.taken.append(statement.split("WHERE")[0])

    def _noting(self, verify):
        def noted(*arguments, **options):
            depth, self._depth = getattr(self, "_depth", 0), getattr(self, "_depth", 0) + 1
            try:
                return verify(*arguments, **options)
            finally:
                self._depth = depth
                if depth == 0:
                    self.taken.append("VERIFY")

        return noted


def test_a_sign_in_takes_the_same_steps_for_somebody_and_for_nobody(cast, services, strangers, monkeypatch):
    steps = Steps(monkeypatch)

    networks = iter(range(10))

    def sign_in(email):
        address = f"10.0.{next(networks)}.1"  # whoever comes from the same network again is only counted up
        browser = Browser("a mark", "Firefox", address)
        return lambda: services.accounts.sign_in(email, Secret(WRONG), address=address, browser=browser)

    known = steps.of(sign_in("sue@demo.test"))
    assert known.count("VERIFY") == 1
    assert [step for step in known if step.startswith("INSERT INTO audit")] != []
    for email in strangers:
        assert steps.of(sign_in(email)) == known


@pytest.mark.parametrize("path", ["/sign-in", "/password-resets"])
def test_the_answer_is_the_same_byte_for_byte_for_somebody_and_for_nobody(app, cast, strangers, path):
    def answer(email):
        browser = Window.of(app)
        form = path if path == "/sign-in" else f"{path}/new"
        token = browser.page(form).value("csrf_token")
        found = browser.client.post(path, data={"csrf_token": token, "email": email, "password": WRONG})
        headers = sorted((name, value) for name, value in found.headers if name != "Set-Cookie")
        return found.status_code, headers, found.text.replace(email, "…").replace(token, "…")

    known = answer("sue@demo.test")
    for email in strangers:
        assert _without_lengths(answer(email)) == _without_lengths(known)


def _without_lengths(answer):
    """Nor the id of the request, which is another one each time."""
    status, headers, text = answer
    same = [pair for pair in headers if pair[0] not in {"Content-Length", "X-Request-ID"}]
    return status, same, _without_tokens(text)


def _without_tokens(text):
    return re.sub(r'(name="csrf_token"[^>]*?value=")[^"]*', r"\1", text)
