"""The readings of a look are one: they see one moment, and what is written in between ends it."""

import threading

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from portal.domain.secret import Secret
from portal.store import sign_ins, stays, tenants
from portal.store.db import SYSTEM, begin_look, db, end_look, reading, unit_of_work
from tests.cast import PASSWORD


@pytest.fixture
def sues(cast):
    return cast.sue.tenant.id


@pytest.fixture
def look(sues):
    begin_look()
    yield
    end_look()


def name_of(tenant_id):
    with reading(SYSTEM) as session:
        return tenants.get(session, tenant_id).name


def rename(tenant_id, name):
    with unit_of_work(SYSTEM) as session:
        tenants.get_row(session, tenant_id).name = name


def elsewhere(app, what):
    """Somebody else does it meanwhile, and is done."""

    def run():
        with app.app_context():
            what()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_a_look_goes_on_seeing_the_moment_at_which_it_began(app, sues, look):
    before = name_of(sues)
    elsewhere(app, lambda: rename(sues, "Renamed"))

    assert name_of(sues) == before
    end_look()
    assert name_of(sues) == "Renamed"


def test_what_is_written_is_read_afterwards(sues, look):
    name_of(sues)
    rename(sues, "Renamed")

    assert name_of(sues) == "Renamed"


def test_a_look_asks_for_the_same_company_once_and_a_unit_of_work_each_time(app, sues, look):
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *values: asked.append(values[2]))
    name_of(sues)
    name_of(sues)
    in_look = len([each for each in asked if "FROM tenants" in each])
    with unit_of_work(SYSTEM) as session:
        tenants.get(session, sues)
        tenants.get(session, sues)

    assert in_look == 1
    assert len([each for each in asked if "FROM tenants" in each]) == 3


def test_what_fails_is_not_gone_on_with(sues, look):
    with pytest.raises(ZeroDivisionError), reading(SYSTEM):
        raise ZeroDivisionError

    assert name_of(sues)


def test_what_one_scope_has_read_is_no_answer_in_another(cast, sues, look):
    with reading(SYSTEM) as session:
        row, found = tenants.get_row(session, sues), tenants.get(session, sues)
    with reading(cast.rex.tenant.id) as session:
        assert tenants.get_row(session, sues) is not row
        assert tenants.get(session, sues) is not found


def test_whoever_is_signed_in_is_known_in_his_own_scope_and_so_is_where_he_goes_below(cast, sues, look):
    asked = go_on(cast, "rex@demo.test", sues)
    with reading(cast.rex.tenant.id) as session:
        assert tenants.get(session, cast.rex.tenant.id) == cast.rex.tenant
        assert tenants.get(session, sues).id == sues

    assert [each for each in asked if "FROM tenants" in each] == []


def test_a_company_next_door_is_asked_for_in_his_own_scope(cast, sues, look):
    """On PostgreSQL it is not there: that an address names it is no reason to hand it on."""
    asked = go_on(cast, "otto@demo.test", sues)
    with reading(cast.otto.tenant.id) as session:
        tenants.find(session, sues)

    assert len([each for each in asked if "FROM tenants" in each]) == 1


def test_a_company_that_is_closed_is_not_known_from_the_session(cast, look):
    services, there = cast.services, cast.cals_company.id
    services.tenants.close(cast.sue, there)
    go_on(cast, "sue@demo.test", there)
    with reading(cast.sue.tenant.id) as session:
        assert tenants.find(session, there) is None


def go_on(cast, email, there):
    """What is asked of the database after a page has found out who is there, and where he goes."""
    reference = cast.services.accounts.sign_in(email, Secret(PASSWORD), address="192.0.2.1")
    asked = []
    with reading(SYSTEM) as session:
        assert stays.find(session, sign_ins.hash_of(reference), there)
    event.listen(db.engine, "before_cursor_execute", lambda *values: asked.append(values[2]))
    return asked


def test_a_look_that_cannot_be_ended_leaves_the_next_one_alone(cast, monkeypatch):
    def fails(_connection):
        raise db.engine.dialect.loaded_dbapi.OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(db.engine.dialect, "do_commit", fails)
        with pytest.raises(DBAPIError), reading(SYSTEM) as session:
            tenants.find_root(session)
    with reading(SYSTEM) as session:
        assert tenants.find_root(session)
    with unit_of_work(SYSTEM) as session:
        assert tenants.find_root(session)
