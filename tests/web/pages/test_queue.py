"""Whoever runs the portal sees the queue of all companies, and holds, lets go, retries and calls off what waits in it."""

import re

import pytest

from portal.domain.delivery import State
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.store import outbox
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.page import Page
from tests.work import OWNER, deliver_all

HELLO = Outgoing("A private subject", "A line.\n")


@pytest.fixture
def pia(cast, as_):
    return as_(cast.pia)


@pytest.fixture
def send(cast):
    def send(person=None, name="cal", **options):
        tenant_id = (person or cast.sue).tenant.id
        to = (Mailbox(f"{name}@demo.test"),)
        return cast.services.sending.send(tenant_id=tenant_id, to=to, content=HELLO, **options)[0]

    return send


def state_of(message_id):
    with reading(SYSTEM) as session:
        return {State(each.state) for each in outbox.recipients_of(session, message_id)}


def put_in(message_id, state):
    with unit_of_work(SYSTEM) as session:
        for each in outbox.recipients_of(session, message_id):
            each.state = state.value
        outbox.reckon_all(session, outbox.recipients_of(session, message_id))


def take(browser, message_id, step, query=""):
    return browser.post(f"/queue/mails/{message_id}{query}", {"step": step})


def told(browser, answer):
    return Page(browser.get(answer.location).text).text


def test_an_empty_queue_is_said_to_be_empty(pia):
    page = pia.page("/queue")

    assert "Nothing is waiting." in page.text
    assert "Nothing waits for any configuration." in page.text
    assert "No mail was tried in this time." in page.text
    assert "Nobody delivers mail." in page.text


def test_only_the_operator_finds_it_in_the_menu_and_at_its_address(cast, pia, as_):
    assert "/queue" in [each.get("href") for each in pia.page("/me/mail").all("a")]
    for person in (cast.rex, cast.sue, cast.cal, cast.otto):
        browser = as_(person)
        assert "/queue" not in [each.get("href") for each in browser.page("/me/mail").all("a")]
        assert browser.get("/queue").status_code == 404
        assert browser.post("/queue/hold").status_code == 404


def test_what_waits_is_shown_with_company_recipient_and_lane_but_without_its_subject(pia, send):
    send()
    page = pia.page("/queue")

    assert "Message Sue & Partners · Normal cal@demo.test Waiting" in page.text
    assert "A private subject" not in page.text


def test_the_depth_and_age_of_each_lane_are_told(pia, send, clock):
    send()
    clock.forward(minutes=7)
    send()

    assert "Normal 2 7 min ago" in pia.page("/queue").text
    assert "Bulk 0 –" in pia.page("/queue").text


def test_lane_and_state_narrow_the_list_and_stay_in_the_address(pia, send):
    held, _other = send(name="otto"), send(name="rex")
    put_in(held, State.HELD)
    page = pia.page("/queue?state=held&lane=normal")

    assert "otto@demo.test" in page.text
    assert "rex@demo.test" not in page.text
    assert "No mail matches." in pia.page("/queue?state=held&lane=bulk").text
    assert take(pia, held, "release", "?state=held&lane=normal").location == "/queue?lane=normal&state=held#mails"


def test_a_click_on_queued_begins_with_the_newest_and_stays_at_the_list(pia, send, clock):
    send(name="first")
    clock.forward(minutes=1)
    send(name="last")
    page = pia.page("/queue?state=queued&span=fortnight")
    assert page.text.index("first@demo.test") < page.text.index("last@demo.test")

    (turn,) = [each["href"] for each in page.all("a", class_="table__sort")]
    assert turn == "/queue?state=queued&span=fortnight&sort=time&order=reversed#mails"
    turned = pia.page(turn)
    assert turned.text.index("last@demo.test") < turned.text.index("first@demo.test")


def test_a_long_list_has_pages_oldest_first(pia, send, clock):
    for number in range(52):
        send(name=f"cal{number}")
        clock.forward(seconds=1)
    first = pia.page("/queue")
    href = next(each["href"] for each in first.all("a", rel="next"))
    second = pia.page(href)

    assert "cal0@demo.test" in first.text
    assert "cal50@demo.test" not in first.text
    assert "cal50@demo.test" in second.text
    assert "cal51@demo.test" in second.text
    assert "cal49@demo.test" not in second.text


def test_mails_of_the_same_moment_stand_on_one_page_each(pia, send):
    everybody = {f"cal{number}@demo.test" for number in range(52)}
    for number in range(52):
        send(name=f"cal{number}")
    first = pia.page("/queue")
    second = pia.page(next(each["href"] for each in first.all("a", rel="next")))
    shown = [{each for each in everybody if f"{each} Waiting" in page.text} for page in (first, second)]

    assert [len(each) for each in shown] == [50, 2]
    assert shown[0] | shown[1] == everybody


def test_a_place_in_the_list_that_there_is_not_leads_nowhere(pia):
    assert pia.get("/queue?after=2026-01-01T00:00:00%2B00:00_nobody").status_code == 404
    assert pia.get("/queue?span=century&lane=fast&state=sent&configs=many&after=x").status_code == 200


def test_a_mail_is_held_and_let_go_and_the_second_click_does_no_harm(cast, pia, send):
    mail = send()
    assert "The mail is held." in told(pia, take(pia, mail, "hold"))
    assert state_of(mail) == {State.HELD}
    assert "That had been done before." in told(pia, take(pia, mail, "hold"))

    assert "The mail is let go." in told(pia, take(pia, mail, "release"))
    assert state_of(mail) == {State.QUEUED}
    assert "That had been done before." in told(pia, take(pia, mail, "release"))
    for log in (cast.pia, cast.sue):
        events = [entry.event for entry in cast.services.audit.page(log, log.tenant.id, before=None)]
        assert [each for each in events if each in {"mail.held", "mail.released"}] == ["mail.released", "mail.held"]


