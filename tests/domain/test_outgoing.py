import json

import pytest

from portal.domain.outgoing import Attachment, Mailbox, MailingList, Outgoing


def test_a_mail_survives_its_way_through_json():
    mail = Outgoing(
        subject="Grüße",
        text="a\r\nb",
        html="<p>b",
        attachments=(Attachment("žádost.pdf", "application/pdf", bytes(range(256))),),
        reply_to=Mailbox("rex@demo.test", "Rex"),
        auto_submitted=False,
        sender=Mailbox("sue@demo.test"),
        mailing_list=MailingList("news.demo.test", ("https://demo.test/off",), one_click=True),
        reports=True,
    )

    assert Outgoing.from_json(json.loads(json.dumps(mail.as_json()))) == mail


def test_the_shortest_mail_survives_its_way_through_json():
    mail = Outgoing("", "")

    assert Outgoing.from_json(json.loads(json.dumps(mail.as_json()))) == mail


def test_a_mail_stored_by_an_earlier_version_is_still_sent():
    shape = Outgoing("Hello", "Hello Cal", attachments=(Attachment("a.txt", "text/plain", b"a"),)).as_json()
    del shape["mailing_list"], shape["reports"], shape["attachments"][0]["content_id"]

    assert Outgoing.from_json(shape).attachments == (Attachment("a.txt", "text/plain", b"a"),)


def test_a_stored_mail_without_a_field_is_an_error_rather_than_a_guess():
    shape = Outgoing("Hello", "Hello Cal").as_json()
    del shape["html"]

    with pytest.raises(KeyError):
        Outgoing.from_json(shape)
