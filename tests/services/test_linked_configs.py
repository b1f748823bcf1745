"""Configurations linked to people and profiles: one record serves many, and none is left dangling."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.domain.errors import ConflictError, NotFoundError
from portal.domain.roles import Role
from portal.store import profiles, users
from portal.store.db import SYSTEM, reading, unit_of_work


def link(cast, config, *user_ids, **options):
    return cast.services.linked_configs.link_users(
        cast.sue, cast.sue.tenant.id, user_ids or [cast.sue.user_id], config.id if config else None, **options
    )


def colleague(cast, number):
    return cast.services.accounts.add(
        cast.sue.tenant.id, email=f"c{number}@demo.test", name=f"C{number}", role=Role.STAFF, password=None
    )


def linked(cast):
    with reading(SYSTEM) as session:
        return [each.linked_config_id for each in users.of_tenant(session, cast.sue.tenant.id)]


@pytest.mark.req("S0.19")
def test_one_configuration_serves_many_people_and_profiles(cast, services):
    config = cast.config(cast.sue)
    others = [colleague(cast, number) for number in range(3)]
    profile = services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")

    assert link(cast, config, cast.sue.user_id, *(user.id for user in others)) == 4
    assert services.linked_configs.link_profile(cast.sue, cast.sue.tenant.id, profile.id, config.id) == 1

    line = services.mail_configs.overview(cast.sue, cast.sue.tenant.id).line_of(config.id)
    assert (line.users, line.profiles) == (4, 1)
    assert linked(cast) == [config.id] * 4


def test_a_second_click_changes_nothing_and_is_no_error(cast, services):
    config = cast.config(cast.sue)

    assert [link(cast, config), link(cast, config), link(cast, None), link(cast, None)] == [1, 0, 1, 0]
    events = [entry.event for entry in services.audit.page(cast.sue, cast.sue.tenant.id, before=None)]
    assert (events.count("mail-config.linked"), events.count("mail-config.unlinked")) == (1, 1)


def test_a_link_made_on_a_page_that_is_out_of_date_is_a_conflict(cast):
    config = cast.config(cast.sue)
    link(cast, config, version=1)

    with pytest.raises(ConflictError):
        link(cast, None, version=1)


def test_nothing_of_another_company_can_be_linked(cast, services):
    own, foreign = cast.config(cast.sue), cast.config(cast.otto)

    for reach in (
        lambda: link(cast, foreign),
        lambda: link(cast, own, cast.otto.user_id),
        lambda: services.linked_configs.link_users(cast.otto, cast.sue.tenant.id, [cast.sue.user_id], own.id),
    ):
        with pytest.raises(NotFoundError):
            reach()
    assert linked(cast) == [None]


@pytest.mark.asvs("8.4.1")
def test_the_database_itself_refuses_what_crosses_companies(cast, services):
    """T28: a composite key stands behind every rule, so that no forgotten check can mix two companies."""
    foreign = cast.config(cast.otto)
    profile = services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")
    for statement, values in (
        ("UPDATE users SET linked_config_id = :config WHERE id = :user", {"user": cast.sue.user_id.hex}),
        ("UPDATE profiles SET linked_config_id = :config WHERE id = :profile", {"profile": profile.id.hex}),
    ):
        with pytest.raises(IntegrityError), unit_of_work(SYSTEM) as session:
            session.execute(text(statement), {"config": foreign.id.hex, **values})
    for tenant in (cast.sue.tenant, cast.otto.tenant):
        with pytest.raises(IntegrityError), unit_of_work(SYSTEM) as session:
            session.add(profiles.MembershipRow(user_id=cast.otto.user_id, profile_id=profile.id, tenant_id=tenant.id))


def test_a_deletion_says_whom_it_touches_and_leaves_nobody_pointing_at_nothing(cast, services):
    config, other = cast.config(cast.sue), cast.active_config(cast.sue, name="Other")
    profile = services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")
    link(cast, config)
    services.linked_configs.link_profile(cast.sue, cast.sue.tenant.id, profile.id, config.id)

    usage = services.mail_configs.usage(cast.sue, cast.sue.tenant.id, config.id)
    assert (usage.users, usage.profiles, usage.successor_exists) == (("Sue",), ("Sales",), True)

    services.mail_configs.delete(cast.sue, cast.sue.tenant.id, config.id)
    assert linked(cast) == [None]
    assert services.profiles.get(cast.sue, cast.sue.tenant.id, profile.id).linked_config_id is None
    assert services.mail_configs.overview(cast.sue, cast.sue.tenant.id).line_of(other.id) is not None


def test_a_company_with_links_can_be_closed(cast, services):
    config = cast.config(cast.sue, tenant=cast.cals_company)
    services.linked_configs.link_users(cast.sue, cast.cals_company.id, [cast.cal.user_id], config.id)

    services.tenants.close(cast.sue, cast.cals_company.id)

    with reading(SYSTEM) as session:
        assert users.get_row(session, cast.cal.user_id).linked_config_id is None
