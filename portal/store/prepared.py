"""Knows statements that are compiled once and then given to the driver as they are: what every mail passes through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Executable, Insert, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from portal.store.db import current
from portal.store.transaction import Transaction
from portal.store.troubles import refusal
from portal.store.values import Change, reader, writer

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The words of one kind of database, and what becomes of values on their way there."""

    sql: str
    is_positional: bool
    fixed: Values
    bound: tuple[tuple[str, Change | None], ...]

    def given(self, values: Values) -> Any:
        known = {**self.fixed, **values} if self.fixed else values
        if self.is_positional:
            return [known[name] if change is None else change(known[name]) for name, change in self.bound]
        return {name: known[name] if change is None else change(known[name]) for name, change in self.bound}


class Prepared:
    """A statement of the tables; what differs from one time to the next is a `bindparam` in it.

    It runs in the open transaction of a session, and what objects wait to write is written first; those already read
    are not told of what it changes. What the toolkit would do anew each time (find the words, bind, describe the
    result) is done once, which is most of the price of a small statement. Rows are plain tuples in the order of the
    columns. Raises what the toolkit raises.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}
        self._read: dict[str, list[tuple[int, Change]]] = {}

    def rows(self, session: Session, values: Values) -> list[tuple[Any, ...]]:
        compiled, opened = self._ready(session)
        cursor = opened.cursor
        try:
            rows: list[tuple[Any, ...]] = cursor.execute(compiled.sql, compiled.given(values)).fetchall()
        except opened.driver_error as error:
            raise refusal(opened.connection, error) from error
        changes = self._read.get(opened.dialect)
        if changes is None:
            changes = self._read[opened.dialect] = self._changes(opened.connection.dialect, cursor)
        return _taken(rows, changes) if rows and changes else rows

    def row(self, session: Session, values: Values) -> tuple[Any, ...] | None:
        """The only row, or None."""
        rows = self.rows(session, values)
        return rows[0] if rows else None

    def execute(self, session: Session, values: Values) -> int:
        """Returns how many rows it touched."""
        compiled, opened = self._ready(session)
        try:
            return int(opened.cursor.execute(compiled.sql, compiled.given(values)).rowcount)
        except opened.driver_error as error:
            raise refusal(opened.connection, error) from error

    def execute_all(self, session: Session, many: Sequence[Values]) -> int:
        """Once for each of these values; returns how many rows were touched altogether."""
        if len(many) == 1:
            return self.execute(session, many[0])
        compiled, opened = self._ready(session)
        cursor = opened.cursor
        try:
            cursor.executemany(compiled.sql, [compiled.given(values) for values in many])
        except opened.driver_error as error:
            raise refusal(opened.connection, error) from error
        return int(cursor.rowcount)

    def _ready(self, session: Session) -> tuple[_Compiled, Transaction]:
        opened = current(session)
        compiled = self._compiled.get(opened.dialect)
        if compiled is None:
            compiled = self._compiled[opened.dialect] = _compile(self._statement, opened.connection.dialect)
        return compiled, opened

    def _changes(self, dialect: Dialect, cursor: Any) -> list[tuple[int, Change]]:
        """What becomes of the values of some columns; which, depends on the types that the driver names."""
        columns = enumerate(zip(self._statement.selected_columns, cursor.description, strict=True))  # type: ignore[attr-defined]
        readers = [(place, reader(column.type, dialect, told[1])) for place, (column, told) in columns]
        return [(place, change) for place, change in readers if change is not None]


class Together:
    """Statements about different tables, none of which sees what another one writes: one to PostgreSQL.

    No name of a `bindparam` stands in two of them.
    """

    def __init__(self, first: Insert | Update, *others: Insert | Update) -> None:
        self._each = [Prepared(statement) for statement in (first, *others)]
        self._as_one = Prepared(first.add_cte(*(each.cte(f"part_{number}") for number, each in enumerate(others))))

    def execute(self, session: Session, *values: Sequence[Values]) -> int:
        """Each statement once for each of its values. Returns how many rows the first one touched."""
        is_one_to_one = len({len(many) for many in values}) == 1
        if is_one_to_one and current(session).dialect == "postgresql":
            joined = [dict(chain.from_iterable(each.items() for each in row)) for row in zip(*values, strict=True)]
            return self._as_one.execute_all(session, joined)
        touched = [each.execute_all(session, many) for each, many in zip(self._each, values, strict=True) if many]
        return touched[0]


def tell(session: Session, words: str) -> None:
    """Execute a statement that neither takes nor returns anything."""
    opened = current(session)
    try:
        opened.cursor.execute(words)
    except opened.driver_error as error:
        raise refusal(opened.connection, error) from error


def _taken(rows: list[tuple[Any, ...]], changes: Sequence[tuple[int, Change]]) -> list[tuple[Any, ...]]:
    """NULL is None whatever the type. Many rows are cheaper column by column."""
    if len(rows) == 1:
        (row,) = rows
        values = list(row)
        for place, change in changes:
            if (value := values[place]) is not None:
                values[place] = change(value)
        return [tuple(values)]
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, change in changes:
        columns[place] = [None if value is None else change(value) for value in columns[place]]
    return list(zip(*columns, strict=True))


def _compile(statement: Executable, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - every statement of a dialect with tables is
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    bound = tuple((name, writer(compiled.binds[name].type, dialect)) for name in names or ())
    return _Compiled(
        sql=compiled.string,
        is_positional=compiled.positional,
        fixed={name: each.value for name, each in compiled.binds.items() if not each.required},
        bound=bound,
    )
