"""What nobody waits for travels along with what is asked next, or with the commit; what failed is not committed."""

from datetime import UTC, datetime
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from portal.domain.errors import Trouble, UnavailableError
from portal.store import usable_configs
from portal.store.db import SYSTEM, alone, beside_others, db, on_one_connection, reading, table_of, unit_of_work
from portal.store.limits import LimitRow
from portal.store.prepared import Prepared, Together, tell
from portal.store.presence import Presence
from portal.store.tenants import TenantRow
from portal.store.troubles import TakenAwayError
from portal.store.wire import Wire, wire_of
from tests.cast import plant

pytestmark = pytest.mark.timeout(120)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIMITS = table_of(LimitRow)
ADD = Prepared(insert(LIMITS).values(key=bindparam("key"), since=AT, count=1))
COUNT_OF = Prepared(select(LIMITS.c.count).where(LIMITS.c.key == bindparam("key")))
RAISE = update(LIMITS).where(LIMITS.c.key == bindparam("key")).values(count=bindparam("to"))
OTHER = update(LIMITS).where(LIMITS.c.key == bindparam("other")).values(count=7)
BOTH = Together(RAISE, OTHER)
COMPANIES = Prepared(select(TenantRow.id))


@pytest.fixture
def portal(portal_on_postgres):
    return portal_on_postgres


@pytest.fixture
def trips(portal):
    """How many statements each round trip of the block carries."""
    carried = []

    def noted(wire, told):
        carried.append(len(told))
        return real(wire, told)

    with reading(SYSTEM) as session:
        COUNT_OF.row(session, {"key": "nobody's"})
    real = Wire._carried
    with patch.object(Wire, "_carried", noted):
        yield carried


def counts():
    with reading(SYSTEM) as session:
        return dict(session.execute(select(LimitRow.key, LimitRow.count)).all())


def add(session, *keys):
    ADD.tell(session, [{"key": key} for key in keys])


def test_a_transaction_begins_with_its_first_question_and_is_committed_with_its_last_words(trips):
    def work(session):
        COUNT_OF.row(session, {"key": "a"})
        add(session, "a", "b")
        tell(session, "NOTIFY somebody")

    beside_others(work)
    assert trips == [3, 4]  # BEGIN, lock with scope, and the question; two rows, the news and COMMIT
    trips.clear()
    assert counts() == {"a": 1, "b": 1}
    assert trips == [2, 1]  # BEGIN and scope before the toolkit asks; COMMIT


def test_where_nothing_is_asked_nothing_is_sent(trips):
    beside_others(lambda _session: None)
    with reading(SYSTEM):
        pass
    assert trips == []


def test_whoever_writes_alone_is_alone_from_the_start(trips):
    with unit_of_work(SYSTEM) as session:
        assert trips == [2]
        alone(session)


def test_what_the_toolkit_asks_sees_what_was_told_before(portal):
    with unit_of_work(SYSTEM) as session:
        add(session, "a")
        assert session.scalar(text("SELECT count(*) FROM limits")) == 1
        assert COUNT_OF.row(session, {"key": "a"}) == (1,)


def test_what_was_told_and_failed_is_not_committed_and_the_next_transaction_is_none_the_worse(portal):
    with pytest.raises(DBAPIError, match="limits"), unit_of_work(SYSTEM) as session:
        add(session, "a", "b", "a")
    assert counts() == {}
    with unit_of_work(SYSTEM) as session:
        add(session, "a")
    assert counts() == {"a": 1}


def test_the_error_of_what_was_told_is_met_where_something_is_asked_next(portal):
    with pytest.raises(DBAPIError, match="limits"), unit_of_work(SYSTEM) as session:
        add(session, "a", "a")
        COUNT_OF.row(session, {"key": "a"})
    assert counts() == {}


def test_what_is_lost_was_not_told(portal):
    with pytest.raises(LookupError), unit_of_work(SYSTEM) as session:
        add(session, "a")
        raise LookupError
    with unit_of_work(SYSTEM) as session:
        add(session, "b")
    assert counts() == {"b": 1}


def test_a_row_that_is_not_there_stops_the_commit_behind_it(portal):
    with unit_of_work(SYSTEM) as session:
        add(session, "a", "b")
    with unit_of_work(SYSTEM) as session:
        BOTH.ensure(session, [{"key": "a", "to": 5}], [{"other": "b"}])
    assert counts() == {"a": 5, "b": 7}
    with pytest.raises(TakenAwayError), unit_of_work(SYSTEM) as session:
        add(session, "c")
        BOTH.ensure(session, [{"key": "gone", "to": 9}], [{"other": "a"}])
    assert counts() == {"a": 5, "b": 7}


