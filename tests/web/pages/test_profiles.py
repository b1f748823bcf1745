"""Profiles by plain forms: added, named, ordered, filled, linked and deleted."""

import pytest

from portal.domain.roles import Role
from portal.domain.secret import Secret
from tests.cast import PASSWORD
from tests.page import Page


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


def base(cast):
    return f"/t/{cast.sue.tenant.id}/profiles"


@pytest.fixture
def profile(cast, services):
    return services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")


def test_an_empty_list_says_what_profiles_are_for(cast, sue):
    page = sue.page(base(cast))

    assert "A profile links one configuration to a whole group of people." in page.text
    assert f"{base(cast)}/new" in page.html


def test_a_profile_is_added_and_its_page_asks_who_is_in_it(cast, sue):
    done = sue.post(base(cast), {"name": "Sales"})

    page = sue.page(done.location)
    assert "Success: added “Sales”. Now say who is in it." in page.text
    assert "Nobody is in this profile yet." in page.text


@pytest.mark.parametrize(("name", "sentence"), [("", "Type a name."), ("sales", "already in use here")])
def test_a_name_that_cannot_be_is_refused_at_its_field(cast, sue, profile, name, sentence):
    answer = sue.post(base(cast), {"name": name})

    assert answer.status_code == 422
    assert sentence in Page(answer.text).text


def test_a_heading_sorts_and_only_as_they_are_asked_one_moves_up(cast, sue, services, profile):
    services.profiles.create(cast.sue, cast.sue.tenant.id, name="Billing")
    first = sue.page(base(cast))
    assert [each["aria-sort"] for each in first.all("th") if "aria-sort" in each] == ["ascending"]
    assert first.text.index("Sales") < first.text.index("Billing")
    assert "Move Billing up" in first.html

    by_name = sue.page(next(each["href"] for each in first.all("a", class_="table__sort") if "name" in each["href"]))
    assert by_name.text.index("Billing") < by_name.text.index("Sales")
    assert "Move Billing up" not in by_name.html
    assert "sort=name" in by_name.all("a", class_="menu__ask")[0]["href"]


def test_people_are_added_by_their_addresses_and_removed_by_a_tick(cast, sue, profile, services):
    url = f"{base(cast)}/{profile.id}"
    done = sue.post(f"{url}/members", {"emails": "\nSUE@demo.test\n\n"})
    page = sue.page(done.location)
    assert "Success: added 1 person." in page.text

    ticked = {"user": page.all("input", name="user")[0]["value"]}
    done = sue.post(f"{url}/members/removal", ticked)
    assert "Success: removed 1 person." in sue.page(done.location).text
    assert "Nobody was ticked" in sue.page(sue.post(f"{url}/members/removal").location).text


@pytest.mark.parametrize("stranger", ["otto@demo.test", "nobody@demo.test", "\0", "no address"])
def test_an_address_of_another_company_is_nobodys(cast, sue, profile, services, stranger):
    answer = sue.post(f"{base(cast)}/{profile.id}/members", {"emails": f"sue@demo.test\n{stranger}"})

    assert answer.status_code == 422
    assert "Nobody in this company has the address in line 2. Nobody was added." in Page(answer.text).text
    assert services.profiles.members(cast.sue, cast.sue.tenant.id, profile.id) == []


def test_up_and_down_are_buttons_and_the_ends_have_one_only(cast, sue, profile, services):
    services.profiles.create(cast.sue, cast.sue.tenant.id, name="Support")
    page = sue.page(base(cast))
    disabled = [each["aria-label"] for each in page.all("button") if "disabled" in each]
    assert disabled == ["Move Sales up", "Move Support down"]

    done = sue.post(f"{base(cast)}/{profile.id}/moves", {"direction": "down"})
    assert "“Sales” is now number 2." in sue.page(done.location).text
    assert [line.profile.name for line in services.profiles.overview(cast.sue, cast.sue.tenant.id)] == [
        "Support",
        "Sales",
    ]


def test_a_name_that_somebody_else_changed_meanwhile_is_shown_before_it_is_replaced(cast, sue, profile, services):
    url = f"{base(cast)}/{profile.id}"
    typed = sue.page(url).fields()
    services.profiles.rename(cast.sue, cast.sue.tenant.id, profile.id, name="Shop", version=1)
    answer = sue.post(url, {"name": "Sellers", "version": typed["version"]})

    assert answer.status_code == 409
    assert "It is called “Shop” now." in Page(answer.text).text
    assert sue.post(url, {"name": "Sellers", "version": Page(answer.text).value("version")}).status_code == 303


def test_a_deletion_says_what_stays(cast, sue, profile, services):
    config = cast.config(cast.sue)
    services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [cast.sue.user_id])
    services.linked_configs.link_profile(cast.sue, cast.sue.tenant.id, profile.id, config.id)
    url = f"{base(cast)}/{profile.id}/deletion"

    asked = sue.page(url)
    assert "1 person is in it, and keeps the account." in asked.text
    assert "The configurations stay as they are." in asked.text
    done = sue.post(url)
    assert "Success: deleted “Sales”." in sue.page(done.location).text


@pytest.mark.req("S0.10", "S0.19")
def test_a_configuration_is_linked_to_a_profile_and_unlinked_again(cast, sue, profile, services):
    config = cast.config(cast.sue, name="Sales relay")
    services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [cast.sue.user_id])
    url = f"{base(cast)}/{profile.id}/mail"
    page = sue.page(url)
    assert "If a user also has a configuration of his own, that one is used" in page.text

    done = sue.post(url, {"config": str(config.id), "version": page.value("version")})
    page = sue.page(done.location)
    assert "“Sales relay”, because it is linked to a profile." in page.text
    assert "Sales relay" in sue.page(base(cast)).text

    assert sue.post(url, {"config": "", "version": "1"}).status_code == 409
    sue.post(url, {"config": "", "version": page.value("version")})
    assert "No configuration is linked." in sue.page(url).text


def test_staff_reads_profiles_and_changes_none(cast, services, as_, profile):
    password = Secret(PASSWORD)
    services.accounts.add(cast.sue.tenant.id, email="s@demo.test", name="Amy", role=Role.STAFF, password=password)
    staff = as_()
    staff.sign_in("s@demo.test")

    assert "Sales" in staff.page(base(cast)).text
    assert f"{base(cast)}/new" not in staff.page(base(cast)).html
    assert staff.post(base(cast), {"name": "Mine"}).status_code == 403


def test_a_profile_of_many_shows_the_first_and_leads_to_all(cast, sue, profile, services):
    people = [
        services.accounts.add(
            cast.sue.tenant.id, email=f"p{number}@demo.test", name=f"P{number}", role=Role.STAFF, password=None
        ).id
        for number in range(60)
    ]
    services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, people)
    page = sue.page(f"{base(cast)}/{profile.id}")

    assert "These are the first 50 of 60." in page.text
    assert f"/t/{cast.sue.tenant.id}/people?profile={profile.id}" in [each.get("href") for each in page.all("a")]
