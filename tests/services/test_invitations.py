"""Who comes in by invitation, once, and how often somebody may be asked to."""

import pytest

from portal.domain.errors import ForbiddenError, InvalidError, NotFoundError, SuspendedError, TooManyError
from portal.domain.roles import Role
from portal.domain.secret import Secret
from tests.cast import PASSWORD

NEW = Secret(PASSWORD)


def invite(services, person, tenant=None, email="new@demo.test", role="staff"):
    return services.invitations.invite(person, (tenant or person.tenant).id, email=email, name="Cal", role=role)


def token_of(invited):
    return invited.link.rpartition("/")[2]


@pytest.mark.asvs("6.4.1")
def test_an_invitation_is_good_for_two_days_and_for_one_use(cast, services, clock):
    first, second = invite(services, cast.sue), invite(services, cast.sue, email="other@demo.test")
    clock.forward(hours=47)
    services.invitations.accept(token_of(first), NEW)
    clock.forward(hours=1)

    for used_up_or_too_old in (first, second):
        with pytest.raises(NotFoundError):
            services.invitations.accept(token_of(used_up_or_too_old), NEW)


def test_who_is_invited_again_comes_in_by_the_new_link_alone(cast, services):
    old = invite(services, cast.sue)
    user = next(each for each in services.invitations.people(cast.sue, cast.sue.tenant.id) if each.name == "Cal")
    new = services.invitations.invite_again(cast.sue, cast.sue.tenant.id, user.id)

    with pytest.raises(NotFoundError):
        services.invitations.accept(token_of(old), NEW)
    services.invitations.accept(token_of(new), NEW)
    with pytest.raises(InvalidError):
        services.invitations.invite_again(cast.sue, cast.sue.tenant.id, user.id)


def test_whoever_has_an_account_is_told_and_the_inviter_learns_nothing(cast, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("tls"))
    taken, new = invite(services, cast.sue, email="OTTO@demo.test"), invite(services, cast.sue)

    assert (taken.link, new.link) == (None, None)
    told = services.mail_log.page(cast.otto, cast.otto.tenant.id)
    assert [(line.recipient, line.purpose) for line in told] == [("otto@demo.test", "notice")]


@pytest.mark.parametrize(
    ("who", "where", "refusal"),
    [
        ("sue", "rex", NotFoundError),
        ("otto", "sue", NotFoundError),
        ("cal", "cal", ForbiddenError),
    ],
)
def test_nobody_is_invited_upwards_sideways_or_by_a_customer(cast, services, who, where, refusal):
    with pytest.raises(refusal):
        invite(services, getattr(cast, who), getattr(cast, where).tenant, role=Role.OWNER.value)


def test_a_suspended_company_invites_nobody(cast, services):
    services.tenants.suspend(cast.pia, cast.sue.tenant.id)
    reference = services.accounts.sign_in("sue@demo.test", NEW, address="127.0.0.1")

    with pytest.raises(SuspendedError):
        invite(services, services.accounts.actor_of(reference))


def test_nobody_is_bothered_by_invitations_without_end(cast, services):
    invite(services, cast.sue)
    user = next(each for each in services.invitations.people(cast.sue, cast.sue.tenant.id) if each.name == "Cal")
    for _ in range(4):
        services.invitations.invite_again(cast.sue, cast.sue.tenant.id, user.id)
    with pytest.raises(TooManyError):
        services.invitations.invite_again(cast.sue, cast.sue.tenant.id, user.id)


def test_a_company_invites_a_hundred_people_a_day(cast, services):
    for number in range(100):
        invite(services, cast.sue, email=f"new{number}@demo.test")
    with pytest.raises(TooManyError):
        invite(services, cast.sue, email="one-too-many@demo.test")
