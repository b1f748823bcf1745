"""A change of many people at once: told in numbers, asked for once more, and made by plain forms."""

import pytest

from portal.domain.ids import new_id
from portal.domain.people import UserStatus
from portal.domain.roles import Role
from portal.domain.secret import Secret
from tests.cast import PASSWORD
from tests.page import Page


@pytest.fixture
def people(cast, services):
    """Two colleagues of Sue's."""
    return [
        services.accounts.add(
            cast.sue.tenant.id, email=f"{name}@demo.test", name=name, role=Role.STAFF, password=Secret(PASSWORD)
        )
        for name in ("Amy", "Zoe")
    ]


def url(cast):
    return f"/t/{cast.sue.tenant.id}/people/changes"


def ask(browser, cast, change, people):
    answer = browser.get(url(cast), query_string={"change": change, "user": [str(user.id) for user in people]})
    return answer, Page(answer.text)


def say_yes(browser, cast, change, people):
    return browser.post(url(cast), {"change": change, "user": [str(user.id) for user in people]})


def now(cast, services, people):
    return services.users.some(cast.sue, cast.sue.tenant.id, [user.id for user in people])


@pytest.mark.req("S0.9")
def test_a_configuration_is_linked_to_those_that_are_ticked(cast, services, as_, people):
    config, sue = cast.config(cast.sue, name="Office relay"), as_(cast.sue)
    page = sue.page(f"/t/{cast.sue.tenant.id}/people")
    assert {each["value"] for each in page.all("input", name="user")} >= {str(user.id) for user in people}
    assert f"link:{config.id}" in [each.get("value") for each in page.all("option")]

    _answer, asked = ask(sue, cast, f"link:{config.id}", people)
    assert "Link “Office relay” to 2 people?" in asked.text
    done = say_yes(sue, cast, f"link:{config.id}", people)

    assert "Success: linked to 2 people." in sue.page(done.location).text
    assert [user.linked_config_id for user in now(cast, services, people)] == [config.id] * 2


def test_it_is_said_how_many_links_another_one_replaces(cast, services, as_, people):
    config, other = cast.config(cast.sue), cast.config(cast.sue, name="Other")
    services.linked_configs.link_users(cast.sue, cast.sue.tenant.id, [people[0].id], other.id)

    _answer, asked = ask(as_(cast.sue), cast, f"link:{config.id}", people)
    assert "1 of them has a linked configuration now, which is unlinked by this." in asked.text


def test_people_are_added_to_a_profile_and_removed_from_it(cast, services, as_, people):
    sue = as_(cast.sue)
    profile = services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")

    for verb, title, members in (("join", "Add 2 people to “Sales”?", 2), ("leave", "Remove 2 people", 0)):
        _answer, asked = ask(sue, cast, f"{verb}:{profile.id}", people)
        assert title in asked.text
        assert say_yes(sue, cast, f"{verb}:{profile.id}", people).status_code == 303
        assert len(services.profiles.members(cast.sue, cast.sue.tenant.id, profile.id)) == members


def test_disabling_says_what_it_means_and_enabling_takes_it_back(cast, services, as_, people):
    sue = as_(cast.sue)
    _answer, asked = ask(sue, cast, "disable", people)
    assert "They are signed out at once" in asked.text

    say_yes(sue, cast, "disable", people)
    assert {user.status for user in now(cast, services, people)} == {UserStatus.DISABLED}
    say_yes(sue, cast, "enable", people)
    assert {user.status for user in now(cast, services, people)} == {UserStatus.ACTIVE}


def test_the_last_owner_is_refused_with_a_sentence_and_nobody_is_changed(cast, services, as_, people):
    rex = as_(cast.rex)
    own = services.users.get(cast.sue, cast.sue.tenant.id, cast.sue.user_id)
    answer = say_yes(rex, cast, "disable", [own, *people])

    assert answer.status_code == 422
    assert "Without them nobody could look after this company." in Page(answer.text).text
    assert {user.status for user in now(cast, services, people)} == {UserStatus.ACTIVE}


@pytest.mark.parametrize("question", [{}, {"change": "disable"}, {"user": "x"}])
def test_whoever_ticked_nobody_or_chose_nothing_is_told_so(cast, as_, people, question):
    sue = as_(cast.sue)
    asked = {"user": str(people[0].id)} if "user" in question else question
    back = sue.get(url(cast), query_string=asked)

    assert "Tick at least one person and choose what to do." in sue.page(back.location).text


@pytest.mark.parametrize("change", ["nonsense", "link", "disable:x", "join:x"])
def test_what_is_no_change_leads_nowhere(cast, as_, people, change):
    assert ask(as_(cast.sue), cast, change, people)[0].status_code == 404


def test_nothing_and_nobody_of_another_company_is_touched(cast, services, as_, people):
    foreign = cast.config(cast.otto)
    stranger = services.users.get(cast.otto, cast.otto.tenant.id, cast.otto.user_id)
    sue = as_(cast.sue)

    assert say_yes(sue, cast, f"link:{foreign.id}", people).status_code == 404
    assert say_yes(sue, cast, f"link:{new_id()}", people).status_code == 404
    assert say_yes(sue, cast, "unlink", [*people, stranger]).status_code == 404


def test_staff_links_but_neither_disables_nor_groups(cast, services, as_, people):
    profile = services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")
    staff = as_()
    staff.sign_in("amy@demo.test")
    offered = [each.get("value") for each in staff.page(f"/t/{cast.sue.tenant.id}/people").all("option")]

    assert ("unlink" in offered, "disable" in offered) == (True, False)
    assert say_yes(staff, cast, "unlink", people).status_code == 303
    assert say_yes(staff, cast, "disable", people[1:]).status_code == 403
    assert say_yes(staff, cast, f"join:{profile.id}", people).status_code == 403
