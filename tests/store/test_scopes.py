"""What a query gives of one company it never gives of another, although both have the same things by the same names."""

from uuid import uuid4

import pytest
from sqlalchemy import update

from portal.domain.contacts import ContactKind
from portal.domain.errors import NotFoundError
from portal.domain.roles import Role
from portal.domain.tenancy import TenantKind, TenantStatus
from portal.domain.tree import TreeQuery
from portal.domain.trial import Verb
from portal.store import contacts, mail_configs, paths, profiles, tenants, tree, trials, users
from portal.store.db import SYSTEM, reading, unit_of_work


@pytest.fixture
def twins(cast, services):
    """By company, one of each kind of thing, called the same in both."""
    return {person.tenant.id: furnished(cast, services, person) for person in (cast.sue, cast.otto)}


def furnished(cast, services, person):
    at = person.tenant.id
    config = cast.config(person, name="Relay")
    contact = services.contacts.add(person, at, kind="billing", name="Books", email="books@demo.test")
    trial = services.trials.request_saved(person, at, config.id, verb=Verb.CHECK, recipient=person.email)
    profile = services.profiles.create(person, at, name="Sales")
    return {"config": config.id, "contact": contact.id, "trial": trial, "profile": profile.id, "user": person.user_id}


GETTERS = {
    "config": mail_configs.get_row,
    "contact": contacts.get_row,
    "trial": trials.get_row,
    "profile": profiles.get_row,
    "user": users.get_of_tenant,
}


@pytest.mark.parametrize("kind", GETTERS)
def test_a_thing_is_found_in_its_own_company_alone(cast, twins, kind):
    get, sues, ottos = GETTERS[kind], cast.sue.tenant.id, cast.otto.tenant.id
    with reading(SYSTEM) as session:
        assert get(session, sues, twins[sues][kind]).id == twins[sues][kind]
        for foreign in (twins[ottos][kind], uuid4()):
            with pytest.raises(NotFoundError):
                get(session, sues, foreign)


def test_a_configuration_may_be_nobodys(cast, twins):
    sues, ottos = cast.sue.tenant.id, cast.otto.tenant.id
    with reading(SYSTEM) as session:
        assert mail_configs.is_of_tenant(session, sues, twins[sues]["config"])
        assert not mail_configs.is_of_tenant(session, sues, twins[ottos]["config"])
        assert not mail_configs.is_of_tenant(session, sues, None)


def test_a_list_is_of_one_company(cast, services, twins):
    sues = cast.sue.tenant.id
    cast.config(cast.sue, name="Another")
    support = services.profiles.create(cast.sue, sues, name="Support")
    services.profiles.move(cast.sue, sues, support.id, up=True)
    services.contacts.add(cast.sue, sues, kind="billing", name="Abacus", email="z-abacus@demo.test")
    services.contacts.add(cast.sue, sues, kind="abuse", name="Zoe", email="abuse@demo.test")
    services.accounts.add(sues, email="another@demo.test", name="Another", role=Role.STAFF, password=None)
    with reading(SYSTEM) as session:
        assert [each.name for each in mail_configs.of_tenant(session, sues)] == ["Another", "Relay"]
        assert [each.name for each in profiles.rows_of(session, sues)] == ["Support", "Sales"]
        assert [each.name for each in contacts.of_tenant(session, sues)] == ["Zoe", "Abacus", "Books"]
        billing = contacts.of_tenant(session, sues, ContactKind.BILLING)
        assert [each.name for each in billing] == ["Abacus", "Books"]
        assert [each.name for each in users.rows_of(session, sues)] == ["Another", "Sue"]


def test_names_are_told_of_ones_own_and_of_those_below(cast, twins):
    rexs, sues, ottos = cast.rex.tenant, cast.sue.tenant, cast.otto.tenant
    both = [twins[sues.id]["config"], twins[ottos.id]["config"]]
    between = [cast.config(person, name=name).id for person, name in ((cast.sue, "Alpha"), (cast.otto, "Middle"))]
    with reading(SYSTEM) as session:
        assert mail_configs.names_of(session, sues.id) == {between[0]: "Alpha", both[0]: "Relay"}
        assert list(mail_configs.names_of(session, sues.id, ottos.id))[:2] == between
        assert mail_configs.names_below(session, rexs.path, both) == {both[0]: "Relay"}
        assert mail_configs.names_below(session, rexs.path, both[1:]) == {}


