"""What became of every mail, as far as the reader may know."""

import pytest

from portal.domain.ids import new_id
from portal.domain.mail_log import PAGE
from portal.domain.outgoing import Mailbox, Outgoing
from tests.work import deliver_all


@pytest.fixture
def send(services):
    def send(person, *, tenant=None, to="cal@demo.test", subject="Invoice 7"):
        content = Outgoing(subject=subject, text="A very private sentence.\n")
        tenant_id = (tenant or person.tenant).id
        return services.sending.send(tenant_id=tenant_id, to=(Mailbox(to),), content=content)[0]

    return send


def log(tenant, rest=""):
    return f"/t/{tenant.id}/mail-log{rest}"


def test_an_empty_log_says_what_will_stand_there(cast, as_):
    assert "No mail yet" in as_(cast.sue).page(log(cast.sue.tenant)).text


def test_a_mail_of_one_s_own_configuration_tells_its_steps(cast, as_, send, services, mail_server):
    cast.active_config(cast.sue, name="Sue's relay", **mail_server.typed())
    message_id = send(cast.sue)
    deliver_all(services)
    sue = as_(cast.sue)

    row = sue.page(log(cast.sue.tenant))
    assert "Invoice 7" in row.text
    assert "Sent" in row.text
    assert "A very private sentence." not in row.html
    page = sue.page(log(cast.sue.tenant, f"/{message_id}"))
    for part in ("cal@demo.test", "Sue & Partners: active configuration, used", "Sue's relay", "signed in with"):
        assert part in page.text


def test_a_mail_through_the_provider_default_names_the_direct_parent_and_no_step(
    cast, as_, send, services, mail_server
):
    cast.active_config(cast.pia, name="Cloud relay", **mail_server.typed())
    message_id = send(cast.sue)
    deliver_all(services)

    page = as_(cast.sue).page(log(cast.sue.tenant, f"/{message_id}"))

    assert "Rex Hosting" in page.text
    assert "the steps are for its owner only" in page.text
    for detail in ("Pia Cloud", "Cloud relay", "127.0.0.1", "signed in with", str(mail_server.starttls_port)):
        assert detail not in page.html


def test_a_mail_that_waits_says_why_and_when_it_is_tried_again(cast, as_, send, services, mail_server):
    cast.active_config(cast.sue, password="wrong", **mail_server.typed())
    inherited = send(cast.sue, tenant=cast.cals_company)
    send(cast.sue)
    deliver_all(services)
    sue = as_(cast.sue)

    own = sue.page(log(cast.sue.tenant)).text
    assert "Tried again later" in own
    assert "The server refused user name or password." in own
    assert "Next try: 2 Mar 2026" in own
    below = sue.page(log(cast.cals_company)).text
    assert "its provider has to look at it" in below
    assert "password" not in sue.page(log(cast.cals_company, f"/{inherited}")).text.split("Recipients")[1]


def test_a_mail_without_any_configuration_is_held_and_says_so(cast, as_, send, services):
    send(cast.sue)
    deliver_all(services)

    page = as_(cast.sue).page(log(cast.sue.tenant))

    assert "Held" in page.text
    assert "There is no Provider default yet" in page.text


def test_long_logs_come_in_pages(cast, as_, send):
    for number in range(PAGE + 1):
        send(cast.sue, subject=f"Mail number {number}.")
    sue = as_(cast.sue)

    first = sue.page(log(cast.sue.tenant))
    assert first.html.count("Mail number") == PAGE
    older = next(each["href"] for each in first.all("a") if "after=" in (each.get("href") or ""))
    second = sue.page(older)
    assert second.html.count("Mail number") == 1
    assert "Older" not in second.text
    assert "Newest" in second.text


@pytest.mark.parametrize("place", ["x", "2026-01-01", "_", "1" * 20, "%00", "9999-12-31T23:59:59_x"])
def test_a_place_that_cannot_be_is_no_error(cast, as_, place):
    assert as_(cast.sue).get(log(cast.sue.tenant, f"?after={place}")).status_code in {200, 404}


def test_a_mail_of_somebody_else_does_not_exist(cast, as_, send):
    message_id = send(cast.otto)

    assert as_(cast.sue).get(log(cast.sue.tenant, f"/{message_id}")).status_code == 404
    assert as_(cast.sue).get(log(cast.otto.tenant, f"/{message_id}")).status_code == 404
    assert as_(cast.sue).get(log(cast.sue.tenant, f"/{new_id()}")).status_code == 404


@pytest.mark.asvs("1.2.1")
def test_markup_in_a_subject_is_text(cast, as_, send):
    message_id = send(cast.sue, subject="<img src=x onerror=alert(1)>")
    sue = as_(cast.sue)

    assert "&lt;img" in sue.page(log(cast.sue.tenant)).html
    assert "&lt;img" in sue.page(log(cast.sue.tenant, f"/{message_id}")).html


def test_the_filter_stands_in_the_address_and_says_when_nothing_matches(cast, as_, send):
    send(cast.sue, subject="Invoice of March")
    sue = as_(cast.sue)

    page = sue.page(
        log(cast.sue.tenant, "?q=march&state=waiting&purpose=message&user=&since=2026-03-01&until=2026-03-02")
    )
    assert "Invoice of March" in page.text
    assert page.value("since") == "2026-03-01"
    for asked in ("?q=april", "?state=sent", "?until=2026-03-01", "?user=otto@demo.test"):
        assert "No mail matches." in sue.page(log(cast.sue.tenant, asked)).text


