"""What became of every mail, as far as the reader may know."""

import pytest

from portal.domain.ids import new_id
from portal.domain.outgoing import Mailbox, Outgoing
from portal.services.outbox import PAGE
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
    assert "Next try: 2026-03-02" in own
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
    assert f'href="{log(cast.sue.tenant, "?page=2")}"' in first.html
    second = sue.page(log(cast.sue.tenant, "?page=2"))
    assert second.html.count("Mail number") == 1
    assert "Older" not in second.text
    assert "No more mails" in sue.page(log(cast.sue.tenant, "?page=3")).text


@pytest.mark.parametrize("number", ["-1", "x", "1" * 20, "1.5", "%00", "٣", "9" * 6])
def test_a_page_that_cannot_be_is_not_there(cast, as_, number):
    assert as_(cast.sue).get(log(cast.sue.tenant, f"?page={number}")).status_code == 404


def test_a_mail_of_somebody_else_does_not_exist(cast, as_, send):
    message_id = send(cast.otto)

    assert as_(cast.sue).get(log(cast.sue.tenant, f"/{message_id}")).status_code == 404
    assert as_(cast.sue).get(log(cast.otto.tenant, f"/{message_id}")).status_code == 404
    assert as_(cast.sue).get(log(cast.sue.tenant, f"/{new_id()}")).status_code == 404


def test_markup_in_a_subject_is_text(cast, as_, send):
    message_id = send(cast.sue, subject="<img src=x onerror=alert(1)>")
    sue = as_(cast.sue)

    assert "&lt;img" in sue.page(log(cast.sue.tenant)).html
    assert "&lt;img" in sue.page(log(cast.sue.tenant, f"/{message_id}")).html
