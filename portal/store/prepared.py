"""Knows statements that are compiled once and then given to the driver as they are: what every mail passes through."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from psycopg.adapt import PyFormat
from sqlalchemy import Boolean, Executable, Insert, Integer, LargeBinary, String, Update, func, literal_column, select
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from portal.store.db import current
from portal.store.transaction import Transaction
from portal.store.troubles import TakenAwayError, refusal
from portal.store.values import Change, reader, writer
from portal.store.wire import format_of

Values = Mapping[str, Any]
_PLAIN = String, Integer, Boolean
_NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The words of one kind of database, and what becomes of values on their way there, in the order of their places.

    `formats` say how each travels to PostgreSQL.
    """

    sql: str
    fixed: Values
    bound: tuple[tuple[str, Change | None], ...]
    formats: tuple[PyFormat, ...]

    def given(self, values: Values) -> list[Any]:
        known = {**self.fixed, **values} if self.fixed else values
        return [known[name] if change is None else change(known[name]) for name, change in self.bound]


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
        try:
            rows, kinds = _found(opened, compiled, compiled.given(values))
        except opened.driver_error as error:
            raise refusal(opened.connection, error) from error
        changes = self._read.get(opened.dialect)
        if changes is None:
            changes = self._read[opened.dialect] = self._changes(opened.connection.dialect, kinds())
        return _taken(rows, changes) if rows and changes else rows

    def row(self, session: Session, values: Values) -> tuple[Any, ...] | None:
        """The only row, or None."""
        rows = self.rows(session, values)
        return rows[0] if rows else None

    def execute(self, session: Session, values: Values) -> int:
        """Returns how many rows it touched."""
        return self.execute_all(session, (values,))

    def execute_all(self, session: Session, many: Sequence[Values]) -> int:
        """Once for each of these values; returns how many rows were touched altogether."""
        if not many:
            return 0
        compiled, opened = self._ready(session)
        given = [compiled.given(values) for values in many]
        try:
            if opened.is_on_postgres:
                for each in given:
                    opened.wire.tell(compiled.sql, each, compiled.formats)
                return sum(result.command_tuples or 0 for result in opened.wire.send()[-len(many) :])
            if len(given) == 1:
                return int(opened.cursor.execute(compiled.sql, given[0]).rowcount)
            return int(opened.cursor.executemany(compiled.sql, given).rowcount)
        except opened.driver_error as error:
            raise refusal(opened.connection, error) from error

    def tell(self, session: Session, many: Sequence[Values]) -> None:
        """The same, and nothing is learnt of it: to PostgreSQL it travels along with what is asked next, or the commit.

        So does its error.
        """
        compiled, opened = self._ready(session)
        if not opened.is_on_postgres:
            self.execute_all(session, many)
            return
        try:
            for values in many:
                opened.wire.tell(compiled.sql, compiled.given(values), compiled.formats)
        except opened.driver_error as error:
            raise refusal(opened.connection, error) from error

    def foresee(self, session: Session, values: Values) -> None:
        """Say that `rows` will be asked for with the same values, in this transaction and before they change.

        To PostgreSQL the question travels along with what is asked before it. Raises what the toolkit raises.
        """
        opened = current(session)
        if not opened.is_on_postgres:
            return
        compiled = self._words(opened)
        try:
            opened.wire.foresee(compiled.sql, compiled.given(values), compiled.formats)
        except opened.driver_error as error:
            raise refusal(opened.connection, error) from error

    def forget(self, session: Session) -> None:
        """What was foreseen may have changed: it is asked again."""
        opened = current(session)
        if opened.is_on_postgres:
            opened.wire.forget(self._words(opened).sql)

    def _ready(self, session: Session) -> tuple[_Compiled, Transaction]:
        opened = current(session)
        return self._words(opened), opened

    def _words(self, opened: Transaction) -> _Compiled:
        compiled = self._compiled.get(opened.dialect)
        if compiled is None:
            compiled = self._compiled[opened.dialect] = _compile(self._statement, opened.connection.dialect)
        return compiled

    def _changes(self, dialect: Dialect, told: Sequence[object]) -> list[tuple[int, Change]]:
        """What becomes of the values of some columns; which, depends on the types that the driver names."""
        columns = enumerate(zip(self._statement.selected_columns, told, strict=True))  # type: ignore[attr-defined]
        readers = [(place, reader(column.type, dialect, kind)) for place, (column, kind) in columns]
        return [(place, change) for place, change in readers if change is not None]