def test_a_click_on_the_time_begins_with_the_oldest_and_keeps_the_filter(cast, as_, send):
    send(cast.sue, subject="Invoice")
    sue = as_(cast.sue)
    first = sue.page(log(cast.sue.tenant, "?q=invoice"))
    assert [each["aria-sort"] for each in first.all("th") if "aria-sort" in each] == ["descending"]

    (turn,) = [each["href"] for each in first.all("a", class_="table__sort")]
    turned = sue.page(turn)
    assert [each["aria-sort"] for each in turned.all("th") if "aria-sort" in each] == ["ascending"]
    assert turned.value("q") == "invoice"
    assert turned.value("order") == "reversed"


def test_an_empty_log_is_as_empty_in_the_other_order(cast, as_):
    assert "No mail yet" in as_(cast.otto).page(log(cast.otto.tenant, "?order=reversed")).text


def test_the_log_with_those_below_names_the_company(cast, as_, send):
    send(cast.sue, tenant=cast.cals_company, subject="Below")
    page = as_(cast.sue).page(log(cast.sue.tenant, "?below=1"))

    assert "Cal & Co" in page.text
    assert f"/t/{cast.cals_company.id}/mail-log/" in page.html
    assert "with companies below" not in as_(cast.otto).page(log(cast.otto.tenant)).text


@pytest.mark.asvs("15.3.1")
def test_the_same_as_json(cast, as_, send):
    send(cast.sue, subject="Hello")
    answer = as_(cast.sue).client.get(log(cast.sue.tenant), headers={"Accept": "application/json"}).json

    assert [(mail["subject"], mail["state"]) for mail in answer["mails"]] == [("Hello", "queued")]
    assert set(answer) == {"mails", "older"}
    assert set(answer["mails"][0]) == {
        "company", "mail", "purpose", "subject", "to", "state", "code", "created", "settled", "next_try",
    }  # fmt: skip
    assert answer["older"] is None
    turned = log(cast.sue.tenant, "?order=reversed")
    assert "newer" in as_(cast.sue).client.get(turned, headers={"Accept": "application/json"}).json


@pytest.mark.asvs("15.2.2")
def test_an_export_has_an_end(cast, as_, send, monkeypatch):
    monkeypatch.setattr("portal.services.mail_log.MOST_EXPORTED", 2)
    for _ in range(4):
        send(cast.sue)

    assert as_(cast.sue).post(log(cast.sue.tenant, "/export"), {"q": ""}).text.count("\n") == 3


def test_an_export_is_a_table_whose_cells_are_no_formulas_and_stands_in_the_audit_log(cast, as_, send):
    send(cast.sue, subject="=1+1")
    send(cast.sue, subject="Grüße")
    sue = as_(cast.sue)
    answer = sue.post(log(cast.sue.tenant, "/export"), {"q": ""}, at=log(cast.sue.tenant))

    assert answer.data.startswith(b"\xef\xbb\xbfTime,Company,")
    assert "'=1+1" in answer.text
    assert "Grüße" in answer.text
    assert answer.headers["Content-Disposition"] == "attachment; filename=mail-log.csv"
    assert "Mail log exported" in sue.page(f"/t/{cast.sue.tenant.id}/audit-log").text
    assert sue.post(log(cast.sue.tenant, "/export"), {"user": "otto@demo.test"}).text.count("\n") == 1


def test_a_mail_is_tried_again_and_called_off_by_buttons(cast, as_, send, services):
    message_id = send(cast.sue)
    deliver_all(services)
    sue = as_(cast.sue)
    page = sue.page(log(cast.sue.tenant, f"/{message_id}"))
    assert "Try again" in page.text
    assert "Call it off" in page.text

    again = sue.post(log(cast.sue.tenant, f"/{message_id}/retry"))
    assert "The mail is tried again now." in sue.page(again.location).text
    off = sue.post(log(cast.sue.tenant, f"/{message_id}/cancellation"))
    assert "The mail is called off." in sue.page(off.location).text
    too_late = sue.post(log(cast.sue.tenant, f"/{message_id}/cancellation"))
    page = sue.page(too_late.location)
    assert "It is too late to call it off." in page.text
    assert "what it said was erased" in page.text
    assert "It cannot be sent again" in sue.page(sue.post(log(cast.sue.tenant, f"/{message_id}/retry")).location).text


def test_a_mail_with_a_link_offers_a_new_link(cast, as_, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    sue = as_(cast.sue)
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    services.password_changes.ask("sue@demo.test", address="192.0.2.1")
    services.contacts.add(cast.sue, cast.sue.tenant.id, kind="abuse", name="A", email="a@demo.test")
    deliver_all(services)
    for line in services.mail_log.page(cast.sue, cast.sue.tenant.id):
        mail_server.clear()
        url = log(cast.sue.tenant, f"/{line.message_id}")
        assert "Send a new link" in sue.page(url).text
        assert f"A new link is on its way to {line.recipient}." in sue.page(sue.post(f"{url}/link").location).text
        deliver_all(services)
        assert [letter.recipients for letter in mail_server.letters] == [(line.recipient,)]


def test_where_nobody_waits_for_a_link_it_says_so(cast, as_, send):
    message_id = send(cast.sue)
    url = log(cast.sue.tenant, f"/{message_id}")
    sue = as_(cast.sue)

    assert "There is no need for a new link any more." in sue.page(sue.post(f"{url}/link").location).text


def test_every_line_leads_to_the_reason_for_its_way(cast, as_, send):
    send(cast.sue)
    sue = as_(cast.sue)
    link = next(
        each["href"] for each in sue.page(log(cast.sue.tenant)).all("a") if "/explanation" in (each["href"] or "")
    )

    assert "Mail of Sue & Partners (Message)" in sue.page(link.replace("&amp;", "&")).text
