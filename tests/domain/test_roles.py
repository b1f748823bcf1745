"""Who may do what, and that the foreign does not exist."""

import pytest

from portal.domain.errors import ForbiddenError, NotFoundError, SuspendedError
from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.roles import Actor, Permission, Role, ensure_may, granted
from portal.domain.tenancy import Tenant, TenantKind, TenantStatus


def company(path, *, suspended=False):
    status = TenantStatus.SUSPENDED if suspended else TenantStatus.ACTIVE
    return Tenant(TenantId(new_id()), None, TenantKind.RESELLER, "x", path, status, suspended, None, True, 1)


PROVIDER, REX, SUE, OTTO = company("1."), company("1.2."), company("1.2.3."), company("1.4.")


def person(tenant, role=Role.OWNER):
    return Actor(UserId(new_id()), tenant, role, "x@demo.test", "X")


@pytest.mark.parametrize("permission", list(Permission))
def test_nobody_reaches_upwards_or_sideways(permission):
    for foreign in (PROVIDER, OTTO):
        with pytest.raises(NotFoundError):
            ensure_may(person(REX), permission, foreign)


def test_an_owner_may_edit_in_the_whole_subtree_but_staff_only_at_home():
    assert Permission.EDIT_CONFIGS in granted(person(REX), SUE)
    assert granted(person(REX, Role.STAFF), SUE) == frozenset()
    assert Permission.EDIT_CONFIGS in granted(person(REX, Role.STAFF), REX)


def test_a_customer_may_test_his_own_mail_and_change_its_password_and_nothing_else():
    assert granted(person(SUE, Role.CUSTOMER), SUE) == {Permission.SEND_OWN_TEST, Permission.CHANGE_OWN_MAIL_PASSWORD}
    with pytest.raises(ForbiddenError):
        ensure_may(person(SUE, Role.CUSTOMER), Permission.VIEW_CONFIGS, SUE)


def test_nobody_suspends_his_own_company():
    assert Permission.SUSPEND_TENANT not in granted(person(REX), REX)
    assert Permission.SUSPEND_TENANT in granted(person(REX), SUE)


def test_people_of_a_suspended_company_look_but_change_nothing():
    resting = company("1.2.", suspended=True)

    ensure_may(person(resting), Permission.VIEW_CONFIGS, resting)
    with pytest.raises(SuspendedError):
        ensure_may(person(resting), Permission.EDIT_CONFIGS, resting)


def test_a_neighbour_whose_number_begins_alike_is_no_descendant():
    assert not company("1.21.").stands_under(company("1.2."))