class Together:
    """Statements about different tables, none of which sees what another one writes: one to PostgreSQL.

    No name of a `bindparam` stands in two of them.
    """

    def __init__(self, first: Insert | Update, *others: Insert | Update) -> None:
        self._each = [Prepared(statement) for statement in (first, *others)]
        others_too = [each.cte(f"part_{number}") for number, each in enumerate(others)]
        self._as_one = Prepared(first.add_cte(*others_too))
        touched = first.returning(literal_column("1").label("one")).cte("first")
        self._as_one_that_counts = Prepared(
            select(func.portal_ensure_one(func.count())).select_from(touched).add_cte(*others_too)
        )

    def tell(self, session: Session, *values: Sequence[Values]) -> None:
        """Each statement once for each of its values, as `Prepared.tell`."""
        if joined := _joined(session, values):
            self._as_one.tell(session, joined)
        else:
            self._one_by_one(session, values)

    def ensure(self, session: Session, *values: Sequence[Values]) -> None:
        """The same, where the first one has to touch a row for each of its values.

        Else nothing of the transaction is committed, and TakenAwayError is raised: now, by what is asked next, or by
        the commit.
        """
        if joined := _joined(session, values):
            self._as_one_that_counts.tell(session, joined)
        elif self._one_by_one(session, values) != len(values[0]):
            raise TakenAwayError

    def _one_by_one(self, session: Session, values: Sequence[Sequence[Values]]) -> int:
        touched = [each.execute_all(session, many) for each, many in zip(self._each, values, strict=True) if many]
        return touched[0]


def tell(session: Session, words: str) -> None:
    """Execute a statement that neither takes nor returns anything, as `Prepared.tell`."""
    opened = current(session)
    try:
        if opened.is_on_postgres:
            opened.wire.tell(words)
        else:
            opened.cursor.execute(words)
    except opened.driver_error as error:
        raise refusal(opened.connection, error) from error


def _joined(session: Session, values: Sequence[Sequence[Values]]) -> list[Values]:
    """The values of all statements in one, where each has as many of them; nothing for SQLite."""
    if len({len(many) for many in values}) > 1 or not current(session).is_on_postgres:
        return []
    return [dict(chain.from_iterable(each.items() for each in row)) for row in zip(*values, strict=True)]


def _found(
    opened: Transaction, compiled: _Compiled, given: Sequence[Any]
) -> tuple[list[tuple[Any, ...]], Callable[[], list[object]]]:
    """The rows, and what tells what the driver says of each column: that is asked once for each statement."""
    if opened.is_on_postgres:
        result = opened.wire.ask(compiled.sql, given, compiled.formats)
        return opened.wire.rows_of(result), lambda: [result.ftype(place) for place in range(result.nfields)]
    rows = opened.cursor.execute(compiled.sql, given).fetchall()
    return rows, lambda: [told[1] for told in opened.cursor.description]


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
    fixed = {name: each.value for name, each in compiled.binds.items() if not each.required}
    sql, names = compiled.string, tuple(compiled.positiontup or ())
    if not compiled.positional:
        plain = {name: each for name, each in fixed.items() if isinstance(compiled.binds[name].type, _PLAIN)}
        sql, names = _numbered(compiled.string, plain)
    kinds = [compiled.binds[name].type for name in names]
    return _Compiled(
        sql=sql,
        fixed=fixed,
        bound=tuple((name, writer(kind, dialect)) for name, kind in zip(names, kinds, strict=True)),
        formats=tuple(format_of(is_binary=isinstance(kind, LargeBinary)) for kind in kinds),
    )


def _numbered(sql: str, fixed: Values) -> tuple[str, tuple[str, ...]]:
    """The same with numbers for the names of values, as PostgreSQL itself has them; and the names in that order.

    What is always the same is written out. A prepared statement is planned for whatever may come, so of a state that
    hardly any row has PostgreSQL would think that all rows have it, and read every one of them.
    """
    numbers: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        value = fixed.get(name := found[1])
        if isinstance(value, str):
            return "'" + value.replace("'", "''").replace("%", "%%") + "'"
        if isinstance(value, int):
            return str(value)
        return f"${numbers.setdefault(name, len(numbers) + 1)}"

    return _NAMED.sub(place, sql).replace("%%", "%"), tuple(numbers)
