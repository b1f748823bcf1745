"""A name of its own is asked for by a company, approved by the operator alone, and then leads its people's links."""

import re
from dataclasses import replace

import pytest

from portal.domain.audit import Event
from portal.domain.branding import TypedBranding
from portal.domain.errors import ForbiddenError, InvalidError, NotFoundError, SuspendedError
from portal.domain.ids import BrandHostId, new_id
from portal.domain.roles import Permission, Role
from portal.domain.secret import Secret
from portal.services.accounts import SignInRefusedError
from portal.services.links import LinkPurpose
from portal.store.db import SYSTEM, unit_of_work
from tests.cast import PASSWORD
from tests.work import deliver_all


@pytest.fixture
def hosts(services):
    return services.brand_hosts


@pytest.fixture
def named(hosts, cast):
    def name(person, host_name):
        host = hosts.ask(person, person.tenant.id, host_name)
        hosts.approve(cast.pia, host.id)
        return host

    return name


def link_to(services, user_id):
    with unit_of_work(SYSTEM) as session:
        return services.invitations.links.issue(session, user_id, LinkPurpose.PASSWORD_RESET).url.partition(
            "/password"
        )[0]


def events(services, person):
    return [entry.event for entry in services.audit.page(person, person.tenant.id)]


def test_a_link_leads_to_the_nearest_approved_name_above_its_reader_or_to_the_portals_own(services, cast, hosts, named):
    everybody = {"pia": cast.pia, "rex": cast.rex, "sue": cast.sue, "cal": cast.cal, "otto": cast.otto}
    hosts.ask(cast.sue, cast.sue.tenant.id, "not-approved.example")
    named(cast.rex, "mail.rex.example")
    named(cast.sue, "mail.sue.example")
    links = {name: link_to(services, person.user_id) for name, person in everybody.items()}

    assert links == {
        "pia": "http://portal.test",
        "rex": "http://mail.rex.example",
        "sue": "http://mail.sue.example",
        "cal": "http://mail.sue.example",
        "otto": "http://portal.test",
    }


def test_scheme_and_port_of_a_link_are_those_of_the_portals_own_address(make_portal):
    app = make_portal(public_url="https://portal.test:8443")
    with app.app_context():
        assert app.extensions["portal.services"].brand_hosts.urls.under("a.example") == "https://a.example:8443"


def test_mails_with_links_lead_to_the_name_of_their_reader(services, cast, named, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("none"))
    named(cast.rex, "mail.rex.example")
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    services.password_changes.ask("sue@demo.test", address="192.0.2.7")
    services.contacts.add(cast.sue, cast.sue.tenant.id, kind="billing", name="Bill", email="bill@demo.test")
    services.security.email_changes.ask(cast.cal, "cal@new.example")
    deliver_all(services)

    links = [link for letter in mail_server.letters for link in re.findall(r"https?://[^/\s]+", letter.text)]
    assert set(links) == {"http://mail.rex.example"}
    assert len({letter.subject for letter in mail_server.letters}) == 4


def test_after_a_name_is_taken_away_links_lead_to_the_next_one(services, cast, hosts, named):
    named(cast.rex, "mail.rex.example")
    host = named(cast.sue, "mail.sue.example")
    before = link_to(services, cast.sue.user_id)
    hosts.refuse(None, host.id)

    assert (before, link_to(services, cast.sue.user_id)) == ("http://mail.sue.example", "http://mail.rex.example")


def test_only_the_operator_approves_refuses_and_sees_them_all(services, cast, hosts):
    host = hosts.ask(cast.sue, cast.sue.tenant.id, "mail.sue.example")
    staff = services.accounts.add(
        cast.pia.tenant.id, email="staff@demo.test", name="Staff", role=Role.STAFF, password=None
    )
    for person in (cast.rex, cast.sue, replace(cast.pia, user_id=staff.id, role=Role.STAFF)):
        for deed in (hosts.approve, hosts.refuse):
            with pytest.raises(NotFoundError):
                deed(person, host.id)
        with pytest.raises(NotFoundError):
            hosts.everybodys(person)
    with pytest.raises(NotFoundError):
        hosts.approve(cast.pia, BrandHostId(new_id()))

    assert [each.name for each in hosts.everybodys(cast.pia)] == ["mail.sue.example"]
    assert services.brandings.shelf.book().hosts == {}


def test_a_company_lets_go_only_of_its_own_names(cast, hosts):
    host = hosts.ask(cast.sue, cast.sue.tenant.id, "mail.sue.example")
    for person, tenant in ((cast.otto, cast.otto.tenant), (cast.otto, cast.sue.tenant), (cast.rex, cast.rex.tenant)):
        with pytest.raises(NotFoundError):
            hosts.give_up(person, tenant.id, host.id)
    with pytest.raises(ForbiddenError):
        hosts.ask(cast.cal, cast.cal.tenant.id, "mail.cal.example")

    assert hosts.give_up(cast.rex, cast.sue.tenant.id, host.id) == "mail.sue.example"
    assert hosts.of_tenant(cast.sue, cast.sue.tenant.id) == []


