"""A mail password is changed by itself: by those who look after the account, or by whoever has it alone."""

import pytest

from portal.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.store import mail_configs
from portal.store.db import SYSTEM, reading
from tests.work import OWNER, deliver_all

GOOD, WRONG = Secret("open sesame"), Secret("wrong")


def linked(cast, services, mail_server, *, password="wrong", door="starttls"):
    """A configuration of Cal's company that is linked to Cal alone."""
    config = cast.config(cast.sue, tenant=cast.cals_company, password=password, **mail_server.typed(door))
    services.linked_configs.link_users(cast.sue, cast.cals_company.id, [cast.cal.user_id], config.id)
    return config


def send(services, cast):
    to = (Mailbox("otto@demo.test"),)
    content = Outgoing("Hello", "A line.\n")
    tenant_id = cast.cals_company.id
    return services.sending.send(tenant_id=tenant_id, to=to, content=content, user_id=cast.cal.user_id)[0]


def codes(refused):
    return [(problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.req("S0.16", "S0.18")
@pytest.mark.parametrize("person", ["sue", "rex", "pia"])
def test_whoever_looks_after_a_company_changes_the_password_of_any_of_its_accounts(cast, services, mail_server, person):
    config = linked(cast, services, mail_server)
    services.mail_passwords.change(getattr(cast, person), cast.cals_company.id, config.id, password=GOOD)
    send(services, cast)
    deliver_all(services)

    assert len(mail_server.letters) == 1


@pytest.mark.req("S0.17", "S0.18")
def test_cal_changes_the_password_of_the_account_that_is_his_alone(cast, services, mail_server):
    linked(cast, services, mail_server)
    account = services.mail_ways.of_oneself(cast.cal).account
    services.mail_passwords.change_own(cast.cal, password=GOOD, version=account.version)
    send(services, cast)
    deliver_all(services)

    assert len(mail_server.letters) == 1
    after = services.mail_ways.of_oneself(cast.cal).account
    assert (after.changed_by, after.changed_at, after.host) == (Role.CUSTOMER, services.clock(), "127.0.0.1")


def test_the_new_password_wakes_mail_that_waits_for_it_and_the_old_one_is_gone(cast, services, mail_server):
    config = linked(cast, services, mail_server)
    send(services, cast)
    deliver_all(services)
    with reading(SYSTEM) as session:
        before = mail_configs.get_by_id(session, config.id).password
    services.mail_passwords.change(cast.sue, cast.cals_company.id, config.id, password=GOOD)
    deliver_all(services)

    assert len(mail_server.letters) == 1
    with reading(SYSTEM) as session:
        row = mail_configs.get_by_id(session, config.id)
        assert (row.password != before, row.version) == (True, config.version + 1)


def test_a_mail_in_hand_does_not_leave_with_the_old_password(cast, services, mail_server):
    config = linked(cast, services, mail_server, password="open sesame")
    message_id = send(services, cast)
    claim = services.delivering.claim(OWNER)
    assert claim.message_id == message_id
    job = services.delivering.preparation.prepare(claim)
    services.mail_passwords.change(cast.sue, cast.cals_company.id, config.id, password=WRONG)
    services.delivering._settle(job, services.delivering._transmit(job))

    assert mail_server.letters == []


def shared_with_a_colleague(cast, services, config):
    user = services.accounts.add(
        cast.cals_company.id, email="c@demo.test", name="Colleague", role=Role.CUSTOMER, password=None
    )
    services.linked_configs.link_users(cast.sue, cast.cals_company.id, [user.id], config.id)


def shared_with_a_profile(cast, services, config):
    profile = services.profiles.create(cast.sue, cast.cals_company.id, name="Sales")
    services.linked_configs.link_profile(cast.sue, cast.cals_company.id, profile.id, config.id)


def shared_with_the_company(cast, services, config):
    services.mail_configs.select(cast.sue, cast.cals_company.id, config.id)


@pytest.mark.parametrize("share", [shared_with_a_colleague, shared_with_a_profile, shared_with_the_company])
def test_a_shared_account_is_for_its_companys_owner_and_staff_alone(cast, services, mail_server, share):
    config = linked(cast, services, mail_server)
    version = services.mail_ways.of_oneself(cast.cal).account.version
    share(cast, services, config)

    assert services.mail_ways.of_oneself(cast.cal).account is None
    with pytest.raises(NotFoundError):
        services.mail_passwords.change_own(cast.cal, password=GOOD, version=version)
    services.mail_passwords.change(cast.sue, cast.cals_company.id, config.id, password=GOOD)


def test_nobody_types_a_password_for_a_server_that_his_page_did_not_show(cast, services, mail_server):
    config = linked(cast, services, mail_server)
    services.mail_passwords.change(cast.sue, cast.cals_company.id, config.id, password=GOOD)

    with pytest.raises(ConflictError):
        services.mail_passwords.change_own(cast.cal, password=GOOD, version=config.version)


def test_a_user_changes_no_account_but_that_one(cast, services, mail_server):
    config = linked(cast, services, mail_server)

    with pytest.raises(ForbiddenError):
        services.mail_passwords.change(cast.cal, cast.cals_company.id, config.id, password=GOOD)
    with pytest.raises(NotFoundError):
        services.mail_passwords.change(cast.otto, cast.cals_company.id, config.id, password=GOOD)
    with pytest.raises(NotFoundError):
        services.mail_passwords.change(cast.otto, cast.otto.tenant.id, config.id, password=GOOD)
    with pytest.raises(NotFoundError):
        services.mail_passwords.change_own(cast.sue, password=GOOD, version=1)


@pytest.mark.parametrize(("typed", "code"), [("", "required"), ("a\tb", "bad-character"), ("x" * 1001, "too-long")])
def test_a_password_that_cannot_be_is_refused_at_its_field(cast, services, mail_server, typed, code):
    config = linked(cast, services, mail_server)
    with pytest.raises(InvalidError) as refused:
        services.mail_passwords.change(cast.sue, cast.cals_company.id, config.id, password=Secret(typed))

    assert codes(refused) == [("password", code)]


def test_a_server_without_sign_in_has_no_password_to_change(cast, services):
    config = cast.config(cast.sue, signs_in=False, username="")
    with pytest.raises(InvalidError) as refused:
        services.mail_passwords.change(cast.sue, cast.sue.tenant.id, config.id, password=GOOD)

    assert codes(refused) == [("password", "no-sign-in")]


def test_the_audit_says_that_it_changed_and_not_to_what(cast, services, mail_server):
    config = linked(cast, services, mail_server)
    services.mail_passwords.change(cast.sue, cast.cals_company.id, config.id, password=Secret("never to be seen"))

    entry = services.audit.page(cast.sue, cast.cals_company.id, before=None)[0]
    assert (entry.event, dict(entry.fields)) == ("mail-password.changed", {"password": ("changed", "changed")})