def test_a_mail_is_called_off_and_the_second_click_does_no_harm(pia, send):
    mail = send()
    assert "The mail is called off." in told(pia, take(pia, mail, "cancel"))
    assert state_of(mail) == {State.CANCELLED}
    assert "That had been done before." in told(pia, take(pia, mail, "cancel"))


def test_a_mail_that_waits_for_its_next_try_is_tried_now(pia, send):
    mail = send()
    put_in(mail, State.DEFERRED)
    assert "The mail is tried again now." in told(pia, take(pia, mail, "retry"))


def test_what_is_too_late_is_said(pia, send):
    mail = send()
    put_in(mail, State.SENT)

    assert "It does not wait: it cannot be held now." in told(pia, take(pia, mail, "hold"))
    assert "It is not held." in told(pia, take(pia, mail, "release"))
    assert "It is too late to call it off." in told(pia, take(pia, mail, "cancel"))
    assert "Choose one of the options in the list." in told(pia, take(pia, mail, "burn"))


def test_every_state_offers_what_it_allows(pia, send):
    mail = send()
    offered = {}
    for state in (State.QUEUED, State.DEFERRED, State.HELD, State.UNCERTAIN, State.QUARANTINED):
        put_in(mail, state)
        offered[state] = [each["value"] for each in pia.page("/queue").all("input", name="step")]

    assert offered == {
        State.QUEUED: ["hold", "cancel"],
        State.DEFERRED: ["hold", "retry", "cancel"],
        State.HELD: ["release", "cancel"],
        State.UNCERTAIN: ["hold"],
        State.QUARANTINED: ["retry", "cancel"],
    }


def test_a_company_cannot_send_what_the_operator_holds_but_may_call_it_off(cast, pia, send, as_):
    mail = send()
    take(pia, mail, "hold")
    sue, url = as_(cast.sue), f"/t/{cast.sue.tenant.id}/mail-log/{mail}"
    page = sue.page(url)

    assert "The operator of the portal holds this mail back" in page.text
    assert "Try again" not in page.text
    sue.post(f"{url}/retry")
    assert state_of(mail) == {State.HELD}
    sue.post(f"{url}/cancellation")
    assert state_of(mail) == {State.CANCELLED}


def test_the_whole_queue_is_held_and_released_after_a_question(cast, pia, send, services):
    cast.active_config(cast.sue)
    send()
    page = told(pia, pia.post("/queue/hold"))
    assert "The whole queue is held." in page
    assert "Held by Pia since 2 Mar 2026, 09:00 UTC" in page
    assert services.delivering.claim(OWNER) is None
    assert "One mail is due and leaves at once." in pia.page("/queue/release").text

    assert "The queue goes on." in told(pia, pia.post("/queue/release"))
    assert "The queue was not held." in told(pia, pia.post("/queue/release"))
    assert pia.get("/queue/release").location == "/queue"
    assert services.delivering.claim(OWNER) is not None


def test_mail_of_a_restored_database_is_released_from_the_same_button(pia, send, services):
    mail = send()
    services.rollback.hold()
    assert "Mail is held since the database was restored." in pia.page("/queue").text
    assert "One recipient waits since the database was restored" in pia.page("/queue/release").text

    pia.post("/queue/release")
    assert state_of(mail) == {State.QUEUED}


def test_what_waits_is_counted_by_configuration_the_paused_one_first(cast, pia, send, mail_server, clock):
    good = cast.active_config(cast.rex, name="Rex's relay", host="127.0.0.1", port="2")
    cast.active_config(cast.sue, name="Sue's relay", password="wrong", **mail_server.typed("starttls"))
    send(cast.rex, config_id=good.id)
    deliver_all(cast.services)
    clock.forward(minutes=1)
    send(), send(), send(cast.otto)
    deliver_all(cast.services)
    page = pia.page("/queue").text

    assert re.search(r"Sue's relay Sue & Partners 2 just now Paused until .* Rex's relay Rex Hosting 2", page)
    assert "Not decided yet 1" in page


def test_configurations_come_few_at_a_time(cast, pia, send):
    for number in range(12):
        config = cast.active_config(cast.sue, name=f"Relay {number}", host="127.0.0.1", port="2", encryption="none")
        send(config_id=config.id)
        deliver_all(cast.services)
    page = pia.page("/queue")
    more = next(each["href"] for each in page.all("a") if "configs=" in each["href"] and "span" not in each["href"])

    assert len(re.findall(r"Relay \d+ Sue", page.text)) == 10
    assert len(re.findall(r"Relay \d+ Sue", pia.page(more).text)) == 12


def test_what_left_is_drawn_by_the_hour_and_by_the_day_and_told_as_a_table(cast, pia, send, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    send(), send()
    deliver_all(cast.services)
    clock.forward(hours=3)
    pia.sign_in("pia@demo.test")
    page = pia.page("/queue")

    assert "2 delivered, 0 put off, 0 failed." in page.text
    assert "09:00 2 0 0 10:00 0 0 0" in page.text
    assert page.html.count('class="bar_chart__bar bar_chart__bar--delivered"') == 1
    assert "2 Mar 2026 2 0 0" in pia.page("/queue?span=fortnight").text
    clock.forward(days=2)
    pia.sign_in("pia@demo.test")
    assert "No mail was tried in this time." in pia.page("/queue").text


def test_mail_to_many_has_its_lane(pia, send):
    send(lane=Lane.BULK)

    assert "Bulk 1 just now" in pia.page("/queue").text
