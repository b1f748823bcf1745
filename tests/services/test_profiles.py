"""Profiles: groups of a company's people, in an order in which no two are equal."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from portal.domain.ids import ProfileId
from portal.domain.profiles import ProfileQuery, ProfileSort
from portal.domain.roles import Role


def create(cast, name, person=None):
    person = person or cast.sue
    return cast.services.profiles.create(person, person.tenant.id, name=name)


def names(cast):
    return [line.profile.name for line in cast.services.profiles.overview(cast.sue, cast.sue.tenant.id)]


def orders(cast):
    return [line.profile.order for line in cast.services.profiles.overview(cast.sue, cast.sue.tenant.id)]


def test_a_new_profile_stands_behind_all_others_and_nobody_is_in_it(cast, services):
    for name in ("Sales", "Support", "Billing"):
        create(cast, name)

    lines = services.profiles.overview(cast.sue, cast.sue.tenant.id)
    assert [(line.profile.name, line.profile.order, line.members, line.linked_name) for line in lines] == [
        ("Sales", 1, 0, None),
        ("Support", 2, 0, None),
        ("Billing", 3, 0, None),
    ]


def test_they_are_looked_at_by_name_people_or_configuration_and_keep_their_places(cast, services):
    own = cast.config(cast.sue, name="Office relay")
    for name in ("sales", "Support", "Billing"):
        create(cast, name)
    sales, _support, billing = services.profiles.overview(cast.sue, cast.sue.tenant.id)
    services.profiles.add_members(cast.sue, cast.sue.tenant.id, billing.profile.id, [cast.sue.user_id])
    services.linked_configs.link_profile(cast.sue, cast.sue.tenant.id, sales.profile.id, own.id)

    def places(sort, *, is_reversed=False):
        query = ProfileQuery(sort, is_reversed)
        return [line.place for line in services.profiles.overview(cast.sue, cast.sue.tenant.id, query)]

    assert places(ProfileSort.NAME) == [3, 1, 2]
    assert places(ProfileSort.PEOPLE) == [1, 2, 3]
    assert places(ProfileSort.PEOPLE, is_reversed=True) == [3, 2, 1]
    assert places(ProfileSort.CONFIG) == [1, 2, 3]
    assert places(ProfileSort.ORDER, is_reversed=True) == [3, 2, 1]


@pytest.mark.parametrize(("name", "code"), [("", "required"), ("sALES", "taken"), ("x" * 121, "too-long")])
def test_a_name_that_cannot_be_is_refused_at_its_field(cast, name, code):
    create(cast, "Sales")

    with pytest.raises(InvalidError) as refused:
        create(cast, name)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("name", code)]


def test_another_company_may_use_the_same_name(cast):
    create(cast, "Sales")

    assert create(cast, "Sales", cast.rex).order == 1


def test_a_rename_of_a_version_that_is_gone_is_a_conflict(cast, services):
    profile = create(cast, "Sales")
    services.profiles.rename(cast.sue, cast.sue.tenant.id, profile.id, name="Shop", version=1)

    with pytest.raises(ConflictError):
        services.profiles.rename(cast.sue, cast.sue.tenant.id, profile.id, name="Sellers", version=1)
    assert names(cast) == ["Shop"]


def test_a_profile_goes_and_its_people_stay(cast, services):
    profile = create(cast, "Sales")
    services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [cast.sue.user_id])
    services.profiles.delete(cast.sue, cast.sue.tenant.id, profile.id)

    assert names(cast) == []
    assert [user.name for user in services.invitations.people(cast.sue, cast.sue.tenant.id)] == ["Sue"]


def test_who_is_in_a_profile_is_said_once_however_often_he_is_added(cast, services):
    profile = create(cast, "Sales")
    added = [
        services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [cast.sue.user_id]) for _ in range(2)
    ]

    assert added == [1, 0]
    assert [user.name for user in services.profiles.members(cast.sue, cast.sue.tenant.id, profile.id)] == ["Sue"]


def test_nobody_of_another_company_gets_into_a_profile(cast, services):
    profile = create(cast, "Sales")

    with pytest.raises(NotFoundError):
        services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [cast.sue.user_id, cast.otto.user_id])
    assert services.profiles.members(cast.sue, cast.sue.tenant.id, profile.id) == []


def test_staff_look_and_owners_change(cast, services):
    profile = create(cast, "Sales")
    user = services.accounts.add(cast.sue.tenant.id, email="s@demo.test", name="Staff", role=Role.STAFF, password=None)
    staff = type(cast.sue)(user.id, cast.sue.tenant, Role.STAFF, user.email, user.name)

    assert len(services.profiles.overview(staff, cast.sue.tenant.id)) == 1
    with pytest.raises(ForbiddenError):
        services.profiles.delete(staff, cast.sue.tenant.id, profile.id)


def test_what_is_foreign_does_not_exist(cast, services):
    profile, own, foreign = create(cast, "Sales"), cast.sue.tenant.id, cast.otto.tenant.id

    for reach in (
        lambda: services.profiles.get(cast.otto, own, profile.id),
        lambda: services.profiles.get(cast.otto, foreign, profile.id),
        lambda: services.profiles.delete(cast.otto, foreign, profile.id),
        lambda: services.profiles.move(cast.otto, foreign, profile.id, up=True),
        lambda: services.profiles.rename(cast.otto, foreign, profile.id, name="Mine", version=1),
        lambda: services.profiles.add_members(cast.otto, foreign, profile.id, [cast.otto.user_id]),
        lambda: services.profiles.get(cast.sue, own, ProfileId(uuid4())),
    ):
        with pytest.raises(NotFoundError):
            reach()


@given(moves=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_the_order_is_what_changing_places_in_a_list_gives(cast, services, moves):
    for line in services.profiles.overview(cast.sue, cast.sue.tenant.id):
        services.profiles.delete(cast.sue, cast.sue.tenant.id, line.profile.id)
    profiles = [create(cast, name) for name in "ABCD"]
    expected = list("ABCD")
    for number, up in moves:
        profile = profiles[number]
        services.profiles.move(cast.sue, cast.sue.tenant.id, profile.id, up=up)
        place = expected.index(profile.name)
        other = place - 1 if up else place + 1
        if 0 <= other < len(expected):
            expected[place], expected[other] = expected[other], expected[place]

    assert names(cast) == expected
    assert orders(cast) == [1, 2, 3, 4]
