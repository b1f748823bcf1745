"""The people of a company, and a new link for whoever has not come yet."""

import pytest

from portal.domain.ids import new_id
from portal.domain.roles import Role
from portal.domain.secret import Secret
from tests.cast import PASSWORD
from tests.page import Page
from tests.work import deliver_all


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def invited(cast, services):
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="Cal", role="staff")
    return next(each for each in services.invitations.people(cast.sue, cast.sue.tenant.id) if each.name == "Cal")


def test_the_people_of_a_company_stand_with_role_and_status(cast, sue, invited):
    page = sue.page(f"/t/{cast.sue.tenant.id}/people")

    for part in ("sue@demo.test", "Owner", "Active", "new@demo.test", "Staff", "Invited"):
        assert part in page.text


def test_a_company_without_people_offers_the_first_invitation(cast, as_, services):
    empty = services.tenants.create(cast.rex, cast.rex.tenant.id, kind="customer", name="Empty")

    page = as_(cast.rex).page(f"/t/{empty.id}/people")

    assert "Nobody yet" in page.text
    assert f"/t/{empty.id}/invitations/new" in page.html


def test_a_new_link_is_mailed_and_the_old_one_ends(cast, sue, invited, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed())

    done = sue.post(f"/t/{cast.sue.tenant.id}/people/{invited.id}/invitation")

    assert done.status_code == 303
    assert "A new link is on its way to new@demo.test." in sue.page(done.location).text
    deliver_all(services)
    first, second = (letter.text.split("http://portal.test")[1].split()[0] for letter in mail_server.letters)
    assert sue.get(first).status_code == 404
    assert sue.get(second).status_code == 200


def test_where_nothing_can_mail_the_new_link_it_is_shown(cast, sue, invited):
    shown = sue.post(f"/t/{cast.sue.tenant.id}/people/{invited.id}/invitation")

    assert shown.status_code == 200
    link = Page(shown.text).all("input", id="link")[0]["value"].removeprefix("http://portal.test")
    assert "Welcome, Cal" in sue.page(link).text


def test_whoever_is_in_already_gets_no_invitation(cast, sue):
    done = sue.post(f"/t/{cast.sue.tenant.id}/people/{cast.sue.user_id}/invitation")

    assert done.status_code == 303
    assert "has come in already" in sue.page(done.location).text


def test_nobody_invites_a_stranger_of_another_company(cast, sue):
    for stranger in (cast.otto.user_id, cast.rex.user_id, new_id()):
        assert sue.post(f"/t/{cast.sue.tenant.id}/people/{stranger}/invitation").status_code == 404


def test_staff_sees_the_people_but_invites_nobody(cast, services, as_, invited):
    services.accounts.add(
        cast.sue.tenant.id, email="staff@demo.test", name="Pia", role=Role.STAFF, password=Secret(PASSWORD)
    )
    staff = as_()
    staff.sign_in("staff@demo.test")

    page = staff.page(f"/t/{cast.sue.tenant.id}/people")
    assert "Invite" not in [text for text in page.text.split() if text == "Invite"]
    assert "Send a new link" not in page.text
    assert staff.post(f"/t/{cast.sue.tenant.id}/people/{invited.id}/invitation").status_code == 403
    assert staff.get(f"/t/{cast.sue.tenant.id}/invitations/new").status_code == 403


@pytest.mark.req("S2.1", "S2.2")
def test_an_envelope_beside_each_name_leads_to_the_mail_of_that_person(cast, sue, invited):
    page = sue.page(f"/t/{cast.sue.tenant.id}/people")
    envelopes = {each["aria-label"]: each["href"] for each in page.all("a", class_="users__mail")}

    assert set(envelopes) == {"Mail of Sue", "Mail of Cal"}
    assert "E-mail of Sue" in sue.page(envelopes["Mail of Sue"]).text


def test_the_question_stands_in_the_address_and_goes_along_from_page_to_page(cast, sue, services):
    for number in range(60):
        services.accounts.add(
            cast.sue.tenant.id, email=f"o{number}@demo.test", name=f"Otto {number}", role=Role.STAFF, password=None
        )
    first = sue.page(f"/t/{cast.sue.tenant.id}/people?q=otto&role=staff&sort=email")

    assert first.value("q") == "otto"
    assert "60 people, page 1 of 2" in first.text
    following = next(each["href"] for each in first.all("a") if each.get("rel") == "next")
    for part in ("q=otto", "role=staff", "sort=email", "page=2"):
        assert part in following
    assert "60 people, page 2 of 2" in sue.page(following).text


def test_a_heading_sorts_and_says_which_way(cast, sue, services):
    for name in ("Abel", "Zoe"):
        services.accounts.add(cast.sue.tenant.id, email=f"{name}@demo.test", name=name, role=Role.STAFF, password=None)
    first = sue.page(f"/t/{cast.sue.tenant.id}/people?q=demo")
    assert [each.get("aria-sort") for each in first.all("th") if "aria-sort" in each] == ["ascending"]

    again = next(each["href"] for each in first.all("a", class_="table__sort") if "sort=name" in each["href"])
    assert "q=demo" in again
    turned = sue.page(again)
    assert [each.get("aria-sort") for each in turned.all("th") if "aria-sort" in each] == ["descending"]
    assert first.text.index("Abel") < first.text.index("Zoe")
    assert turned.text.index("Zoe") < turned.text.index("Abel")


def test_a_question_that_nobody_answers_says_so(cast, sue):
    page = sue.page(f"/t/{cast.sue.tenant.id}/people?q=nobody-of-that-name")

    assert "Nobody matches." in page.text


def test_a_name_and_a_role_are_changed_in_a_form(cast, sue, invited, services):
    url = f"/t/{cast.sue.tenant.id}/people/{invited.id}"
    done = sue.post(url, {**sue.page(url).fields(), "name": "Cal the Second", "role": "customer"})

    assert "Saved “Cal the Second”." in sue.page(done.location).text
    user = services.users.get(cast.sue, cast.sue.tenant.id, invited.id)
    assert (user.name, user.role) == ("Cal the Second", Role.CUSTOMER)


@pytest.mark.parametrize(
    ("typed", "sentence"), [({"name": ""}, "Type the person's name."), ({"role": "x"}, "Choose one of the roles")]
)
def test_what_cannot_be_is_refused_at_its_field(cast, sue, invited, typed, sentence):
    answer = sue.post(
        f"/t/{cast.sue.tenant.id}/people/{invited.id}", {"name": "Cal", "role": "staff", "version": "1", **typed}
    )

    assert answer.status_code == 422
    assert sentence in Page(answer.text).text


def test_two_who_edit_at_once_do_not_overwrite_one_another_unseen(cast, sue, invited, services):
    """T34: the second one sees what the first one saved, and decides."""
    url = f"/t/{cast.sue.tenant.id}/people/{invited.id}"
    typed = sue.page(url).fields()
    services.users.edit(cast.rex, cast.sue.tenant.id, invited.id, name="Calvin", role="staff", version=1)
    answer = sue.post(url, {**typed, "name": "Callum"})

    assert answer.status_code == 409
    again = Page(answer.text)
    assert "Saved now: Calvin, Staff." in again.text
    assert again.value("name") == "Callum"
    assert sue.post(url, {**again.fields(), "name": "Callum"}).status_code == 303