def test_people_are_found_by_id_and_by_address_in_their_own_company_alone(cast, services):
    sues = cast.sue.tenant.id
    other = services.accounts.add(sues, email="abel@demo.test", name="Abel", role=Role.STAFF, password=None)
    with reading(SYSTEM) as session:
        assert [row.name for row in users.rows_by_id(session, sues, [cast.sue.user_id, other.id])] == ["Abel", "Sue"]
        for strangers in ([cast.otto.user_id], [cast.sue.user_id, cast.otto.user_id]):
            with pytest.raises(NotFoundError):
                users.rows_by_id(session, sues, strangers)
        found = users.ids_by_email(session, sues, ["Sue@demo.test", "otto@demo.test", "odd\n@demo.test"])
        assert found == {"sue@demo.test": cast.sue.user_id}


def test_before_the_first_company_there_is_none_and_children_are_numbered_from_one(services):
    with reading(SYSTEM) as session:
        assert tenants.find_root(session) is None

    root = services.tenants.set_up(name="Pia Cloud")
    with reading(SYSTEM) as session:
        assert tenants.find_root(session) == root
        assert root.path == "1."


def test_a_company_is_on_the_way_until_it_is_closed(cast):
    """Even where its name was not given up."""
    with unit_of_work(SYSTEM) as session:
        (found,) = tenants.find_on_the_way(session, cast.sue.tenant, "cal & co")
        tenants.get_row(session, found.id).status = TenantStatus.CLOSED.value
    with reading(SYSTEM) as session:
        assert tenants.find_on_the_way(session, cast.sue.tenant, "cal & co") == []


def test_a_company_is_found_until_it_is_closed(cast, services):
    was = cast.cals_company
    with reading(SYSTEM) as session:
        found = tenants.get(session, was.id)
        assert found == was
        assert tenants.find_root(session).id == cast.pia.tenant.id
        assert tenants.lineage(session, found) == [found, *by_ids(session, cast.sue, cast.rex, cast.pia)]
    services.tenants.close(cast.sue, was.id)
    with reading(SYSTEM) as session:
        assert tenants.find(session, was.id) is None
        with pytest.raises(NotFoundError):
            tenants.get(session, was.id)
        with pytest.raises(NotFoundError):
            tenants.get_row(session, uuid4())
        assert tenants.subtree(session, cast.sue.tenant) == by_ids(session, cast.sue)
        assert tenants.count_below(session, cast.sue.tenant) == 0


def test_a_row_becomes_the_company_that_it_is(cast, services):
    config = cast.active_config(cast.sue)
    with reading(SYSTEM) as session:
        sue, root = tenants.get(session, cast.sue.tenant.id), tenants.find_root(session)
    assert (sue.kind, sue.status, sue.parent_id) == (TenantKind.SUB_RESELLER, TenantStatus.ACTIVE, cast.rex.tenant.id)
    assert (sue.active_config_id, sue.suspended, root.parent_id) == (config.id, False, None)
    assert (root.kind, root.active_config_id) == (TenantKind.PROVIDER, None)


def test_a_subtree_holds_those_below_parents_first_and_then_by_name(cast, services):
    services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name="Abel & Co")
    with reading(SYSTEM) as session:
        names = [each.name for each in tenants.subtree(session, cast.rex.tenant)]
        assert names == ["Rex Hosting", "Sue & Partners", "Abel & Co", "Cal & Co"]
        assert tenants.count_below(session, cast.rex.tenant) == 3


def test_a_page_of_the_tree_reads_nobody_beside_it(cast, services):
    ottos = services.tenants.create(cast.otto, cast.otto.tenant.id, kind="sub_reseller", name="Cal's double")
    with reading(SYSTEM) as session:
        rexs, sues = tenants.get(session, cast.rex.tenant.id), tenants.get(session, cast.sue.tenant.id)

        def called(lines):
            return [each.tenant.name for each in lines]

        assert called(tree.everyone(session, sues)) == ["Cal & Co"]
        assert called(tree.children(session, rexs, [ottos.parent_id], after="")) == ["Sue & Partners"]
        assert called(tree.children(session, rexs, [sues.id], after="zzz")) == ["Cal & Co"]
        found = tree.found_by(session, sues, TreeQuery("cal"), after=None)
        assert {each.tenant.name: each.is_hit for each in found} == {"Cal & Co": True, "Sue & Partners": False}
        assert tree.found_by(session, sues, TreeQuery("cal"), after=cast.rex.tenant.id) == []
        assert tree.names_at(session, [sues.path]) == {sues.path: "Sue & Partners"}
        assert [each.name for each in tree.able_to_hold(session, cast.pia.tenant, sues, words="", limit=9)] == [
            "Otto Online", "Cal's double",
        ]  # fmt: skip
        assert tree.able_to_hold(session, rexs, sues, words="", limit=9) == []
        assert (paths.levels_of(session, rexs), paths.levels_of(session, sues)) == (3, 2)
        assert paths.levels_of(session, tenants.get(session, cast.otto.tenant.id)) == 2


