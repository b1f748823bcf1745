"""The tree grows, rests and is pruned."""

import pytest

from portal.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, SuspendedError
from portal.domain.roles import Permission
from portal.domain.secret import Secret
from portal.services.accounts import SignInRefusedError
from portal.services.tenants import FirstOwner
from tests.cast import PASSWORD

OWNER = FirstOwner("new@demo.test", "Cal")


def names(branch):
    return {branch.tenant.name: [names(each) for each in branch.branches]}


def test_each_level_sees_its_own_subtree_and_nothing_else(cast, services):
    assert names(services.tenants.tree(cast.rex, cast.rex.tenant.id)) == {
        "Rex Hosting": [{"Sue & Partners": [{"Cal & Co": []}]}]
    }
    for foreign in (cast.pia.tenant, cast.otto.tenant):
        with pytest.raises(NotFoundError):
            services.tenants.tree(cast.rex, foreign.id)


def test_the_way_down_begins_at_ones_own_company(cast, services):
    assert [each.name for each in services.tenants.lineage(cast.rex, cast.cals_company.id)] == [
        "Rex Hosting",
        "Sue & Partners",
        "Cal & Co",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [
        ("reseller", "X", "kind"),
        ("provider", "X", "kind"),
        ("", "X", "kind"),
        ("customer", " ", "name"),
        ("customer", "x" * 121, "name"),
        ("customer", "a\0", "name"),
        ("customer", "CAL & CO", "name"),
    ],
)
def test_a_company_that_cannot_be_is_refused_at_the_field(cast, services, kind, name, field):
    with pytest.raises(InvalidError) as refused:
        services.tenants.create(cast.sue, cast.sue.tenant.id, kind=kind, name=name)
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.asvs("2.3.3")
def test_a_company_and_its_first_owner_come_together_or_not_at_all(cast, services):
    with pytest.raises(InvalidError) as refused:
        services.tenants.create_with_owner(
            cast.sue, cast.sue.tenant.id, kind="customer", name="New", owner=FirstOwner("nobody", "")
        )
    assert {problem.field for problem in refused.value.problems} == {"owner_email", "owner_name"}
    assert len(services.tenants.tree(cast.sue, cast.sue.tenant.id).branches) == 1


def test_a_tree_deeper_than_its_limit_is_refused(cast, services):
    parent = cast.sue.tenant
    for level in range(parent.depth, 32):
        parent = services.tenants.create(cast.sue, parent.id, kind="sub_reseller", name=f"Level {level}")
    with pytest.raises(InvalidError) as refused:
        services.tenants.create(cast.sue, parent.id, kind="customer", name="Too deep")
    assert refused.value.problems[0].code == "too-deep"


def test_a_portal_has_one_root(cast, services):
    with pytest.raises(ConflictError):
        services.tenants.set_up(name="Another")


def test_a_renamed_company_keeps_its_place(cast, services):
    renamed = services.tenants.rename(
        cast.sue, cast.sue.tenant.id, name="Sue Ltd", shows_sender=True, version=cast.sue.tenant.version
    )

    assert (renamed.name, renamed.path) == ("Sue Ltd", cast.sue.tenant.path)
    with pytest.raises(ConflictError):
        services.tenants.rename(
            cast.sue, cast.sue.tenant.id, name="Other", shows_sender=True, version=cast.sue.tenant.version
        )


def test_people_of_a_suspended_branch_look_but_change_nothing(cast, services):
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    reference = services.accounts.sign_in("sue@demo.test", Secret(PASSWORD), address="127.0.0.1")
    sue = services.accounts.actor_of(reference)

    assert services.mail_configs.overview(sue, sue.tenant.id)
    with pytest.raises(SuspendedError):
        services.mail_configs.select(sue, sue.tenant.id, None)
    with pytest.raises(SuspendedError):
        services.tenants.create(sue, sue.tenant.id, kind="customer", name="New")


def test_only_somebody_above_suspends_and_lifts(cast, services):
    with pytest.raises(ForbiddenError):
        services.tenants.suspend(cast.rex, cast.rex.tenant.id)
    with pytest.raises(NotFoundError):
        services.tenants.suspend(cast.sue, cast.rex.tenant.id)
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    assert services.tenants.get(cast.pia, cast.cals_company.id, Permission.VIEW_TREE).suspended
    services.tenants.resume(cast.pia, cast.rex.tenant.id)
    assert not services.tenants.get(cast.pia, cast.cals_company.id, Permission.VIEW_TREE).suspended


def test_a_company_with_others_below_it_is_not_closed(cast, services):
    with pytest.raises(InvalidError) as refused:
        services.tenants.close(cast.rex, cast.sue.tenant.id)
    assert refused.value.problems[0].code == "not-empty"


def test_a_closed_company_is_gone_its_people_are_out_and_its_name_is_free(cast, services):
    cast.active_config(cast.sue, tenant=cast.cals_company)
    services.tenants.close(cast.sue, cast.cals_company.id)

    with pytest.raises(NotFoundError):
        services.tenants.get(cast.sue, cast.cals_company.id, Permission.VIEW_TREE)
    with pytest.raises(SignInRefusedError):
        services.accounts.sign_in("cal@demo.test", Secret(PASSWORD), address="127.0.0.1")
    assert services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name="Cal & Co")


def test_a_closed_company_counts_for_nobody(cast, services):
    config = cast.active_config(cast.sue, name="Own")
    services.tenants.close(cast.sue, cast.cals_company.id)

    assert services.mail_configs.overview(cast.sue, config.tenant_id).line_of(config.id).used_below == 0
    assert services.tenants.tree(cast.sue, cast.sue.tenant.id).branches == ()