def test_where_it_is_asked_before_the_commit_it_is_told_then(portal):
    asked = []
    with pytest.raises(TakenAwayError), unit_of_work(SYSTEM) as session:
        BOTH.ensure(session, [{"key": "gone", "to": 9}], [{"other": "a"}])
        asked.append(COUNT_OF.row(session, {"key": "a"}))
    assert asked == []


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_statements_that_are_not_as_many_as_each_other_are_counted_too(portal, numbers):
    with unit_of_work(SYSTEM) as session:
        add(session, "a", "b")
    firsts = [{"key": key, "to": 5} for key in ("a", "gone")[: numbers[0]]]
    others = [{"other": key} for key in ("a", "b")[: numbers[1]]]
    if numbers == (1, 2):
        with unit_of_work(SYSTEM) as session:
            BOTH.ensure(session, firsts, others)
        assert counts()["b"] == 7
    else:
        with pytest.raises(TakenAwayError), unit_of_work(SYSTEM) as session:
            BOTH.ensure(session, firsts, others)
        assert counts() == {"a": 1, "b": 1}


def test_after_a_rollback_nothing_has_to_be_prepared_anew(portal):
    prepared = []

    def noted(wire, sql):
        prepared.append(sql)
        return real(wire, sql)

    real = Wire._prepared
    with patch.object(Wire, "_prepared", noted):
        for _ in range(3):
            with pytest.raises(LookupError), unit_of_work(SYSTEM) as session:
                add(session, "a")
                COUNT_OF.row(session, {"key": "a"})
                raise LookupError
    assert len(prepared) == len(set(prepared))


def test_companies_are_entered_by_words_that_are_prepared_once(portal):
    known = set()
    for number in range(3):
        with reading(UUID(int=number)) as session:
            assert COMPANIES.rows(session, {}) == []
            wire = session.connection().connection.driver_connection.portal_wire
        known.add(len(wire._known))
    assert len(known) == 1


def test_after_a_change_of_the_tables_statements_are_prepared_anew(portal):
    with unit_of_work(SYSTEM) as session:
        for _ in range(7):  # often enough for the driver to prepare something of its own
            session.execute(text("SELECT 1"))
        assert COUNT_OF.rows(session, {"key": "a"}) == []
        session.connection().exec_driver_sql("ALTER TABLE limits ADD COLUMN more int")
    with unit_of_work(SYSTEM) as session:
        assert COUNT_OF.rows(session, {"key": "a"}) == []
        session.connection().exec_driver_sql("ALTER TABLE limits DROP COLUMN more")


def test_what_somebody_else_threw_away_is_prepared_anew_in_the_next_transaction(portal):
    with reading(SYSTEM) as session:
        COUNT_OF.rows(session, {"key": "a"})
        session.connection().connection.driver_connection.pgconn.exec_(b"DEALLOCATE ALL")
    with pytest.raises(DBAPIError, match="does not exist"), reading(SYSTEM) as session:
        COUNT_OF.rows(session, {"key": "a"})
    with reading(SYSTEM) as session:
        assert COUNT_OF.rows(session, {"key": "a"}) == []


def test_a_savepoint_that_is_rolled_back_leaves_the_rest_as_it_was(portal):
    with unit_of_work(SYSTEM) as session:
        for _ in range(7):
            session.execute(text("SELECT 1"))
        add(session, "a")
        inner = session.connection().begin_nested()
        add(session, "b")
        inner.rollback()
        add(session, "c")
    assert counts() == {"a": 1, "c": 1}


@pytest.mark.parametrize(
    "statement", [COUNT_OF, Prepared(select(LIMITS.c.since).where(LIMITS.c.key == bindparam("key")))]
)
def test_a_server_that_is_gone_is_told_as_such_and_asked_anew(portal, statement):
    with reading(SYSTEM) as session:
        COUNT_OF.row(session, {"key": "a"})
    with pytest.raises(UnavailableError) as gone, unit_of_work(SYSTEM) as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        with Presence(db.engine)._connect() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
        statement.row(session, {"key": "a"})
    assert gone.value.trouble is Trouble.GONE
    assert counts() == {}


