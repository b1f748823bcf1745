"""Who did what, and what it changed."""

import pytest

from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.services.audit import PAGE
from tests.cast import PASSWORD


def log(person, rest=""):
    return f"/t/{person.tenant.id}/audit-log{rest}"


def test_a_change_stands_with_both_values_in_both_logs(cast, as_, services):
    services.tenants.rename(cast.pia, cast.rex.tenant.id, name="Rex & Sons", shows_sender=False, version=1)

    for person in (cast.pia, cast.rex):
        page = as_(person).page(log(person))
        assert "Company renamed" in page.text
        assert "<del>Rex Hosting</del>" in page.html
        assert "<ins>Rex &amp; Sons</ins>" in page.html
        assert "Pia" in page.text
    assert "Rex & Sons" not in as_(cast.otto).page(log(cast.otto)).text


def test_a_password_is_only_ever_said_to_have_changed(cast, as_):
    cast.config(cast.sue, password="open sesame")

    page = as_(cast.sue).page(log(cast.sue))

    assert "Mail configuration created" in page.text
    assert "<dt>Password</dt><dd><ins>changed</ins>" in " ".join(page.html.split()).replace("<dd> ", "<dd>")
    assert "open sesame" not in page.html


def test_fields_that_stay_empty_are_left_out(cast, as_):
    cast.config(cast.sue)

    assert "Reply-to address" not in as_(cast.sue).page(log(cast.sue)).text


@pytest.mark.asvs("16.3.1")
def test_what_people_do_to_their_own_account_is_done_by_them(cast, as_):
    sue = as_(cast.sue)

    row = sue.page(log(cast.sue)).html.split("Signed in")[0].rpartition("<tr>")[2]

    assert "sue@demo.test" in row


def test_long_logs_come_in_pages_and_lead_back_to_the_newest(cast, as_, services):
    for number in range(PAGE + 1):
        services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name=f"Customer {number}")
    sue = as_(cast.sue)

    first = sue.page(log(cast.sue))
    (older,) = [each["href"] for each in first.all("a", rel="next")]
    second = sue.page(older)

    assert "Customer 0" in second.text
    assert [each["href"] for each in second.all("a", rel="prev")] == [log(cast.sue)]


@pytest.mark.parametrize("before", ["-1", "x", "1" * 20, "%00", "1.5", "٣"])
def test_a_number_that_cannot_be_is_not_there(cast, as_, before):
    assert as_(cast.sue).get(log(cast.sue, f"?before={before}")).status_code == 404


def test_the_log_is_for_owners(cast, as_, services):
    services.accounts.add(
        cast.sue.tenant.id, email="staff@demo.test", name="Rex", role=Role.STAFF, password=Secret(PASSWORD)
    )
    staff = as_()
    staff.sign_in("staff@demo.test")

    assert staff.get(log(cast.sue)).status_code == 403
    assert as_(cast.sue).get(log(cast.rex)).status_code == 404
