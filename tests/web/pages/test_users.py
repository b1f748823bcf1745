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
