"""The tree a page at a time: all of it, once each, in two statements, and nothing of anybody else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select, update

from portal.domain.diagnosis import Code
from portal.domain.errors import NotFoundError
from portal.domain.health import MOST_FAILURES
from portal.domain.ids import TenantId, new_id
from portal.domain.roles import Actor, Role
from portal.domain.tenancy import DEEPEST, label_of
from portal.domain.tree import MOST_BELOW, MOST_CHILDREN, MOST_OPEN, PAGE, Show, TreeQuery
from portal.store.db import SYSTEM, db, table_of, unit_of_work
from portal.store.mail_configs import MailConfigRow
from portal.store.tenants import TenantRow
from tests.counting import says_scope

MANY = 10_000


def plant(parent, names, *, kind="customer", vault=None, **changes):
    """Companies below a parent, straight into the table: rows as the portal writes them, in bulk."""
    table = table_of(TenantRow)
    with unit_of_work(SYSTEM) as session:
        rows = session.connection().execute(select(table)).mappings().all()
        model, label = next(each for each in rows if each["id"] == parent.id), max(each["label"] for each in rows)
        planted = [
            {
                **model, "id": new_id(), "parent_id": parent.id, "kind": kind, "name": name, "name_key": name.casefold(),
                "label": number, "path": f"{parent.path}{label_of(number)}.", "active_config_id": None, **changes,
            }
            for number, name in enumerate(names, start=label + 1)
        ]  # fmt: skip
        for each in planted if vault else ():
            each["data_key"] = vault.new_tenant_key(each["id"])
        session.execute(insert(table), planted)
    return [TenantId(each["id"]) for each in planted]


def pages(services, actor, tenant, **asked):
    """Every page of a company's children, or of what a question finds."""
    after, found = "", []
    while True:
        page = services.tree.page(actor, tenant.id, TreeQuery(after=after, **asked))
        found.append(page)
        if not (after := page.last):
            return found


def names(page):
    return [each.tenant.name for each in page.top.branches]


def hits(branch):
    return [branch.tenant.name] * branch.is_hit + [name for each in branch.branches for name in hits(each)]


@pytest.fixture
def asked(app):
    """What the database is asked, in order; that a transaction begins, and in which scope, is no question."""
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith("BEGIN") and not says_scope(statement):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def test_ten_thousand_children_come_in_pages_that_together_are_all_of_them_in_order(cast, services, asked):
    planted = [f"Company {number:05}" for number in range(MANY)]
    plant(cast.otto.tenant, reversed(planted))
    asked.clear()
    first = services.tree.page(cast.pia, cast.otto.tenant.id)
    assert len(asked) == 2
    assert (len(names(first)), first.size, first.last) == (PAGE, MOST_BELOW + 1, "company 00049")

    found = pages(services, cast.otto, cast.otto.tenant)
    assert [name for page in found for name in names(page)] == planted
    assert {len(names(page)) for page in found} == {PAGE}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text("abAB ÄößI\u0130.'%_/", min_size=1, max_size=6), min_size=PAGE, max_size=2 * PAGE + 10, unique_by=str.casefold)
)  # fmt: skip
def test_whatever_they_are_called_all_pages_together_are_all_children(cast, services, called):
    parent = services.tenants.create(cast.pia, cast.pia.tenant.id, kind="reseller", name=f"Reseller {new_id()}")
    plant(parent, called)
    found = pages(services, cast.pia, parent)

    assert sorted(name for page in found for name in names(page)) == sorted(called)


