"""The demo's mailbox keeps what came and how it came, newest first, and not for ever."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from portal.demo import mailbox as mailbox_module
from portal.demo.letters import Arrival
from portal.demo.mailbox import Mailbox
from portal.domain.mail_config import Encryption

ARRIVAL = Arrival("pia@demo.test", ("cal@demo.test", "sue@demo.test"), Encryption.STARTTLS, "demo")


@pytest.fixture
def mailbox(tmp_path):
    minutes = count()
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return Mailbox(tmp_path / "mailbox", clock=lambda: start + timedelta(minutes=next(minutes)))


def mail(subject):
    return f"Subject: {subject}\r\nFrom: Pia <pia@demo.test>\r\nTo: cal@demo.test\r\n\r\nHello\r\n".encode()


def subjects(letters):
    return [letter.subject for letter in letters]


def test_a_mail_is_found_again_with_how_it_came(mailbox):
    letter = mailbox.find(mailbox.store(ARRIVAL, mail("one")))

    assert letter.arrival == ARRIVAL
    assert letter.received_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert (letter.subject, letter.author, letter.addressee) == ("one", "Pia <pia@demo.test>", "cal@demo.test")
    assert letter.source == mail("one").decode()


def test_the_newest_mail_comes_first_and_older_ones_page_by_page(mailbox):
    for subject in ("one", "two", "three"):
        mailbox.store(ARRIVAL, mail(subject))
    newest = mailbox.newest(2)

    assert subjects(newest) == ["three", "two"]
    assert subjects(mailbox.newest(2, before=newest[-1].id)) == ["one"]


def test_an_empty_mailbox_is_empty_and_no_error(mailbox):
    assert mailbox.newest(10) == []


def test_beyond_the_limit_the_oldest_mails_go(mailbox, monkeypatch):
    monkeypatch.setattr(mailbox_module, "_MOST_KEPT", 2)
    for subject in ("one", "two", "three"):
        mailbox.store(ARRIVAL, mail(subject))

    assert subjects(mailbox.newest(10)) == ["three", "two"]
    assert len(list(mailbox.folder.iterdir())) == 4


@pytest.mark.parametrize("letter_id", ["", "nothing", "../ports", "..", "20260302T090000000000-abcdef01", "x\0"])
def test_an_id_that_is_none_finds_nothing(mailbox, letter_id):
    mailbox.store(ARRIVAL, mail("one"))

    assert mailbox.find(letter_id) is None
