"""Knows how a test gets an empty, migrated database of either kind, and how that is copied and put back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from portal.store.db import db
from portal.store.row_security import with_everything
from tests.postgres import Postgres


def address_of(server: Postgres, name: str) -> str:
    """Where a database is, as the settings put it."""
    return server.url(name).replace("postgresql:", "postgresql+psycopg:")


class InFile:
    """A SQLite file in a folder of the test's own, a copy of `source`."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.source, self._file, self._kept = source, folder / "portal.db", folder / "yesterday.db"

    @property
    def latest(self) -> Path:
        return self._file

    def new(self) -> str:
        shutil.copy(self.source, self._file)
        return f"sqlite:///{self._file}"

    def keep(self) -> None:
        """Copy the database as it is."""
        _let_go()
        shutil.copy(self._file, self._kept)

    def restore(self) -> None:
        """Put the copy in its place."""
        _let_go()
        shutil.copy(self._kept, self._file)

    def end(self) -> None:
        """Its folder is thrown away."""


class OnServer:
    """A database of the test's own on a PostgreSQL server; `source` is the name of the one that is copied."""

    def __init__(self, server: Postgres, source: str) -> None:
        self._server, self.source = server, source
        self._names: list[str] = []
        self._kept = ""

    @property
    def latest(self) -> str:
        return self._names[-1]

    def new(self) -> str:
        self._names.append(self._server.create(self.source))
        return address_of(self._server, self._names[-1])

    def keep(self) -> None:
        _let_go()
        self._kept = self._server.create(self._names[-1])
        self._names.insert(0, self._kept)

    def restore(self) -> None:
        _let_go()
        self._server.drop(self._names[-1])
        self._server.create(self._kept, name=self._names[-1])

    def end(self) -> None:
        for name in self._names:
            self._server.drop(name)


@contextmanager
def everything() -> Iterator[Connection]:
    """A transaction of neither of the portal's kinds, in which every company's rows are seen."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with_everything(connection)
        with connection.begin():
            yield connection


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()