def test_a_wire_that_was_cut_in_the_middle_of_an_answer_is_used_no_more(portal):
    class Interrupted(BaseException):
        pass

    with (
        pytest.raises(Interrupted),
        reading(SYSTEM) as session,
        patch.object(Wire, "_results", side_effect=Interrupted),
    ):
        COUNT_OF.row(session, {"key": "a"})
    assert counts() == {}


def test_what_is_always_the_same_is_written_out_so_that_it_is_planned_for(portal):
    at_rest = Prepared(select(TenantRow.id).where(TenantRow.status == "suspended"))
    odd = TenantRow.kind != "it's 100 % odd"
    named = Prepared(select(TenantRow.id).where(TenantRow.name == bindparam("name"), odd))
    with reading(SYSTEM) as session:
        assert at_rest.rows(session, {}) == named.rows(session, {"name": "Pia"}) == []
        known = session.connection().connection.driver_connection.portal_wire._known
    assert [sql for sql in known if sql.endswith("tenants.status = 'suspended'::VARCHAR")]
    assert [sql for sql in known if "tenants.kind != 'it''s 100 % odd'::VARCHAR" in sql and "name = $1" in sql]


def test_what_is_foreseen_travels_along_with_what_is_asked_before_it(trips):
    def work(session):
        add(session, "a")
        COUNT_OF.foresee(session, {"key": "a"})
        others = COUNT_OF.row(session, {"key": "b"})
        return others, COUNT_OF.row(session, {"key": "a"}), COUNT_OF.row(session, {"key": "a"})

    assert beside_others(work) == (None, (1,), (1,))
    begin, asked_once_more = 2, 1
    assert trips == [begin + 3, asked_once_more, 1]


def test_what_was_foreseen_and_is_asked_first_is_asked_then(trips):
    def work(session):
        COUNT_OF.foresee(session, {"key": "a"})
        return COUNT_OF.row(session, {"key": "a"})

    assert beside_others(work) is None
    assert trips == [2 + 1, 1]


def test_what_has_changed_since_it_was_foreseen_is_asked_anew(portal):
    def work(session):
        add(session, "a")
        COUNT_OF.foresee(session, {"key": "a"})
        Prepared(RAISE).execute(session, {"key": "a", "to": 5})
        COUNT_OF.forget(session)
        return COUNT_OF.row(session, {"key": "a"})

    assert beside_others(work) == (5,)


@pytest.mark.parametrize("ends_well", [True, False])
def test_what_was_foreseen_holds_in_its_transaction_only(portal, ends_well):
    def foresee(session):
        COUNT_OF.foresee(session, {"key": "a"})
        COUNT_OF.row(session, {"key": "b"})
        if not ends_well:
            raise LookupError

    def look(session):
        return COUNT_OF.row(session, {"key": "a"})

    beside_others(lambda session: add(session, "a"))
    try:
        beside_others(foresee)
    except LookupError:
        assert not ends_well
    beside_others(lambda session: Prepared(RAISE).execute(session, {"key": "a", "to": 9}))
    assert beside_others(look) == (9,)


def test_what_was_foreseen_of_a_configuration_gives_way_to_what_is_learnt_of_it(portal):
    cast = plant(portal.extensions["portal.services"])
    config = cast.active_config(cast.sue)

    def learn(session):
        usable_configs.foresee(session, config.id)
        COUNT_OF.row(session, {"key": "a"})
        usable_configs.lock(session, config.id)
        session.execute(text("UPDATE mail_configs SET failures = 3"))
        return usable_configs.usable(session, config.id, alone=True).health.failures

    assert beside_others(learn) == 3


def test_what_failed_at_its_commit_leaves_nothing_to_the_next_transaction_of_a_run(portal):
    with on_one_connection():
        with pytest.raises(DBAPIError, match="limits"), unit_of_work(SYSTEM) as session:
            add(session, "a", "a")
        beside_others(lambda session: add(session, "b"))
        assert counts() == {"b": 1}


def test_a_second_transaction_of_the_same_connection_asks_for_itself(portal):
    asked = "SELECT count(*) FROM limits", (), ()
    with db.engine.connect() as connection:
        wire = wire_of(connection.connection)
        with connection.begin():
            wire.foresee(*asked)
            wire.send()
        beside_others(lambda session: add(session, "a"))
        with connection.begin():
            assert wire.rows_of(wire.ask(*asked)) == [(1,)]
