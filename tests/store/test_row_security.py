"""PostgreSQL shows a transaction its own branch and what is handed down to it, takes nothing for others, and without a scope shows nothing."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from portal.domain.branding import TypedBranding
from portal.domain.ids import TenantId
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.secret import Secret
from portal.settings import BadSettingError
from portal.store import sign_ins, stays, tenants
from portal.store.brand_hosts import BrandHostRow
from portal.store.brandings import BrandingRow
from portal.store.db import SYSTEM, Base, begin_look, db, end_look, reading, unit_of_work
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import RecipientRow
from portal.store.row_security import looking_up
from portal.store.tenants import TenantRow
from portal.store.users import UserRow
from tests.cast import PASSWORD, plant
from tests.fixtures_portal import Clock, build

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def cast(portal_on_postgres):
    return plant(portal_on_postgres.extensions["portal.services"])


def names(session, column):
    return set(session.scalars(select(column)))


def test_a_company_sees_its_own_branch_and_the_line_above_it(cast):
    with reading(cast.rex.tenant.id) as session:
        assert names(session, TenantRow.name) == {"Pia Cloud", "Rex Hosting", "Sue & Partners", "Cal & Co"}
        assert names(session, UserRow.name) == {"Rex", "Sue", "Cal"}
    with reading(cast.otto.tenant.id) as session:
        assert names(session, TenantRow.name) == {"Pia Cloud", "Otto Online"}
        assert names(session, UserRow.name) == {"Otto"}


def test_what_belongs_to_a_mail_or_to_a_person_is_seen_with_it(cast):
    for person in (cast.rex, cast.otto):
        cast.services.sending.send(
            tenant_id=person.tenant.id, to=(Mailbox(person.email, ""),), content=Outgoing("Hello", "A letter.")
        )
    with reading(cast.otto.tenant.id) as session:
        assert names(session, RecipientRow.address) == {"otto@demo.test"}


def test_of_those_above_only_what_they_selected_is_seen_and_only_by_whoever_looks_up(cast):
    cast.config(cast.rex, name="Not selected")
    cast.active_config(cast.rex, name="Selected")
    cast.active_config(cast.otto, name="Next door")
    with reading(cast.sue.tenant.id) as session:
        assert names(session, MailConfigRow.name) == set()
        with looking_up(session):
            assert names(session, MailConfigRow.name) == {"Selected"}
        assert names(session, MailConfigRow.name) == set()


def test_whoever_looks_up_changes_nothing_there(cast):
    config = cast.active_config(cast.rex)
    with unit_of_work(cast.sue.tenant.id) as session, looking_up(session):
        changed = session.execute(text("UPDATE mail_configs SET host = 'evil.example.test'")).rowcount
        renamed = session.execute(text("UPDATE tenants SET name = 'Mine' WHERE name = 'Rex Hosting'")).rowcount

    assert (changed, renamed) == (0, 0)
    assert (
        cast.services.mail_configs.get(cast.rex, config.tenant_id, config.id).draft.destination.host
        != "evil.example.test"
    )


@pytest.mark.parametrize("table", sorted(Base.metadata.tables.keys() - {"brand_states", "limits", "queue_holds"}))
def test_without_a_scope_there_is_nothing(cast, table):
    with db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Base.metadata.tables[table])) == 0


def test_a_scope_ends_with_its_transaction_on_a_connection_that_others_get_next(cast):
    with reading(SYSTEM) as session:
        assert len(names(session, UserRow.name)) == 5
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) == backend
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0


def test_nothing_of_a_company_is_left_on_a_connection_that_others_get_next(cast):
    with reading(cast.otto.tenant.id) as session:
        assert names(session, UserRow.name) == {"Otto"}
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) == backend
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0
        assert connection.scalar(text("SELECT count(*) FROM tenants")) == 0


def test_what_a_transaction_has_just_made_is_within_its_scope(cast):
    with unit_of_work(cast.rex.tenant.id) as session:
        child = cast.services.tenants.create(cast.rex, cast.rex.tenant.id, kind="customer", name="New & Co")
        cast.services.contacts.add(cast.rex, child.id, kind="billing", name="Books", email="books@demo.test")
        assert session.scalar(text("SELECT count(*) FROM contacts")) == 1
    with reading(cast.otto.tenant.id) as session:
        assert session.scalar(text("SELECT count(*) FROM contacts")) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT state FROM recipients WHERE message_id = gen_random_uuid()",
        "UPDATE recipients SET state = 'sent' WHERE id = gen_random_uuid()",
        "UPDATE messages SET due_at = NULL WHERE id = gen_random_uuid()",
        "INSERT INTO attempts SELECT * FROM attempts",
    ],
)
def test_a_statement_of_delivery_carries_no_question_about_companies_along(cast, statement):
    """It would be made ready and thrown away each time, which is dearer than the statement."""
    with unit_of_work(SYSTEM) as session:
        plan = "\n".join(session.scalars(text(f"EXPLAIN {statement}")))

    assert " on " in plan
    assert "tenants" not in plan


@pytest.mark.asvs("8.4.1")
def test_nothing_is_written_for_a_company_elsewhere(cast):
    rows = {"id": cast.rex.user_id, "tenant": cast.rex.tenant.id, "own": cast.otto.user_id}
    with unit_of_work(cast.otto.tenant.id) as session:
        assert session.execute(text("UPDATE users SET name = 'Otto' WHERE id = :id"), rows).rowcount == 0
        assert session.execute(text("DELETE FROM users WHERE id = :id"), rows).rowcount == 0
    move = text("UPDATE users SET tenant_id = :tenant WHERE id = :own")
    with pytest.raises(ProgrammingError, match="row-level security"), unit_of_work(cast.otto.tenant.id) as session:
        session.execute(move, rows)


def test_an_inner_block_of_the_system_is_as_wide_as_it_says_and_no_longer(cast):
    with unit_of_work(cast.otto.tenant.id) as session:
        with reading(SYSTEM):
            assert len(names(session, UserRow.name)) == 5
        assert names(session, UserRow.name) == {"Otto"}
        with reading(cast.rex.tenant.id):
            assert names(session, UserRow.name) == {"Otto"}
        with pytest.raises(LookupError), reading(SYSTEM):
            raise LookupError
        assert names(session, UserRow.name) == {"Otto"}


@pytest.mark.asvs("8.4.1")
def test_the_readings_of_one_page_are_each_shown_their_own_scope(cast):
    begin_look()
    with reading(SYSTEM) as session:
        assert len(names(session, UserRow.name)) == 5
        tenants.get(session, cast.rex.tenant.id)
        session.get(TenantRow, cast.rex.tenant.id)
    with reading(cast.otto.tenant.id) as session:
        assert names(session, UserRow.name) == {"Otto"}
        assert tenants.find(session, cast.rex.tenant.id) is None
        assert session.get(TenantRow, cast.rex.tenant.id) is None
    with reading(SYSTEM) as session:
        assert len(names(session, UserRow.name)) == 5
    with reading(cast.otto.tenant.id) as session:
        assert names(session, UserRow.name) == {"Otto"}
    end_look()


@pytest.mark.parametrize("failure", [LookupError, ProgrammingError])
def test_after_a_failure_the_next_reading_of_the_page_says_its_scope_anew(cast, failure):
    begin_look()
    with pytest.raises(failure), reading(SYSTEM) as session:
        if failure is ProgrammingError:
            session.execute(text("SELECT nothing FROM nowhere"))
        raise failure
    for _ in range(2):
        with reading(cast.otto.tenant.id) as session:
            assert names(session, UserRow.name) == {"Otto"}
    end_look()


def test_whoever_next_door_is_named_in_an_address_is_not_handed_on_to_who_is_signed_in(cast):
    reference = cast.services.accounts.sign_in("otto@demo.test", Secret(PASSWORD), address="192.0.2.1")
    begin_look()
    with reading(SYSTEM) as session:
        assert stays.find(session, sign_ins.hash_of(reference), cast.rex.tenant.id)
    with reading(cast.otto.tenant.id) as session:
        assert tenants.find(session, cast.otto.tenant.id) == cast.otto.tenant
        assert tenants.find(session, cast.rex.tenant.id) is None
    end_look()


def test_of_brands_and_names_above_only_what_applies_below_is_seen_and_only_by_whoever_looks_up(cast):
    hosts = cast.services.brand_hosts
    for person, name in ((cast.rex, "mail.rex.example"), (cast.otto, "mail.otto.example")):
        brand = TypedBranding(product=f"{person.name} Mail")
        cast.services.brandings.change(person, person.tenant.id, brand, version=0)
        hosts.approve(None, hosts.ask(person, person.tenant.id, name).id)
        hosts.ask(person, person.tenant.id, f"asked-{name}")
    with reading(cast.sue.tenant.id) as session:
        assert (names(session, BrandingRow.product), names(session, BrandHostRow.name)) == (set(), set())
        with looking_up(session):
            assert names(session, BrandingRow.product) == {"Rex Mail"}
            assert names(session, BrandHostRow.name) == {"mail.rex.example"}
    assert cast.services.brandings.get(cast.sue, cast.sue.tenant.id).applies.product == "Rex Mail"


def test_the_provider_sees_everybody_and_nobody_below_does(cast):
    """What PostgreSQL is told in one word for the provider is what it would find company by company."""
    with reading(SYSTEM) as session:
        everything = names(session, TenantRow.name), names(session, UserRow.name)
    with reading(cast.pia.tenant.id) as session:
        assert (names(session, TenantRow.name), names(session, UserRow.name)) == everything
    for person in (cast.rex, cast.sue, cast.otto):
        with reading(person.tenant.id) as session:
            assert names(session, UserRow.name) < everything[1]


def test_a_company_that_does_not_exist_sees_nothing(cast):
    with reading(TenantId(cast.rex.user_id)) as session:
        assert names(session, TenantRow.name) == names(session, UserRow.name) == set()


@pytest.mark.asvs("13.2.2")
def test_the_portal_does_not_enter_as_somebody_whom_no_policy_binds(postgres, on_postgres, tmp_path):
    on_postgres.new()
    url = f"postgresql+psycopg{postgres.superuser_url('postgres').removeprefix('postgresql')}"
    app = build(tmp_path, Clock(), database_url=url)
    refusal = "CREATE ROLE relaytree LOGIN NOSUPERUSER NOBYPASSRLS"
    with app.app_context(), pytest.raises(BadSettingError, match=refusal), reading(SYSTEM):
        pass


def test_bypassing_alone_is_refused_too(postgres, tmp_path):
    postgres.create_role("bypassing")
    with postgres.administering() as connection:
        connection.execute("ALTER ROLE bypassing BYPASSRLS")
    url = f"postgresql+psycopg:///postgres?host={postgres.folder}&user=bypassing"
    app = build(tmp_path, Clock(), database_url=url)
    with app.app_context(), pytest.raises(BadSettingError), reading(SYSTEM):
        pass
