"""Knows statements that are compiled once and then given to the driver as they are: what every mail passes through."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Insert, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from portal.store.db import connection_of
from portal.store.troubles import refusal

T = TypeVar("T")
Values = Mapping[str, Any]
_Change = Callable[[Any], Any]
_CURSOR = "portal.cursor"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The words of one kind of database, and what becomes of values on their way there and back."""

    sql: str
    is_positional: bool
    fixed: Values
    bound: tuple[tuple[str, _Change | None], ...]

    def given(self, values: Values) -> Any:
        known = {**self.fixed, **values}
        if self.is_positional:
            return tuple([known[name] if change is None else change(known[name]) for name, change in self.bound])
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
        self._read: dict[str, list[tuple[int, _Change]]] = {}

    def rows(self, session: Session, values: Values) -> list[tuple[Any, ...]]:
        compiled, connection = self._ready(session)

        def work(cursor: Any) -> list[tuple[Any, ...]]:
            rows = cursor.execute(compiled.sql, compiled.given(values)).fetchall()
            changes = self._changes(connection.dialect, cursor)
            return [_taken(row, changes) for row in rows] if changes else rows

        return _asked(connection, work)

    def row(self, session: Session, values: Values) -> tuple[Any, ...] | None:
        """The only row, or None."""
        rows = self.rows(session, values)
        return rows[0] if rows else None

    def execute(self, session: Session, values: Values) -> int:
        """Returns how many rows it touched."""
        compiled, connection = self._ready(session)
        return _asked(connection, lambda cursor: int(cursor.execute(compiled.sql, compiled.given(values)).rowcount))

    def execute_all(self, session: Session, many: Sequence[Values]) -> int:
        """Once for each of these values; returns how many rows were touched altogether."""
        if len(many) == 1:
            return self.execute(session, many[0])
        compiled, connection = self._ready(session)

        def work(cursor: Any) -> int:
            cursor.executemany(compiled.sql, [compiled.given(values) for values in many])
            return int(cursor.rowcount)

        return _asked(connection, work)

    def _ready(self, session: Session) -> tuple[_Compiled, Connection]:
        connection = connection_of(session)
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._statement, dialect)
        return self._compiled[dialect.name], connection

    def _changes(self, dialect: Dialect, cursor: Any) -> list[tuple[int, _Change]]:
        """What becomes of the values of some columns; which, depends on the types that the driver names."""
        if dialect.name not in self._read:
            columns = enumerate(zip(self._statement.selected_columns, cursor.description, strict=True))  # type: ignore[attr-defined]
            readers = [(place, _reader(column.type, dialect, told[1])) for place, (column, told) in columns]
            self._read[dialect.name] = [(place, reader) for place, reader in readers if reader is not None]
        return self._read[dialect.name]


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
        if is_one_to_one and connection_of(session).dialect.name == "postgresql":
            joined = [dict(chain.from_iterable(each.items() for each in row)) for row in zip(*values, strict=True)]
            return self._as_one.execute_all(session, joined)
        touched = [each.execute_all(session, many) for each, many in zip(self._each, values, strict=True) if many]
        return touched[0]


def tell(session: Session, words: str) -> None:
    """Execute a statement that neither takes nor returns anything."""
    _asked(connection_of(session), lambda cursor: cursor.execute(words))


def _taken(row: Sequence[Any], changes: Sequence[tuple[int, _Change]]) -> tuple[Any, ...]:
    """NULL is None whatever the type."""
    columns = list(row)
    for place, change in changes:
        if (value := columns[place]) is not None:
            columns[place] = change(value)
    return tuple(columns)


def _asked(connection: Connection, work: Callable[[Any], T]) -> T:
    """One cursor does for a whole connection: whatever it was asked is read to its end."""
    cursor = connection.info.get(_CURSOR)
    if cursor is None:
        driver: Any = connection.connection.driver_connection
        cursor = connection.info[_CURSOR] = driver.cursor()
    try:
        return work(cursor)
    except connection.dialect.loaded_dbapi.Error as error:
        raise refusal(connection, error) from error


def _compile(statement: Executable, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - every statement of a dialect with tables is
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    bound = tuple((name, _binder(compiled.binds[name].type, dialect)) for name in names or ())
    return _Compiled(
        sql=compiled.string,
        is_positional=compiled.positional,
        fixed={name: each.value for name, each in compiled.binds.items() if not each.required},
        bound=bound,
    )


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> _Change | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reader(kind: TypeEngine[Any], dialect: Dialect, told: object) -> _Change | None:
    return kind.dialect_impl(dialect).result_processor(dialect, told)
