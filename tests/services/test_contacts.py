"""Contacts agree before any mail goes to them."""

import re

import pytest

from portal.domain.errors import ForbiddenError, InvalidError, NotFoundError, TooManyError
from portal.domain.roles import Actor, Role
from portal.store.contacts import ContactRow
from portal.store.db import SYSTEM, reading
from tests.work import deliver_all


@pytest.fixture(autouse=True)
def served(cast, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("none"))


def add(services, person, tenant, *, kind="billing", name="Bill", email="bill@sue.example"):
    return services.contacts.add(person, tenant.id, kind=kind, name=name, email=email)


def token_in(mail_server, number=-1):
    return re.search(r"/contact-confirmations/(\S+)", mail_server.letters[number].text)[1]


@pytest.mark.req("S3.2")
def test_whoever_holds_the_address_is_asked_and_agrees_once(cast, services, mail_server):
    contact = add(services, cast.sue, cast.sue.tenant)
    deliver_all(services)
    token = token_in(mail_server)
    assert mail_server.letters[0].recipients == ("bill@sue.example",)
    assert not contact.is_verified
    assert services.contacts.request(token).company == "Sue & Partners"

    services.contacts.agree(token)
    assert services.contacts.overview(cast.sue, cast.sue.tenant.id)[0].is_verified
    for again in (services.contacts.request, services.contacts.agree):
        with pytest.raises(NotFoundError):
            again(token)


def test_a_link_ends_after_two_days_and_with_the_next_one_and_with_the_contact(cast, services, mail_server, clock):
    contact = add(services, cast.sue, cast.sue.tenant)
    deliver_all(services)
    services.contacts.ask_again(cast.sue, cast.sue.tenant.id, contact.id)
    deliver_all(services)
    first, second = token_in(mail_server, 0), token_in(mail_server)
    with pytest.raises(NotFoundError):
        services.contacts.agree(first)
    clock.forward(hours=48)
    with pytest.raises(NotFoundError):
        services.contacts.agree(second)

    services.contacts.ask_again(cast.sue, cast.sue.tenant.id, contact.id)
    deliver_all(services)
    services.contacts.remove(cast.sue, cast.sue.tenant.id, contact.id)
    with pytest.raises(NotFoundError):
        services.contacts.agree(token_in(mail_server))


def test_whoever_has_agreed_is_not_asked_again(cast, services, mail_server):
    contact = add(services, cast.sue, cast.sue.tenant)
    deliver_all(services)
    services.contacts.agree(token_in(mail_server))
    with pytest.raises(InvalidError):
        services.contacts.ask_again(cast.sue, cast.sue.tenant.id, contact.id)


def test_naming_the_same_one_twice_sends_one_mail(cast, services, mail_server):
    assert (
        add(services, cast.sue, cast.sue.tenant).id
        == add(services, cast.sue, cast.sue.tenant, email="BILL@sue.example").id
    )
    add(services, cast.sue, cast.sue.tenant, kind="abuse")
    deliver_all(services)

    assert len(mail_server.letters) == 2


def test_a_stranger_is_asked_three_times_a_day_at_most(cast, services):
    for person in (cast.sue, cast.rex, cast.otto):
        add(services, person, person.tenant)
    with pytest.raises(TooManyError):
        add(services, cast.pia, cast.pia.tenant)


@pytest.mark.parametrize(
    ("typed", "field"), [({"kind": "x"}, "kind"), ({"email": "nobody"}, "email"), ({"name": " "}, "name")]
)
def test_what_cannot_be_is_said_at_its_field(cast, services, typed, field):
    with pytest.raises(InvalidError) as refused:
        add(services, cast.sue, cast.sue.tenant, **typed)
    assert refused.value.problems[0].field == field


def test_who_may_name_contacts(cast, services):
    staff = Actor(cast.sue.user_id, cast.sue.tenant, Role.STAFF, "", "Staff")
    add(services, staff, cast.sue.tenant, email="a@sue.example")
    add(services, cast.pia, cast.sue.tenant, email="b@sue.example")
    for person, tenant, error in (
        (cast.otto, cast.sue.tenant, NotFoundError),
        (staff, cast.cals_company, NotFoundError),
        (cast.cal, cast.cals_company, ForbiddenError),
    ):
        with pytest.raises(error):
            add(services, person, tenant)


def test_a_closed_company_keeps_nobodys_address(cast, services, mail_server):
    contact = services.contacts.add(cast.sue, cast.cals_company.id, kind="abuse", name="A", email="a@cal.example")
    deliver_all(services)
    services.tenants.close(cast.sue, cast.cals_company.id)
    with pytest.raises(NotFoundError):
        services.contacts.agree(token_in(mail_server))
    with reading(SYSTEM) as session:
        assert session.get(ContactRow, contact.id) is None
