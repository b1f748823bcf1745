"""Knows a browser that checks every page it fetches: headings, labels, ids, and nothing inline."""

import re
from contextvars import Context
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import Self

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.cast import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
_VOID = {"input", "meta", "link", "br", "hr", "img", "use", "path", "circle", "rect", "line"}


class Page(HTMLParser):
    """The parts of a page that tests and checks ask for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._text: list[str] = []
        self._path: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in _VOID:
            self._path.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._path and self._path.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "script" not in self._path and "style" not in self._path:
            self._text.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._text).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.tags
            if name == tag and all(attributes.get(key.rstrip("_")) == value for key, value in wanted.items())
        ]

    def value(self, name: str) -> str:
        """The value of the first input with this name."""
        return self.all("input", name=name)[0].get("value") or ""

    def fields(self) -> dict[str, str]:
        """What a browser would submit without touching anything: inputs, ticked boxes, chosen options, text areas."""
        values: dict[str, str] = {}
        for attributes in self.all("input"):
            name, kind = attributes.get("name"), attributes.get("type")
            ticked = kind not in {"checkbox", "radio"} or "checked" in attributes
            if name and ticked and kind != "submit":
                values.setdefault(name, attributes.get("value") or ("y" if kind == "checkbox" else ""))
        for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', self.html, re.DOTALL):
            chosen = re.search(
                r'<option[^>]*selected[^>]*value="([^"]*)"|<option[^>]*value="([^"]*)"[^>]*selected', options
            )
            values[name] = (chosen.group(1) or chosen.group(2) or "") if chosen else ""
        for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', self.html, re.DOTALL):
            # HTML §13.1.2.5: a line break right after the start tag is not part of the value.
            values[name] = unescape(re.sub(r"\A\r?\n", "", text))
        return values

    def complaints(self) -> list[str]:
        """What is wrong with this page, whatever it is about."""
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        found = [f"id {each!r} twice" for each in {each for each in ids if ids.count(each) > 1}]
        found += [f"<{tag}> with style" for tag, attributes in self.tags if "style" in attributes]
        found += [
            f"<{tag}> with {name}" for tag, attributes in self.tags for name in attributes if name.startswith("on")
        ]
        found += ["<script> without src" for attributes in self.all("script") if "src" not in attributes]
        found += ["<form> without action" for attributes in self.all("form") if not attributes.get("action")]
        found += [f"{attributes.get('name')} without a label" for attributes in self._nameless_controls()]
        if "<html" in self.html and len(self.all("h1")) != 1:
            found.append(f"{len(self.all('h1'))} × <h1>")
        return found

    def _nameless_controls(self) -> list[dict[str, str | None]]:
        labelled = {attributes.get("for") for attributes in self.all("label")}
        controls = [*self.all("input"), *self.all("select"), *self.all("textarea")]
        return [
            each
            for each in controls
            if each.get("type") not in {"hidden", "submit"}
            and each.get("id") not in labelled
            and not each.get("aria-label")
        ]


def undo_in(page: Page) -> tuple[str, dict[str, str]] | None:
    """The way back that a toast offers: where it posts, and what; None where it offers none."""
    found = re.search(r'<div class="toast".*?<form method="post" action="([^"]+)">(.*?)</form>', page.html, re.DOTALL)
    return (unescape(found[1]), Page(found[2]).fields()) if found else None


class SeparateRequests(FlaskClient):
    """Each request in a context of its own, as a server has it: what one leaves in `g` is not there for the next."""

    def open(self, *arguments: object, **options: object) -> TestResponse:
        return Context().run(super().open, *arguments, **options)


class Browser:
    """A Flask test client with somebody signed in; every page is checked in passing."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    @classmethod
    def of(cls, app: Flask, person: object = None) -> Self:
        app.test_client_class = SeparateRequests
        browser = cls(app.test_client())
        if person is not None:
            browser.sign_in(person.email)
        return browser

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/sign-in", {"email": email, "password": password}, at="/sign-in")

    def get(self, url: str, **options: object) -> TestResponse:
        return self._checked(self.client.get(url, **options))

    def post(
        self, url: str, fields: dict[str, object] | None = None, *, at: str | None = None, **options: object
    ) -> TestResponse:
        """Post a form with the CSRF token of the page `at` (by default of the session)."""
        data = {"csrf_token": self.token(at), **(fields or {})}
        return self._checked(self.client.post(url, data=data, **options))

    def page(self, url: str) -> Page:
        answer = self.get(url)
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
        return _read(answer.text)

    def token(self, at: str | None = None) -> str:
        html = self.client.get(at or "/me/mail", follow_redirects=True).text
        return _TOKEN.search(html)[1]

    def _checked(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and answer.text:
            assert _read(answer.text).complaints() == []
        return answer


@lru_cache(maxsize=8)
def _read(html: str) -> Page:
    """A page is checked when it comes and looked at by the test: it is read once."""
    return Page(html)