def test_a_branch_is_read_when_it_is_opened_and_only_so_many_stand_open(cast, services, asked):
    wide = cast.otto.tenant
    branches = plant(wide, [f"Branch {number:02}" for number in range(PAGE + 1)], kind="sub_reseller")
    for each in branches[: MOST_OPEN + 2]:
        plant(services.tenants.get(cast.pia, each, "tree:view"), ["Leaf A", "Leaf B"])
    shut = services.tree.page(cast.otto, wide.id)
    assert {each.is_open for each in shut.top.branches} == {False}
    assert [each.children for each in shut.top.branches[: MOST_OPEN + 3]] == [2] * (MOST_OPEN + 2) + [0]

    asked.clear()
    page = services.tree.page(cast.otto, wide.id, TreeQuery(opened=tuple(branches[: MOST_OPEN + 2])))
    assert len(asked) == 2
    assert [each.is_open for each in page.top.branches[: MOST_OPEN + 3]] == [False] * 2 + [True] * MOST_OPEN + [False]
    assert [each.tenant.name for each in page.top.branches[2].branches] == ["Leaf A", "Leaf B"]


def test_a_row_counts_its_children_as_far_as_it_says(cast, services):
    plant(cast.sue.tenant, [f"Company {number}" for number in range(MOST_CHILDREN + 5)])

    assert services.tree.page(cast.rex, cast.rex.tenant.id).top.branches[0].children == MOST_CHILDREN + 1


def test_where_everybody_fits_on_a_page_the_first_levels_stand_open(cast, services):
    page = services.tree.page(cast.pia, cast.pia.tenant.id)

    assert (page.size, page.top.size) == (4, 4)
    assert [each.tenant.name for each in page.above] == []
    below = services.tree.page(cast.pia, cast.cals_company.id)
    assert [each.tenant.name for each in below.above] == ["Pia Cloud", "Rex Hosting", "Sue & Partners"]


@pytest.mark.parametrize("show", [None, *Show])
def test_what_a_question_finds_comes_once_with_those_above_and_never_from_another_branch(cast, services, show):
    status = {"status": "suspended"} if show is Show.SUSPENDED else {}
    planted = [
        tenant_id
        for parent, count in ((cast.sue.tenant, PAGE + 7), (cast.otto.tenant, 3))
        for tenant_id in plant(
            parent, [f"Found {parent.name} {n:03}" for n in range(count)], vault=services.tenants.vault, **status
        )
    ]
    if show in {Show.OWN, Show.FAILING}:
        for each in planted:
            cast.active_config(cast.pia, tenant=services.tenants.get(cast.pia, each, "tree:view"))
    if show is Show.FAILING:
        with unit_of_work(SYSTEM) as session:
            session.execute(update(MailConfigRow).values(known_to_fail=True))

    found = pages(services, cast.rex, cast.rex.tenant, words="FOUND", show=show)

    everything = [name for page in found for name in hits(page.top)]
    assert sorted(everything) == [f"Found Sue & Partners {number:03}" for number in range(PAGE + 7)]
    assert [len(hits(page.top)) for page in found] == [PAGE, 7]
    assert all(names(page) == ["Sue & Partners"] for page in found)


def flat(branch):
    return [(branch.tenant.name, branch.tenant), *(pair for each in branch.branches for pair in flat(each))]


def learn(services, config):
    with unit_of_work(SYSTEM) as session:
        services.checks.health.learn(session, config.id, config.version, Code.REFUSED)


def test_filters_tell_those_that_chose_from_those_that_did_not(cast, services):
    cast.active_config(cast.sue)
    services.tenants.suspend(cast.pia, cast.sue.tenant.id)

    def found(show):
        return hits(services.tree.page(cast.pia, cast.pia.tenant.id, TreeQuery(show=show)).top)

    assert found(Show.OWN) == found(Show.SUSPENDED) == ["Sue & Partners"]
    assert sorted(found(Show.DEFAULT)) == ["Cal & Co", "Otto Online", "Pia Cloud", "Rex Hosting"]
    assert found(Show.FAILING) == []


