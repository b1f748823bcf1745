"""Knows how one request is asked of the town and put back, and which fields of a form each way reads."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from tests.guards.inhabited import BOOKKEEPING, Inhabited, Visitor, everything
from tests.guards.routes import Way, ways

_read: set[str] = set()


class _Noticing(ImmutableMultiDict):
    """Remembers which fields somebody asked for by name."""

    def get(self, key: str, *arguments: object, **options: object) -> object:
        _read.add(key)
        return super().get(key, *arguments, **options)

    def getlist(self, key: str, *arguments: object, **options: object) -> list:
        _read.add(key)
        return super().getlist(key, *arguments, **options)

    def __getitem__(self, key: str) -> object:
        _read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        _read.add(str(key))
        return super().__contains__(key)


class _NoticingRequest(Request):
    parameter_storage_class = _Noticing


def ask(
    town: Inhabited, visitor: Visitor, way: Way, ids: Mapping[str, object], fields: Mapping[str, object]
) -> tuple[TestResponse, set[str], set[UUID]]:
    """The answer, whose business it changed as tables, and as companies; whatever that was is put back."""
    answer = visitor.ask(town.app, way.method, town.url(way, ids), fields)
    changed = town.records.changed()
    touched = town.records.touched(changed - BOOKKEEPING) if changed else set()
    if changed:
        town.records.restore()
    return answer, changed - BOOKKEEPING, touched


def form_of(way: Way, ids: Mapping[str, object]) -> dict[str, object]:
    """A form with everything in it; whoever only looks asks nothing in particular."""
    return {} if way.is_safe else everything(ids)


def fields_read(town: Inhabited, names: Iterable[str] = ("Pia", "Rex", "Sue")) -> dict[str, frozenset[str]]:
    """By the way's name, the fields that its view reads, asked by those who are let in furthest."""
    found = {}
    with _noticing(town.app):
        for way in ways(town.app):
            _read.clear()
            for name in names:
                visitor = town[name]
                ids = {**town.nobodys.ids, **town.company_of(visitor).ids}
                ask(town, visitor, way, ids, everything(ids))
            found[way.name] = frozenset(_read)
    return found


@contextmanager
def _noticing(app: Flask) -> Iterator[None]:
    usual, app.request_class = app.request_class, _NoticingRequest
    yield
    app.request_class = usual
