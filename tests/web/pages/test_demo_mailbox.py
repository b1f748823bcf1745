"""The mailbox of the demo is a page: whoever is signed in sees there what the demo mail server received."""

import pytest

from portal.demo.letters import Arrival
from portal.domain.mail_config import Encryption
from tests.page import Browser

URL = "/demo/mailbox"
ARRIVAL = Arrival("noreply@pia-cloud.test", ("cal@demo.test", "rex@demo.test"), Encryption.STARTTLS, "demo")


def mail(subject, text="words"):
    head = f"Subject: {subject}\r\nFrom: Pia Cloud <noreply@pia-cloud.test>\r\nTo: cal@demo.test\r\n"
    return f"{head}Content-Type: text/plain; charset=iso-8859-1\r\n\r\n{text}\r\n".encode("latin-1")


@pytest.fixture
def browser(demo_app, demo):
    cal = Browser.of(demo_app)
    cal.sign_in("cal@demo.test")
    return cal


def test_an_empty_mailbox_says_what_to_do(browser):
    assert "Send a test mail" in browser.page(URL).text


def test_every_mail_is_listed_with_how_it_came(browser, demo):
    demo.mailbox.store(ARRIVAL, mail("=?iso-8859-1?Q?Gr=FC=DFe?="))
    text = browser.page(URL).text

    assert all(
        word in text
        for word in ("Grüße", "Pia Cloud <noreply@pia-cloud.test>", "cal@demo.test", "STARTTLS", "iso-8859-1")
    )


def test_one_mail_shows_its_headers_its_text_and_its_source(browser, demo):
    letter_id = demo.mailbox.store(ARRIVAL, mail("=?iso-8859-1?Q?Gr=FC=DFe?=", "H\xe4llo"))
    page = browser.page(f"{URL}/{letter_id}")

    assert all(word in page.text for word in ("Grüße", "Hällo", "=?iso-8859-1?Q?Gr=FC=DFe?=", "rex@demo.test", "demo"))


def test_a_mail_is_text_and_never_becomes_part_of_the_page(browser, demo):
    letter_id = demo.mailbox.store(ARRIVAL, mail("<script>alert(1)</script>", "<img src=x onerror=alert(1)>"))
    for url in (URL, f"{URL}/{letter_id}"):
        html = browser.get(url).text

        assert "<script>alert" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize("letter_id", ["nothing", "20260302T090000000000-abcdef01", "..%2Fports"])
def test_a_mail_that_is_not_there_is_no_page(browser, letter_id):
    assert browser.get(f"{URL}/{letter_id}").status_code == 404


def test_the_page_looks_again_by_itself_with_and_without_scripts(browser):
    html = browser.get(URL).text

    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in html
    assert 'hx-trigger="every 3s"' in html


def test_looking_again_changes_nothing_until_a_mail_came(browser, demo):
    seen = demo.mailbox.store(ARRIVAL, mail("one"))
    looking = {"headers": {"HX-Request": "true"}}

    assert browser.get(f"{URL}?seen={seen}", **looking).status_code == 204
    demo.mailbox.store(ARRIVAL, mail("two"))
    answer = browser.get(f"{URL}?seen={seen}", **looking)
    assert (answer.status_code, "<html" in answer.text, "two" in answer.text) == (200, False, True)


def test_older_mails_are_on_the_next_page(browser, demo):
    for number in range(51):
        demo.mailbox.store(ARRIVAL, mail(f"mail number {number}."))
    first = browser.page(URL)
    older = next(link["href"] for link in first.all("a") if link.get("rel") == "next")
    second = browser.page(older)

    assert ("mail number 0." in first.text, "mail number 0." in second.text) == (False, True)
    assert "refresh" not in second.html


def test_whoever_is_not_signed_in_is_asked_to(demo_app, demo):
    answer = demo_app.test_client().get(URL)

    assert (answer.status_code, "/sign-in" in answer.location) == (303, True)
