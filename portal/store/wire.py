"""Knows how statements travel to PostgreSQL: prepared once for each connection, several of them in one round trip."""

import select
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus

_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_WIRE = "portal_wire"
_Formats = Sequence[PyFormat]


_Question = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Told:
    """A statement by the name under which the server knows it, and to which question somebody foresees its answer."""

    name: bytes
    values: Sequence[Any]
    formats: Sequence[Format]
    foreseen: _Question | None


class Wire:
    """One connection of the driver. What is only `told` waits for whatever is asked next and travels along with it.

    So an error may be that of a statement told before; the transaction is over then in any case, and nothing of it is
    kept. Statements of the driver itself may go in between, after what waits was sent. Raises what the driver raises.
    """

    def __init__(self, driver: Any) -> None:
        self._driver, self._server = driver, driver.pgconn
        self._transformer = Transformer(driver)
        self._known: dict[str, bytes] = {}
        self._numbers = count()
        self._waiting: list[_Told] = []
        self._foreseen: dict[_Question, Any] = {}
        self._beginning = 0

    def begin(self, *told: Sequence[str]) -> None:
        """How a transaction begins: words, and texts for their places. Where nothing follows there was none."""
        for words, *texts in told:
            self.tell(words, texts, (PyFormat.TEXT,) * len(texts))
        self._beginning = len(told)

    def tell(
        self, sql: str, values: Sequence[Any] = (), formats: _Formats = (), *, foreseen: _Question | None = None
    ) -> None:
        name = self._known.get(sql) or self._prepared(sql)
        transformer = self._transformer
        dumped = transformer.dump_sequence(values, formats)
        self._waiting.append(_Told(name, dumped, transformer.formats or (), foreseen))

    def foresee(self, sql: str, values: Sequence[Any], formats: _Formats) -> None:
        """Tell what will be asked in this transaction, so that the answer is there by then."""
        question = sql, tuple(values)
        self.tell(sql, values, formats, foreseen=question)
        self._foreseen[question] = None

    def ask(self, sql: str, values: Sequence[Any] = (), formats: _Formats = ()) -> Any:
        """The result, as libpq has it; `rows_of` makes rows of it."""
        if self._foreseen and (question := (sql, tuple(values))) in self._foreseen:
            if self._foreseen[question] is None:
                self.send()
            return self._foreseen.pop(question)
        self.tell(sql, values, formats)
        return self.send()[-1]

    def forget(self, sql: str) -> None:
        """What was foreseen of a statement may not hold any more: it is asked when it is."""
        self._foreseen = {question: result for question, result in self._foreseen.items() if question[0] != sql}

    def rows_of(self, result: Any) -> list[tuple[Any, ...]]:
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def send(self) -> list[Any]:
        """Send what waits. Returns a result for each."""
        told, self._waiting, self._beginning = self._waiting, [], 0
        if not told:
            return []
        try:
            results = self._carried(told)
        except BaseException:
            self._driver.close()  # its next answer would be that to another question
            raise
        for each, result in zip(told, results, strict=True):
            if result.status not in _DONE:
                error = self._error_of(result)
                if isinstance(error, psycopg.errors.InvalidSqlStatementName):
                    self.forget_what_is_known()
                raise error
            if each.foreseen in self._foreseen:
                self._foreseen[each.foreseen] = result
        return results

    def commit(self) -> None:
        """The same, and commit, in one round trip: what failed is not committed."""
        self._foreseen = {}
        if self._beginning and len(self._waiting) == self._beginning:
            self.forget_what_waits()
        elif (self._waiting or self._is_in_transaction) and self.ask("COMMIT").command_status != b"COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("what failed before cannot be committed")

    def roll_back(self) -> None:
        """Past the driver, which would throw away whatever is prepared. What was closed has nothing to roll back."""
        self.forget_what_waits()
        if self._is_in_transaction and not self._driver.closed:
            result = self._server.exec_(b"ROLLBACK")
            if result.status not in _DONE:
                raise self._error_of(result)

    def forget_what_waits(self) -> None:
        self._waiting, self._foreseen, self._beginning = [], {}, 0

    def forget_what_is_known(self) -> None:
        """Somebody else, as the driver where tables change, had the server throw away whatever was prepared."""
        self._known.clear()

    @property
    def _is_in_transaction(self) -> bool:
        return bool(self._server.transaction_status != TransactionStatus.IDLE)

    def _prepared(self, sql: str) -> bytes:
        name = b"portal_%d" % next(self._numbers)
        result = self._server.prepare(name, sql.encode())
        if result.status not in _DONE:
            raise self._error_of(result)
        self._known[sql] = name
        return name

    def _error_of(self, result: Any) -> psycopg.Error:
        if self._driver.closed:  # nobody is there to say what kind of error that is
            return psycopg.OperationalError(result.get_error_message())
        return psycopg.errors.error_from_result(result)

    def _carried(self, told: Sequence[_Told]) -> list[Any]:
        server = self._server
        if len(told) == 1:
            (only,) = told
            server.send_query_prepared(only.name, only.values, only.formats)
            return self._results(1)
        server.enter_pipeline_mode()
        for each in told:
            server.send_query_prepared(each.name, each.values, each.formats)
        server.pipeline_sync()
        results = self._results(len(told))
        self._next()  # the end of the trip
        server.exit_pipeline_mode()
        return results

    def _results(self, count: int) -> list[Any]:
        """One for each statement; behind each there is a None."""
        while self._server.flush():
            self._wait(select.POLLIN | select.POLLOUT)
            self._server.consume_input()
        results = []
        for _ in range(count):
            results.append(self._next())
            while self._next() is not None:
                pass
        return results

    def _next(self) -> Any:
        server = self._server
        while server.is_busy():
            self._wait(select.POLLIN)
            server.consume_input()
        return server.get_result()

    def _wait(self, events: int) -> None:
        waiting = select.poll()
        waiting.register(self._server.socket, events)
        waiting.poll()


def wire_of(connection: Any) -> Wire:
    """That of a connection, as the toolkit passes them around: there is one for each of the driver's."""
    driver = connection.driver_connection
    found: Wire | None = getattr(driver, _WIRE, None)
    if found is None:
        found = Wire(driver)
        setattr(driver, _WIRE, found)
    return found


def format_of(*, is_binary: bool) -> PyFormat:
    """How values travel: as text, so that the server knows their types by the statement; bytes as they are."""
    return PyFormat.BINARY if is_binary else PyFormat.TEXT
