"""Who did what, and what it changed."""

import pytest

from portal.domain.audit import PAGE
from portal.domain.ids import new_id
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.store.audit_log import AuditRow
from portal.store.db import SYSTEM, unit_of_work
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


def test_the_oldest_stands_first_for_whoever_clicks_on_the_time(cast, as_, services):
    for number in range(PAGE + 1):
        services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name=f"Customer {number}")
    sue = as_(cast.sue)

    (turn,) = [each["href"] for each in sue.page(log(cast.sue)).all("a", class_="table__sort")]
    first = sue.page(turn)
    assert "Customer 0" in first.text
    assert f"Customer {PAGE}" not in first.text
    (newer,) = [each["href"] for each in first.all("a", rel="next")]
    assert f"Customer {PAGE}" in sue.page(newer).text


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("?kind=companies", {"Company renamed", "Company created"}),
        ("?kind=sign-in", {"Signed in"}),
        ("?q=sons", {"Company renamed"}),
        ("?q=Rex+HOSTING", {"Company renamed", "Company created"}),
        ("?who=pia", {"Company renamed", "Company created"}),
        ("?who=rex&kind=sign-in", {"Signed in"}),
        ("?who=pia&q=sons&kind=companies&since=2026-03-02&until=2026-03-02", {"Company renamed"}),
        ("?since=2026-03-03", set()),
        ("?until=2026-03-01", set()),
        ("?q=100%25_", set()),
        ("?kind=nonsense&since=yesterday", {"Company renamed", "Company created", "Signed in", "User added"}),
        ("?q=%00", {"Company renamed", "Company created", "Signed in", "User added"}),
    ],
)
def test_the_filter_stands_in_the_address(cast, as_, services, question, found):
    rex = cast.rex.tenant.id
    services.tenants.rename(cast.pia, rex, name="Rex & Sons", shows_sender=True, version=1)
    page = as_(cast.rex).page(log(cast.rex, question))

    every = {"Company renamed", "Company created", "Signed in", "User added"}
    assert {each for each in every if f"<strong>{each}</strong>" in page.html} == found
    assert ("No event matches." in page.text) == (not found)


def test_the_next_page_keeps_the_filter(cast, as_, services):
    for number in range(PAGE + 1):
        services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name=f"Customer {number}")
    sue = as_(cast.sue)
    first = sue.page(log(cast.sue, "?kind=companies&q=customer"))
    (older,) = [each["href"] for each in first.all("a", rel="next")]
    second = sue.page(older.replace("&amp;", "&"))

    assert "Customer 0" in second.text
    assert len(second.all("tr")) == 2
    assert second.value("q") == "customer"
    assert "Customer 50" in sue.page(second.all("a", rel="prev")[0]["href"].replace("&amp;", "&")).text


def test_whoever_acted_as_somebody_else_is_named_with_him(cast, as_, services):
    with unit_of_work(SYSTEM) as session:
        services.audit.chain.append(
            session,
            AuditRow(
                tenant_id=cast.sue.tenant.id, id=new_id(), at=services.clock(), actor_id=cast.sue.user_id,
                actor_name="Sue", impersonator_id=cast.pia.user_id, impersonator_name="Pia", event="user.edited",
                subject_name="cal@demo.test", fields="{}",
            ),
        )  # fmt: skip
    page = as_(cast.sue).page(log(cast.sue, "?who=pia&kind=people"))

    assert "<bdi>Pia</bdi>" in page.html
    assert "on behalf of Sue" in " ".join(page.text.split())


@pytest.mark.asvs("16.3.2")
def test_what_somebody_was_refused_stands_in_the_log_of_his_own_company(cast, as_, services):
    sue, foreign = as_(cast.sue), cast.otto.tenant.id
    for _ in range(3):
        assert sue.get(f"/t/{foreign}/mail-configs").status_code == 404
    page = sue.page(log(cast.sue, "?kind=denied"))

    assert page.html.count("Refused: not allowed, or not there") == 1
    assert f"GET /t/{foreign}/mail-configs" in page.text
    assert "it is not there for this person" in page.text
    assert "No event matches." in as_(cast.otto).page(log(cast.otto, "?kind=denied")).text


def test_what_the_secret_of_a_link_may_be_is_not_noted(cast, as_):
    sue = as_(cast.sue)
    assert sue.get("/invitations/a-secret-that-works-once").status_code in {200, 404, 410}

    assert "a-secret-that-works-once" not in sue.page(log(cast.sue)).text


def test_nobody_signed_in_is_refused_without_a_trace(cast, as_, services):
    before = len(services.audit.page(cast.otto, cast.otto.tenant.id))
    assert as_().get(log(cast.otto)).status_code == 303
    assert as_(cast.otto).get("/nowhere").status_code == 404

    found = services.audit.page(cast.otto, cast.otto.tenant.id)
    assert [each.event for each in found[: len(found) - before]] == ["sign-in.succeeded"]


@pytest.mark.parametrize("before", ["-1", "x", "1" * 20, "%00", "1.5", "٣"])
def test_a_number_that_cannot_be_is_not_there(cast, as_, before):
    assert as_(cast.sue).get(log(cast.sue, f"?before={before}")).status_code == 404


@pytest.mark.asvs("16.4.2")
def test_the_log_is_for_owners(cast, as_, services):
    services.accounts.add(
        cast.sue.tenant.id, email="staff@demo.test", name="Rex", role=Role.STAFF, password=Secret(PASSWORD)
    )
    staff = as_()
    staff.sign_in("staff@demo.test")

    assert staff.get(log(cast.sue)).status_code == 403
    assert as_(cast.sue).get(log(cast.rex)).status_code == 404
