"""Who may hold whom, how deep a tree grows, and how paths are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ids import TenantId, new_id
from portal.domain.tenancy import DEEPEST, HOLDS, Tenant, TenantKind, TenantStatus, label_of, subtree_of


def company(kind, depth=1):
    path = "1." * depth
    return Tenant(TenantId(new_id()), None, kind, "x", path, TenantStatus.ACTIVE, False, None, True, 1)


def test_sub_resellers_hold_sub_resellers_to_any_depth_but_customers_hold_nobody():
    assert company(TenantKind.SUB_RESELLER).may_hold(TenantKind.SUB_RESELLER)
    assert not any(company(TenantKind.CUSTOMER).may_hold(kind) for kind in TenantKind)
    assert all(TenantKind.PROVIDER not in children for children in HOLDS.values())


def test_a_tree_ends_at_its_greatest_depth():
    assert company(TenantKind.SUB_RESELLER, DEEPEST - 1).may_hold(TenantKind.CUSTOMER)
    assert not company(TenantKind.SUB_RESELLER, DEEPEST).may_hold(TenantKind.CUSTOMER)


@given(st.integers(min_value=0, max_value=10**9))
def test_a_label_is_its_number_in_base_36(number):
    assert int(label_of(number), 36) == number


@pytest.mark.parametrize(("number", "label"), [(0, "0"), (9, "9"), (10, "a"), (35, "z"), (36, "10"), (1295, "zz")])
def test_a_label_is_written_with_digits_and_small_letters(number, label):
    assert label_of(number) == label


@given(*[st.lists(st.integers(min_value=0, max_value=2000), min_size=1, max_size=4) for _ in range(2)])
def test_between_its_two_ends_lie_a_company_and_everyone_below_it_and_nobody_else(one, other):
    paths = ["".join(f"{label_of(number)}." for number in numbers) for numbers in (one, other, one + other)]
    first, last = subtree_of(paths[0])
    for path in paths:
        assert (first <= path <= last) is path.startswith(paths[0])


def test_a_tenant_stands_under_itself_and_whoever_is_on_its_path():
    top, below = company(TenantKind.PROVIDER), company(TenantKind.RESELLER, 2)

    assert below.stands_under(top)
    assert below.stands_under(below)
    assert not top.stands_under(below)
    assert (top.depth, below.depth) == (1, 2)
    assert top.is_root
