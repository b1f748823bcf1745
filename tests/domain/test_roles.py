"""Who may do what, and that the foreign does not exist."""

import pytest

from portal.domain.errors import ForbiddenError, NotFoundError, SuspendedError
from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.roles import Actor, Permission, Role, ensure_may, ensure_operator, granted
from portal.domain.tenancy import Tenant, TenantKind, TenantStatus


def company(path, *, suspended=False):
    status = TenantStatus.SUSPENDED if suspended else TenantStatus.ACTIVE
    parent = TenantId(new_id()) if path.count(".") > 1 else None
    return Tenant(TenantId(new_id()), parent, TenantKind.RESELLER, "x", path, status, suspended, None, True, 1)


PROVIDER, REX, SUE, OTTO = company("1."), company("1.2."), company("1.2.3."), company("1.4.")


def person(tenant, role=Role.OWNER):
    return Actor(UserId(new_id()), tenant, role, "x@demo.test", "X")


@pytest.mark.parametrize("permission", list(Permission))
def test_nobody_reaches_upwards_or_sideways(permission):
    for foreign in (PROVIDER, OTTO):
        with pytest.raises(NotFoundError):
            ensure_may(person(REX), permission, foreign)
        assert granted(person(REX), foreign) == frozenset()


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


LOOKS = {each for each in Permission if each.endswith(":view")}
OWN_MAIL = {Permission.SEND_OWN_TEST, Permission.CHANGE_OWN_MAIL_PASSWORD}
FROM_ABOVE = {Permission.SUSPEND_TENANT, Permission.CLOSE_TENANT, Permission.MOVE_TENANT, Permission.SEND_INVOICES}
PEOPLE = {
    *(Permission.CREATE_TENANT, Permission.EDIT_TENANT),
    *(Permission.INVITE_USERS, Permission.EDIT_USERS, Permission.EDIT_PROFILES),
}


def test_an_owner_may_everything_at_home_but_what_is_done_from_above():
    assert granted(person(REX), REX) == set(Permission) - FROM_ABOVE


def test_an_owner_may_everything_below_but_read_somebodys_own_mail():
    assert granted(person(REX), SUE) == set(Permission) - OWN_MAIL


AUDIT = {Permission.VIEW_AUDIT_LOG, Permission.EXPORT_AUDIT_LOG}


def test_staff_may_at_home_whatever_has_to_do_with_mail_and_nothing_with_people():
    assert granted(person(REX, Role.STAFF), REX) == set(Permission) - FROM_ABOVE - PEOPLE - AUDIT


def test_a_customer_may_nothing_below():
    assert granted(person(REX, Role.CUSTOMER), SUE) == frozenset()


def test_whoever_may_do_other_things_is_told_that_his_role_does_not_allow_this():
    with pytest.raises(ForbiddenError) as refused:
        ensure_may(person(REX, Role.STAFF), Permission.EDIT_USERS, REX)
    assert refused.value.args == (Permission.EDIT_USERS,)


@pytest.mark.parametrize("permission", sorted(LOOKS))
def test_people_of_a_suspended_company_may_look_at_everything(permission):
    resting = company("1.2.", suspended=True)

    ensure_may(person(resting), permission, resting)


@pytest.mark.parametrize("permission", sorted(set(Permission) - LOOKS - FROM_ABOVE))
def test_people_of_a_suspended_company_may_change_nothing(permission):
    resting = company("1.2.", suspended=True)

    with pytest.raises(SuspendedError):
        ensure_may(person(resting), permission, resting)


def test_whoever_stands_above_a_suspended_company_goes_on_working_in_it():
    ensure_may(person(REX), Permission.EDIT_CONFIGS, company("1.2.3.", suspended=True))


def test_the_operator_is_an_owner_at_the_root_and_nobody_else():
    for actor in (person(SUE), person(PROVIDER, Role.STAFF)):
        with pytest.raises(NotFoundError):
            ensure_operator(actor)
    ensure_operator(person(PROVIDER))