def test_what_is_foreign_is_not_there_and_no_address_reaches_into_it(cast, services):
    inside = plant(cast.otto.tenant, ["Otto's A", "Otto's B"])
    for foreign in (cast.pia.tenant, cast.otto.tenant):
        with pytest.raises(NotFoundError):
            services.tree.page(cast.rex, foreign.id)
    plant(cast.rex.tenant, [f"Company {number:02}" for number in range(PAGE + 1)])

    page = services.tree.page(cast.rex, cast.rex.tenant.id, TreeQuery(opened=(cast.otto.tenant.id, cast.pia.tenant.id)))
    assert {name for name, _ in flat(page.top)} & {"Otto's A", "Otto's B", "Otto Online"} == set()
    for after in (str(inside[0]), str(new_id())):
        assert hits(services.tree.page(cast.rex, cast.rex.tenant.id, TreeQuery("company", after=after)).top) == []


def test_whoever_may_not_see_configurations_gets_no_name_and_no_failure(cast, services):
    config = cast.active_config(cast.sue, name="Sue's secret relay")
    for _ in range(MOST_FAILURES):
        learn(services, config)
    staff = Actor(cast.rex.user_id, cast.rex.tenant, Role.STAFF, "", "")
    for actor, name, fails in ((cast.rex, "Sue's secret relay", True), (staff, "", False)):
        page = services.tree.page(actor, cast.rex.tenant.id)
        assert (page.top.branches[0].active_name, page.top.branches[0].fails) == (name, fails)
        assert page.failing == int(fails)


def test_a_closed_company_is_on_no_page_and_whoever_stands_under_somebody_at_rest_rests(cast, services):
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    page = services.tree.page(cast.pia, cast.pia.tenant.id)
    assert {name: tenant.suspended for name, tenant in flat(page.top)} == {
        "Pia Cloud": False, "Rex Hosting": True, "Sue & Partners": True, "Cal & Co": True, "Otto Online": False,
    }  # fmt: skip
    assert services.tree.page(cast.pia, cast.cals_company.id).top.tenant.suspended
    assert dict(flat(services.tree.page(cast.pia, cast.sue.tenant.id).top))["Cal & Co"].suspended

    services.tenants.close(cast.pia, cast.cals_company.id)
    assert "Cal & Co" not in dict(flat(services.tree.page(cast.pia, cast.pia.tenant.id).top))
    assert hits(services.tree.page(cast.pia, cast.pia.tenant.id, TreeQuery("cal")).top) == []
    with pytest.raises(NotFoundError):
        services.tree.page(cast.pia, cast.cals_company.id)


def test_a_tree_as_deep_as_it_may_be_is_read_in_the_same_two_statements(cast, services, asked):
    parent = cast.sue.tenant
    while parent.depth < DEEPEST:
        (below,) = plant(parent, [f"Level {parent.depth + 1}"], kind="sub_reseller")
        parent = services.tenants.get(cast.pia, below, "tree:view")
    asked.clear()
    page = services.tree.page(cast.pia, cast.pia.tenant.id, TreeQuery(f"level {DEEPEST}"))
    assert len(asked) == 2
    assert len(flat(page.top)) == DEEPEST
    assert services.tree.page(cast.pia, parent.id).above[0].tenant.name == "Pia Cloud"


def test_a_new_parent_is_found_among_ten_thousand(cast, services):
    plant(cast.pia.tenant, [f"Reseller {number:05}" for number in range(MANY)], kind="reseller")

    assert len(services.moving.targets(cast.pia, cast.sue.tenant.id)) == 21
    (found,) = services.moving.targets(cast.pia, cast.sue.tenant.id, words="09999")
    assert found.way == ("Pia Cloud", "Reseller 09999")
    assert services.moving.targets(cast.rex, cast.sue.tenant.id, words="09999") == []
    services.tenants.create(cast.rex, cast.rex.tenant.id, kind="sub_reseller", name="Beside")
    assert [each.way for each in services.moving.targets(cast.rex, cast.sue.tenant.id)] == [("Rex Hosting", "Beside")]