def test_asking_for_a_name_that_somebody_has_is_answered_like_any_other_and_blocks_nobody(services, cast, hosts, named):
    squatters = hosts.ask(cast.otto, cast.otto.tenant.id, "mail.rex.example")
    rexes = named(cast.rex, "mail.rex.example")
    again = hosts.ask(cast.sue, cast.sue.tenant.id, "mail.rex.example")

    assert not again.is_served
    for waiting in (squatters, again):
        with pytest.raises(InvalidError) as refused:
            hosts.approve(cast.pia, waiting.id)
        assert refused.value.problems[0].values == {"company": "Rex Hosting"}
    hosts.give_up(cast.rex, cast.rex.tenant.id, rexes.id)
    hosts.approve(cast.pia, squatters.id)
    assert services.brandings.shelf.book().hosts["mail.rex.example"].tenant_id == cast.otto.tenant.id


def test_a_company_asks_once_for_each_name_and_for_five_at_most(cast, hosts):
    for number in range(5):
        hosts.ask(cast.sue, cast.sue.tenant.id, f"mail{number}.sue.example")
    codes = []
    for name in ("MAIL1.sue.example", "mail6.sue.example", "portal.test"):
        with pytest.raises(InvalidError) as refused:
            hosts.ask(cast.sue, cast.sue.tenant.id, name)
        codes += [each.code for each in refused.value.problems]

    assert codes == ["asked-already", "too-many", "own-name"]


def test_whoever_is_suspended_asks_for_nothing(services, cast, hosts):
    services.tenants.suspend(cast.rex, cast.sue.tenant.id)
    sue = replace(cast.sue, tenant=services.tenants.get(cast.pia, cast.sue.tenant.id, Permission.VIEW_TREE))

    with pytest.raises(SuspendedError):
        hosts.ask(sue, sue.tenant.id, "mail.sue.example")


def test_a_closed_company_has_no_name_and_no_brand_any_more(services, cast, hosts, named, clock):
    host = named(cast.sue, "mail.sue.example")
    company = services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name="Short-lived")
    theirs = hosts.ask(cast.sue, company.id, "mail.short.example")
    hosts.approve(cast.pia, theirs.id)
    for tenant_id in (company.id, cast.sue.tenant.id):
        services.brandings.change(cast.sue, tenant_id, TypedBranding(product="Short-lived"), version=0)
    services.tenants.close(cast.sue, company.id)
    clock.forward(seconds=5)

    book = services.brandings.shelf.book()
    assert (set(book.hosts), set(book.brandings)) == ({host.name}, {cast.sue.tenant.path})
    assert [each.name for each in hosts.everybodys(cast.pia)] == ["mail.sue.example"]


def test_after_a_move_the_names_of_everybody_who_moved_are_looked_at_again_and_go_on(services, cast, hosts, named):
    named(cast.sue, "mail.sue.example")
    named(cast.otto, "mail.otto.example")
    hosts.ask(cast.sue, cast.sue.tenant.id, "asked.sue.example")
    told = services.moving.names_to_check(cast.pia, cast.sue.tenant.id)
    services.moving.move(cast.pia, cast.sue.tenant.id, cast.otto.tenant.id, version=cast.sue.tenant.version)
    flagged = {each.name: each.is_flagged for each in hosts.everybodys(None)}
    book = services.brandings.shelf.book()
    hosts.approve(cast.pia, next(each.id for each in hosts.everybodys(None) if each.is_flagged))

    assert told == ["mail.sue.example"]
    assert flagged == {"mail.sue.example": True, "mail.otto.example": False, "asked.sue.example": False}
    assert book.hosts["mail.sue.example"].path.startswith(cast.otto.tenant.path)
    assert not any(each.is_flagged for each in hosts.everybodys(None))


def test_every_step_stands_in_the_companys_log(services, cast, hosts, named):
    first, second = named(cast.sue, "mail.sue.example"), hosts.ask(cast.sue, cast.sue.tenant.id, "other.sue.example")
    hosts.refuse(None, second.id)
    hosts.give_up(cast.sue, cast.sue.tenant.id, first.id)

    assert events(services, cast.sue)[:5] == [
        Event.BRAND_HOST_GIVEN_UP, Event.BRAND_HOST_REFUSED, Event.BRAND_HOST_ASKED, Event.BRAND_HOST_APPROVED, Event.BRAND_HOST_ASKED,
    ]  # fmt: skip


def test_the_refusal_of_the_right_password_names_the_brand_host(services, cast, named):
    named(cast.rex, "mail.rex.example")
    with pytest.raises(SignInRefusedError):
        services.accounts.sign_in("otto@demo.test", Secret(PASSWORD), address="192.0.2.7", host="mail.rex.example")

    entry = services.audit.page(cast.otto, cast.otto.tenant.id)[0]
    assert (entry.event, entry.fields) == (Event.SIGN_IN_REFUSED, {"brand_host": ("", "mail.rex.example")})
