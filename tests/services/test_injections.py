"""What is written into a template to attack its engine arrives as it was typed, in text, HTML and headers."""

import html

import pytest

from portal.domain.outgoing import Purpose
from portal.domain.templates import LONGEST_TEXT, PLACEHOLDERS, Wording
from tests.domain.injections import EXPRESSIONS, FORMS
from tests.work import deliver_all

ATTACKS = [form.replace("§", expression) for form in FORMS for expression in EXPRESSIONS]
HARMLESS = [attack for attack in ATTACKS if "{{" not in attack and "}}" not in attack]


def chunks(attacks):
    """As many to a text as fit into one."""
    text = "{{url}}"
    for attack in attacks:
        if len(text) + len(attack) + 2 > LONGEST_TEXT:
            yield text
            text = "{{url}}"
        text += f"\n\n{attack}"
    yield text


def publish(services, person, words, purpose=Purpose.INVITATION):
    version = services.templates.get(person, person.tenant.id, purpose, "en").version
    services.templates.save(person, person.tenant.id, purpose, "en", words, version=version, publish=True)


@pytest.mark.req("S3.18")
def test_every_attack_that_is_not_refused_travels_literally(cast, services, mail_server):
    assert len(HARMLESS) >= 200
    cast.active_config(cast.sue, **mail_server.typed("none"))
    for number, text in enumerate(chunks(HARMLESS)):
        publish(services, cast.sue, Wording("Come in", text))
        preview = services.template_previews.preview(cast.sue, cast.sue.tenant.id, Purpose.INVITATION, "en")
        services.invitations.invite(cast.sue, cast.sue.tenant.id, email=f"{number}@demo.test", name="New", role="staff")
        deliver_all(services)
        letter = mail_server.letters[-1]
        shown = letter.message.get_body(("html",)).get_content()
        for attack in text.split("\n\n")[1:]:
            assert attack in letter.text.replace("\r\n", "\n")
            assert attack in preview.plain
            assert attack in html.unescape(shown)
        assert not any(tag in shown for tag in ("<script", "<img", "<!--"))
        assert sorted(letter.message.keys()) == sorted(mail_server.letters[0].message.keys())


@pytest.mark.parametrize("attack", HARMLESS[::17])
def test_in_a_subject_too(cast, services, mail_server, attack):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    publish(services, cast.sue, Wording(f"Hello {attack}"[:200], "{{url}}"))
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    deliver_all(services)

    assert mail_server.letters[-1].subject == f"Hello {attack}"[:200].strip()


@pytest.mark.parametrize("purpose", PLACEHOLDERS, ids=str)
def test_every_mail_that_can_be_worded_has_a_preview_and_a_test(cast, services, mail_server, purpose):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    preview = services.template_previews.preview(cast.sue, cast.sue.tenant.id, purpose, "en")
    names = " ".join("{{" + each.name + "}}" for each in PLACEHOLDERS[purpose])
    publish(services, cast.sue, Wording("Words", names), purpose)
    services.template_previews.send_test(cast.sue, cast.sue.tenant.id, purpose, "en")
    deliver_all(services)

    assert preview.subject
    assert "{{" not in preview.plain + mail_server.letters[-1].text
    assert mail_server.letters[-1].subject == "Words"