def test_whoever_stands_under_somebody_at_rest_rests(cast, services):
    services.tenants.suspend(cast.rex, cast.sue.tenant.id)
    with reading(SYSTEM) as session:
        rexs, sues = tenants.get(session, cast.rex.tenant.id), tenants.get(session, cast.sue.tenant.id)
        resting = {each.name: each.suspended for each in tenants.subtree(session, rexs)}
        below = {
            each.name: each.suspended for each in tenants.subtree(session, tenants.get(session, cast.cals_company.id))
        }
        beside = [tenants.get(session, each.tenant.id).suspended for each in (cast.rex, cast.otto)]
    assert resting == {"Rex Hosting": False, "Sue & Partners": True, "Cal & Co": True}
    assert (below, beside) == ({"Cal & Co": True}, [False, False])
    assert (sues.status, rexs.status) == (TenantStatus.SUSPENDED, TenantStatus.ACTIVE)


def test_a_name_is_taken_beside_its_own_kind_alone(cast):
    sues, key = cast.sue.tenant, "cal & co"
    with reading(SYSTEM) as session:
        assert tenants.name_is_taken(session, sues.id, key, except_id=sues.id)
        assert not tenants.name_is_taken(session, sues.id, key, except_id=cast.cals_company.id)
        assert not tenants.name_is_taken(session, cast.rex.tenant.id, key, except_id=sues.id)
        assert not tenants.name_is_taken(session, sues.id, "nobody", except_id=sues.id)


def test_who_inherits_is_counted_down_to_the_first_who_decided(cast, services):
    with reading(SYSTEM) as session:
        assert tenants.count_inheriting(session, cast.pia.tenant.id) == 4
        assert tenants.count_inheriting(session, cast.rex.tenant.id) == 2
    cast.active_config(cast.sue)
    services.tenants.create(cast.rex, cast.rex.tenant.id, kind="customer", name="Gone")
    gone = services.tenants.create(cast.otto, cast.otto.tenant.id, kind="customer", name="Gone")
    services.tenants.close(cast.otto, gone.id)
    with reading(SYSTEM) as session:
        assert tenants.count_inheriting(session, cast.pia.tenant.id) == 3
        assert tenants.count_inheriting(session, cast.rex.tenant.id) == 1
        assert tenants.count_inheriting(session, cast.otto.tenant.id) == 0
        assert tenants.count_inheriting(session, cast.cals_company.id) == 0


def test_the_next_number_is_one_more_than_the_greatest(cast):
    with unit_of_work(SYSTEM) as session:
        assert paths.next_label(session) == 6
        session.execute(update(tenants.TenantRow).where(tenants.TenantRow.id == cast.otto.tenant.id).values(label=40))
        assert paths.next_label(session) == 41
        assert paths.misplaced(session) == [cast.otto.tenant.id]


def test_a_moved_company_has_its_place_in_rows_and_paths(cast):
    with unit_of_work(SYSTEM) as session:
        sue, otto = tenants.get(session, cast.sue.tenant.id), tenants.get(session, cast.otto.tenant.id)
        paths.relocate(session, sue, otto)
        moved, below = tenants.get(session, sue.id), tenants.get(session, cast.cals_company.id)
        assert (moved.parent_id, moved.version) == (otto.id, sue.version + 1)
        assert (moved.path, below.path) == (f"{otto.path}3.", f"{otto.path}3.4.")
        assert tenants.get(session, cast.rex.tenant.id) == cast.rex.tenant
        assert paths.path_below(None, 37) == "11."
        assert paths.misplaced(session) == []


def by_ids(session, *people):
    return [tenants.get(session, person.tenant.id) for person in people]
