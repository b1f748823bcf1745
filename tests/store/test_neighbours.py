"""What is counted, looked up or ended for one company leaves its neighbour out of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from portal.domain.contacts import ContactKind
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.templates import Wording
from portal.store import (
    checks,
    config_lines,
    contacts,
    destinations,
    explanations,
    landscapes,
    linked_configs,
    mail_configs,
    mail_log,
    outbox,
    people_pages,
    profiles,
    templates,
    tenants,
    tree,
    users,
    waiting,
)
from portal.store.audit_chain import HeadRow, last_expired
from portal.store.db import SYSTEM, reading, unit_of_work

HELLO = Outgoing(subject="Hello", text="A letter.")


@pytest.fixture
def neighbours(cast, services):
    """Sue and Otto, with the same in both of their companies; each with the ids of what is hers or his."""
    return [furnished(cast, services, person) for person in (cast.sue, cast.otto)]


def furnished(cast, services, person):
    at = person.tenant.id
    config = cast.active_config(person, name="Relay")
    profile = services.profiles.create(person, at, name="Sales")
    services.profiles.add_members(person, at, profile.id, [person.user_id])
    services.linked_configs.link_users(person, at, [person.user_id], config.id)
    services.linked_configs.link_profile(person, at, profile.id, config.id)
    services.contacts.add(person, at, kind="billing", name="Books", email="books@demo.test")
    services.sending.send(tenant_id=at, to=(Mailbox("cal@demo.test"),), content=HELLO)
    with unit_of_work(SYSTEM) as session:
        row = mail_configs.get_by_id(session, config.id)
        row.last_code, row.known_to_fail = Code.OK.value, True
        destinations.note(session, at, "smtp.example.test:587", services.clock())
    return {"at": at, "config": config.id, "profile": profile.id, "user": person.user_id}


def test_counts_are_of_one_company(cast, neighbours):
    sue, sues = neighbours[0], neighbours[0]["at"]
    with reading(SYSTEM) as session:
        assert contacts.count_of(session, sues) == 1
        assert profiles.next_position(session, sues) > profiles.next_position(session, cast.rex.tenant.id)
        assert [(each.profile.id, each.members) for each in profiles.lines_of(session, sues)] == [(sue["profile"], 1)]
        assert linked_to(session, cast.sue.tenant) == {sue["config"]: (1, 1)}
        assert users.count_owners(session, sues, except_ids=[]) == 1
        assert [each.name for each in users.who_run_mail(session, sues)] == ["Sue"]
        mails = [outbox.get_row(session, each.message_id) for each in waiting.of_tenant(session, sues)]
        assert {mail.tenant_id for mail in mails} == {sues}


def linked_to(session, tenant):
    """By configuration, to how many people and to how many profiles it is linked."""
    return {line.config.id: (line.users, line.profiles) for line in config_lines.of_tenant(session, tenant)}


def test_what_an_explanation_may_be_asked_about_is_of_one_company(neighbours):
    sue = neighbours[0]
    with reading(SYSTEM) as session:
        offer = explanations.offer_of(session, sue["at"])

    assert set(offer.configs) == {sue["config"]}
    assert offer.profiles == ("Sales",)
    assert [name for _address, name in offer.people] == ["Sue"]


def test_what_a_log_may_be_asked_for_is_of_one_company_and_how_large_it_is_of_its_branch(
    cast, services, neighbours, monkeypatch
):
    """Two companies are few here, and two mails."""
    monkeypatch.setattr(mail_log, "_FEW", 2)
    for _ in range(2):
        services.sending.send(tenant_id=cast.otto.tenant.id, to=(Mailbox("cal@demo.test"),), content=HELLO)
    with reading(SYSTEM) as session:
        assert set(mail_log.choices(session, cast.sue.tenant, below=False).configs) == {neighbours[0]["config"]}
        assert mail_log.choices(session, cast.sue.tenant, below=True).is_small
        assert not mail_log.choices(session, cast.otto.tenant, below=True).is_small

    services.tenants.close(cast.sue, cast.cals_company.id)
    with reading(SYSTEM) as session:
        assert not mail_log.choices(session, cast.sue.tenant, below=False).has_companies


def test_how_many_stand_below_and_fail_is_counted_in_the_branch(cast, neighbours):
    with reading(SYSTEM) as session:
        place = tree.place_of(session, neighbours[0]["at"])

    assert (place.size, place.failing) == (1, 1)


def test_what_expired_in_the_log_of_others_has_not_expired_in_this_one(neighbours):
    sues = neighbours[0]["at"]
    with unit_of_work(SYSTEM) as session:
        session.execute(update(HeadRow).where(HeadRow.tenant_id != sues).values(expired=3))
    with reading(SYSTEM) as session:
        assert session.scalar(select(last_expired(sues))) == 0


def test_the_names_around_a_page_of_people_are_of_one_company(neighbours):
    sue, otto = neighbours
    with reading(SYSTEM) as session:
        around = people_pages.around(session, sue["at"], [sue["user"], otto["user"]])
        assert [each.id for each in around.profiles_of(sue["user"])] == [sue["profile"]]
        assert (list(around.profiles), list(around.memberships)) == ([sue["profile"]], [sue["user"]])
        assert around.configs == {sue["config"]: "Relay"}


def test_what_is_somebodys_is_looked_up_in_his_company_alone(cast, neighbours, clock):
    (sue, otto), sues = neighbours, neighbours[0]["at"]
    both = [sue["user"], otto["user"]]
    with reading(SYSTEM) as session:
        assert list(profiles.of_users(session, sues, both)) == [sue["user"]]
        assert profiles.links_of(session, sues, otto["user"]) is None
        assert profiles.links_of(session, sues, sue["user"]).person.name == "Sue"
        assert contacts.find_same(session, sues, ContactKind.BILLING, "books@demo.test").tenant_id == sues
        assert contacts.find_same(session, cast.rex.tenant.id, ContactKind.BILLING, "books@demo.test") is None
        assert mail_configs.has_worked(session, sues, "smtp.example.test", 587)
        assert not mail_configs.has_worked(session, cast.rex.tenant.id, "smtp.example.test", 587)
        assert not mail_configs.name_is_taken(session, cast.rex.tenant.id, "Relay", except_id=cast.rex.user_id)
        assert destinations.visits_of(session, cast.rex.tenant.id, after=clock() - timedelta(hours=1)) == {}
        assert len(destinations.visits_of(session, sues, after=clock() - timedelta(hours=1))) == 1


def test_what_is_told_of_a_subtree_is_of_nobody_else(cast, neighbours):
    rex, sues = cast.rex.tenant, neighbours[0]["at"]
    with reading(SYSTEM) as session:
        assert checks.failing_below(session, rex.path) == {sues}
        assert mail_configs.names_of_active(session, rex.path) == {sues: "Relay"}
        landscape = landscapes.landscape_of(session, rex, None)
        assert {each.id for each in landscape.companies} == {rex.id, sues, cast.cals_company.id}
        assert [each.id for each in landscape.people] == [cast.sue.user_id]
        assert {crowd.tenant_id for crowd in landscape.waiting} == {sues}
        around = session.execute(landscapes._around(rex)).all()
        assert {row[1] for row in around} == {rex.id, sues, cast.cals_company.id}


def test_a_closed_company_does_not_fail(cast, services, neighbours):
    with unit_of_work(SYSTEM) as session:
        tenants.get_row(session, cast.sue.tenant.id).status = "closed"
    with reading(SYSTEM) as session:
        assert checks.failing_below(session, cast.rex.tenant.path) == set()


def test_what_ends_with_a_company_ends_there_alone(cast, neighbours, clock):
    sue, otto = neighbours
    with unit_of_work(SYSTEM) as session:
        contacts.delete_all_of(session, sue["at"])
        linked_configs.unlink_all_of(session, sue["at"])
        outbox.end_all_of(session, sue["at"], clock())
        destinations.forget(session, sue["at"], until=clock())
        tenants.get_row(session, sue["at"]).active_config_id = None
        session.flush()
        mail_configs.delete_all_of(session, sue["at"])
    with reading(SYSTEM) as session:
        assert [contacts.count_of(session, each["at"]) for each in neighbours] == [0, 1]
        assert [linked_to(session, each.tenant) for each in (cast.sue, cast.otto)] == [{}, {otto["config"]: (1, 1)}]
        assert [len(mail_configs.of_tenant(session, each["at"])) for each in neighbours] == [0, 1]
        kept = [destinations.visits_of(session, each["at"], after=clock() - timedelta(days=1)) for each in neighbours]
        assert [len(each) for each in kept] == [0, 1]
        held = [outbox.get_row(session, each.message_id).content for each in waiting.of_tenant(session, otto["at"])]
        assert None not in held


def test_words_are_those_of_whoever_wrote_them(cast):
    words = templates.shape_of(Wording(subject="Hello", text="A line."))
    with unit_of_work(SYSTEM) as session:
        for at, purpose in ((cast.sue.tenant.id, "invitation"), (cast.otto.tenant.id, "alert")):
            row = {"purpose": purpose, "language": "en", "published": words, "version": 1}
            session.add(templates.TemplateRow(id=uuid4(), tenant_id=at, **row))
    with reading(SYSTEM) as session:
        assert list(templates.of_tenant(session, cast.sue.tenant.id, "en")) == ["invitation"]
        lineage = tenants.lineage(session, cast.sue.tenant)
        assert list(templates.published_for(session, lineage, ["en"])) == [(cast.sue.tenant.id, "invitation", "en")]


def test_mail_that_is_held_is_let_go_below_one_company_alone(cast, neighbours, clock):
    with unit_of_work(SYSTEM) as session:
        for each in neighbours:
            for recipient in waiting.of_tenant(session, each["at"]):
                outbox.move(recipient, State.HELD)
        session.flush()
        waiting.release_held(session, cast.rex.tenant.path, clock())
    with reading(SYSTEM) as session:
        states = [{each.state for each in waiting.of_tenant(session, one["at"])} for one in neighbours]
    assert states == [{State.QUEUED.value}, {State.HELD.value}]
