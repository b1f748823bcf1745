"""The first page after signing in answers at a glance: what sends the mail, is it healthy, what needs somebody."""

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Mailbox, Outgoing
from portal.store import mail_configs, outbox
from portal.store.db import SYSTEM, unit_of_work
from tests.page import Page

HELLO = Outgoing("A private subject", "A line.\n")


def home_of(person):
    return f"/t/{person.tenant.id}/dashboard"


def queue(cast, person, state, **options):
    to = (Mailbox("cal@demo.test"),)
    message_id, _ = cast.services.sending.send(tenant_id=person.tenant.id, to=to, content=HELLO, **options)
    with unit_of_work(SYSTEM) as session:
        for each in outbox.recipients_of(session, message_id):
            each.state = state.value


def learn(config, code, **columns):
    with unit_of_work(SYSTEM) as session:
        row = mail_configs.get_by_id(session, config.id)
        row.last_code, row.last_at = code.value, row.updated_at
        for name, value in columns.items():
            setattr(row, name, value)


def test_it_is_home_for_whoever_looks_after_a_company_and_my_mail_for_the_others(cast, as_):
    assert as_(cast.rex).get("/").location == home_of(cast.rex)
    assert as_(cast.cal).get("/").location == "/me/mail"
    assert as_(cast.cal).get(home_of(cast.cal)).status_code == 403
    assert as_(cast.otto).get(home_of(cast.sue)).status_code == 404


def test_one_sentence_says_what_the_mail_leaves_through_and_as_whom(cast, as_):
    sue = as_(cast.sue)
    assert "Mail of Sue & Partners waits: nothing is set up yet" in sue.page(home_of(cast.sue)).text

    cast.active_config(cast.pia, from_address="cloud@example.test", host="cloud.example.test", name="Cloud relay")
    page = sue.page(home_of(cast.sue))
    assert "leaves through the Provider default of Rex Hosting as cloud@example.test." in page.text
    assert not [each for each in ("cloud.example.test", "587", "Cloud relay", "Pia Cloud") if each in page.html]

    cast.active_config(cast.sue, from_name="Sue")
    text = sue.page(home_of(cast.sue)).text
    assert "Mail of Sue & Partners leaves through “Office relay” as Sue <office@example.test>." in text


def test_a_hidden_sender_stays_hidden(cast, as_, services):
    cast.active_config(cast.pia, from_address="cloud@example.test")
    services.tenants.rename(cast.rex, cast.rex.tenant.id, name="Rex Hosting", shows_sender=False, version=1)

    page = as_(cast.sue).page(home_of(cast.sue))

    assert "leaves through the Provider default of Rex Hosting." in page.text
    assert "cloud@example.test" not in page.html


def test_each_thing_that_needs_somebody_leads_to_where_it_is_mended(cast, as_, clock):
    config = cast.active_config(cast.sue)
    learn(config, Code.PASSWORD_NEEDED)
    queue(cast, cast.sue, State.HELD)
    queue(cast, cast.sue, State.UNCERTAIN)
    sue, base = as_(cast.sue), f"/t/{cast.sue.tenant.id}"

    page = sue.page(home_of(cast.sue))
    ways = [each["href"] for each in page.all("a") if each.get("class") == "dashboard__way"]

    assert ways == [
        f"{base}/mail-configs/{config.id}/password", f"{base}/mail-log?state=held", f"{base}/mail-log?state=uncertain"
    ]  # fmt: skip
    assert all(sue.get(way).status_code == 200 for way in ways[1:])

    learn(config, Code.REFUSED, paused_until=clock())
    assert "“Office relay” is paused and tries again at" in sue.page(home_of(cast.sue)).text


def test_where_nothing_needs_anybody_a_calm_sentence_stands(cast, as_):
    learn(cast.active_config(cast.sue), Code.OK)

    assert "Nothing needs you. Mail flows." in as_(cast.sue).page(home_of(cast.sue)).text


def test_the_days_are_a_picture_and_a_table(cast, as_):
    cast.active_config(cast.sue)
    assert "No mail in the last 14 days." in as_(cast.sue).page(home_of(cast.sue)).text

    queue(cast, cast.sue, State.SENT)
    queue(cast, cast.sue, State.FAILED)
    page = as_(cast.sue).page(home_of(cast.sue))

    assert page.html.count('class="bar_chart__bar bar_chart__bar--delivered"') == 1
    assert page.html.count('class="bar_chart__bar bar_chart__bar--failed"') == 1
    assert "1 delivered" in page.text
    assert "1 failed for good" in page.text
    assert len(page.all("tr")) == 1 + 14
    assert "A private subject" not in page.html


def test_the_operator_reads_how_the_portal_does_and_nobody_else_does(cast, as_):
    text = as_(cast.pia).page(home_of(cast.pia)).text

    assert "The portal as a whole" in text
    assert "Nobody delivers mail." in text
    assert "The portal as a whole" not in as_(cast.rex).page(home_of(cast.rex)).text


def test_whoever_is_suspended_looks_and_is_led_to_no_form(cast, as_, services):
    learn(cast.active_config(cast.sue), Code.PASSWORD_NEEDED)
    services.tenants.suspend(cast.rex, cast.sue.tenant.id)

    page = as_(cast.sue).page(home_of(cast.sue))

    assert "This company is suspended." in page.text
    assert "/password" not in page.html.partition("<main")[2]
    assert "Send test" not in page.text


@pytest.mark.parametrize(("person", "is_told"), [("rex", True), ("otto", False)])
def test_an_owner_looks_into_the_companies_below_as_well(cast, as_, person, is_told):
    answer = as_(getattr(cast, person)).get(home_of(cast.sue))

    assert answer.status_code == (200 if is_told else 404)
    assert ("Overview of Sue" in Page(answer.text).text) is is_told


def test_of_very_many_companies_it_is_told_that_they_are_more_than_that(cast, as_, monkeypatch):
    assert "4 companies below" in as_(cast.pia).page(home_of(cast.pia)).text
    monkeypatch.setattr("portal.store.dashboards.MOST_COMPANIES", 3)
    monkeypatch.setattr("portal.domain.dashboards.MOST_COMPANIES", 3)

    assert "more than 3 companies below" in as_(cast.pia).page(home_of(cast.pia)).text


def test_everybody_sees_his_own_latest_mails(cast, as_):
    cal = as_(cast.cal)
    assert "No mail in the last 14 days." in cal.page("/me/mail").text

    queue(cast, cast.cal, State.SENT, user_id=cast.cal.user_id)
    queue(cast, cast.cal, State.FAILED)
    page = cal.page("/me/mail")

    assert len([each for each in page.all("li") if each.get("class") == "my_mail__line"]) == 1
    assert "A private subject" not in page.html
    assert "Ask whoever looks after the mail of Cal & Co" in page.text
