"""A mail of ours goes in the language of whoever gets it, unless his company worded it itself."""

from datetime import timedelta

import pytest

from portal.domain.diagnosis import Code
from portal.domain.outgoing import Mailbox, Purpose
from portal.domain.secret import Secret
from portal.domain.templates import Wording
from portal.i18n import speaking
from portal.i18n.catalogs import voice_in
from portal.services.browsers import Browser
from portal.services.preferences import Preferences
from tests.cast import PASSWORD
from tests.work import deliver_all, run_trials


@pytest.fixture(autouse=True)
def served(cast, mail_server):
    cast.active_config(cast.rex, **mail_server.typed("none"))


def prefer(cast, person, language="", zone=""):
    own = cast.services.preferences
    own.change(person, Preferences(language, zone), version=own.get(person).version)


def speak_as_company(cast, person, language):
    tenant = cast.services.tenants.tree(person, person.tenant.id).tenant
    cast.services.sender_policies.change(
        person, person.tenant.id, domains="", language=language, version=tenant.version
    )


def word(cast, person, subject, language):
    cast.services.templates.save(
        person,
        person.tenant.id,
        Purpose.PASSWORD_RESET,
        language,
        typed=Wording(subject, "{{url}}"),
        version=0,
        publish=True,
    )


def reset_mail(cast, mail_server, email="sue@demo.test"):
    cast.services.password_changes.ask(email, address="192.0.2.7")
    deliver_all(cast.services)
    return mail_server.letters[-1]


def test_whoever_chose_a_language_gets_his_mails_in_it(cast, mail_server):
    prefer(cast, cast.sue, "de")
    assert "Passwort" in reset_mail(cast, mail_server).subject

    prefer(cast, cast.sue, "ar")
    letter = reset_mail(cast, mail_server)
    body = letter.message.get_body(("html",)).get_content()
    assert '<html lang="ar" dir="rtl">' in body
    assert "\u2068" not in letter.text


def test_his_choice_goes_before_that_of_his_company(cast, mail_server):
    speak_as_company(cast, cast.sue, "es")
    assert "contraseña" in reset_mail(cast, mail_server).subject

    prefer(cast, cast.sue, "fr")
    assert "mot de passe" in reset_mail(cast, mail_server).subject


def test_what_a_company_worded_itself_stays_in_its_words(cast, mail_server):
    word(cast, cast.sue, "Our own words", "en")
    prefer(cast, cast.sue, "de")
    assert reset_mail(cast, mail_server).subject == "Our own words"

    word(cast, cast.sue, "Unsere eigenen Worte", "de")
    letter = reset_mail(cast, mail_server)
    assert letter.subject == "Unsere eigenen Worte"
    assert '<html lang="de" dir="ltr">' in letter.message.get_body(("html",)).get_content()
    assert "Sent by" not in letter.text
    prefer(cast, cast.sue, "")
    assert reset_mail(cast, mail_server).subject == "Our own words"


def test_the_language_of_the_page_at_hand_does_not_get_into_a_mail(cast, mail_server):
    with speaking(voice_in("de")):
        cast.services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
        letters = cast.services.invitations.letters
        assert letters.already_known(tenant_name="Rex Hosting").text.endswith("Sent by Relaytree.\n")
        assert letters.reason(Code.AUTH_REJECTED) == "The server refuses the password."
    deliver_all(cast.services)

    assert mail_server.letters[-1].subject == "Sue invites you to Sue & Partners"


def test_a_time_in_a_mail_is_that_of_its_reader(cast, mail_server, services):
    prefer(cast, cast.sue, "de", "Europe/Berlin")
    for mark in ("one", "two"):
        services.accounts.sign_in(
            "sue@demo.test", Secret(PASSWORD), address="192.0.2.7", browser=Browser(mark, "Firefox", "192.0.2.7")
        )
    deliver_all(services)

    assert "02.03.2026, 10:00 MEZ" in mail_server.letters[-1].text


def test_that_an_address_is_known_already_is_told_in_its_holders_language(cast, mail_server, services):
    prefer(cast, cast.otto, "de")
    cast.active_config(cast.otto, **mail_server.typed("none"))
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="otto@demo.test", name="Otto", role="staff")
    deliver_all(services)

    letter = mail_server.letters[-1]
    assert letter.recipients == ("otto@demo.test",)
    assert "Sent by" not in letter.text


def test_why_a_configuration_fails_is_told_in_the_readers_language(cast, mail_server, services):
    prefer(cast, cast.sue, "de")
    letters, sending = services.sending, services.invitations.letters
    letters.send(
        tenant_id=cast.sue.tenant.id,
        to=(Mailbox("sue@demo.test"),),
        content=sending.alert(config="Office", code=Code.AUTH_REJECTED, url="http://portal.test/x"),
        purpose=Purpose.ALERT,
        user_id=cast.sue.user_id,
        patience=timedelta(hours=1),
    )
    deliver_all(services)

    assert "The server refuses the password." not in mail_server.letters[-1].text


def test_a_test_mail_speaks_to_whoever_asked_for_it_unless_the_encoding_is_too_small(
    cast, mail_server, services, clock
):
    prefer(cast, cast.sue, "ar")
    for charset, misfit, is_arabic in (("utf-8", "utf-8", True), ("iso-8859-1", "strict", False)):
        cast.active_config(cast.sue, name=f"{charset}", **mail_server.typed("none"), charset=charset, misfit=misfit)
        clock.forward(hours=1)
        services.trials.request_own(cast.sue)
        run_trials(services)
        subject = mail_server.letters[-1].subject
        assert any("\u0600" <= each <= "\u06ff" for each in subject) == is_arabic


def test_where_an_encoding_is_too_small_for_his_language_he_gets_the_mail_in_that_of_his_company(cast, mail_server):
    prefer(cast, cast.sue, "ar")
    cast.active_config(cast.rex, name="Strict", **mail_server.typed("none"), charset="us-ascii", misfit="strict")

    assert reset_mail(cast, mail_server).subject == "Choose a new password"
