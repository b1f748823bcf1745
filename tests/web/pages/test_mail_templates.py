"""The pages on which a company words its mails."""

import pytest

from portal.domain.outgoing import Purpose
from portal.domain.templates import Wording
from tests.page import Page
from tests.services.test_sender_policies import decide
from tests.services.test_templates import publish
from tests.work import deliver_all

WHICH = {"purpose": "invitation", "language": "en"}


def at(person, path=""):
    return f"/t/{person.tenant.id}/mail-templates{path}"


def editor(person, language="en"):
    return at(person, f"/edit?purpose=invitation&language={language}")


@pytest.mark.req("S1.32")
def test_rex_words_the_invitation_looks_at_it_tests_it_and_publishes_it(cast, as_, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("none"))
    rex, sue = as_(cast.rex), as_(cast.sue)
    assert "Forgotten password Built in" in rex.page(at(cast.rex)).text

    form = rex.page(editor(cast.rex)).fields()
    assert form["subject"] == "{{inviter}} invites you to {{company}}"
    assert "for {{hours}} hours:\n\n{{url}}" in form["text"]
    words = {"subject": "Hello from {{company}}", "text": "One line.\n\n{{url}}", "footer": "Rex"}
    drafted = rex.post(at(cast.rex), {**form, **words, "verb": "draft"})
    shown = rex.page(drafted.location)
    assert "There is a draft, which nobody gets." in shown.text
    assert "Hello from Rex Hosting" in shown.text
    assert "Subject: Hello from Rex Hosting" in shown.text
    assert "Content-Type: text/html" in shown.text

    sent = rex.post(at(cast.rex, "/tests"), WHICH)
    deliver_all(services)
    assert "Sent" in rex.page(sent.location).text
    assert (mail_server.letters[-1].subject, mail_server.letters[-1].recipients) == (
        "Hello from Rex Hosting",
        ("rex@demo.test",),
    )

    rex.post(at(cast.rex), {**shown.fields(), "verb": "publish"})
    assert "Invitation Own" in rex.page(at(cast.rex)).text
    assert "Invitation From Rex Hosting" in sue.page(at(cast.sue)).text
    assert sue.page(editor(cast.sue)).fields()["subject"] == "Hello from {{company}}"

    asked = rex.page(at(cast.rex, "/withdrawal?purpose=invitation&language=en"))
    rex.post(at(cast.rex, "/withdrawal"), asked.fields())
    assert "Invitation Built in" in rex.page(at(cast.rex)).text


def test_whatever_stands_further_up_is_told_as_the_parents(cast, as_, services):
    publish(services, cast.pia)
    page = as_(cast.sue).page(at(cast.sue))

    assert "Invitation From Rex Hosting" in page.text
    assert "Pia Cloud" not in page.html
    assert str(cast.pia.tenant.id) not in page.html + as_(cast.sue).page(editor(cast.sue)).html


def test_a_wrong_placeholder_is_named_at_its_field_and_nothing_is_lost(cast, as_):
    rex = as_(cast.rex)
    form = rex.page(editor(cast.rex)).fields()
    answer = rex.post(at(cast.rex), {**form, "subject": "{{nobody}}", "text": "kept", "verb": "publish"})
    page = Page(answer.text)

    assert answer.status_code == 422
    assert "There is no {{nobody}} here." in page.text
    assert "Without {{url}} the mail is of no use" in page.text
    assert page.fields()["text"] == "kept"
    assert page.all("input", id="subject")[0]["aria-invalid"] == "true"


def test_somebody_elses_change_is_shown_before_it_is_replaced(cast, as_, services):
    rex = as_(cast.rex)
    form = rex.page(editor(cast.rex)).fields()
    publish(services, cast.rex, words=Wording("Theirs", "{{url}}"))
    answer = rex.post(at(cast.rex), {**form, "subject": "Mine", "verb": "publish"})
    page = Page(answer.text)

    assert answer.status_code == 409
    assert "Somebody else changed this meanwhile." in page.text
    assert "Theirs" in page.text
    assert rex.post(at(cast.rex), {**page.fields(), "verb": "publish"}).status_code == 303
    template = services.templates.get(cast.rex, cast.rex.tenant.id, Purpose.INVITATION, "en")
    assert template.published.subject == "Mine"


def test_markup_in_words_is_words(cast, as_, services):
    publish(services, cast.rex, words=Wording("<script>x</script>", "<img src=x onerror=y> {{url}}", header="<b>"))
    page = as_(cast.rex).page(editor(cast.rex))

    assert page.all("img", src="x") == []
    assert "<script>x" not in page.html
    assert "&lt;img src=x onerror=y&gt;" in page.html


def test_a_draft_is_thrown_away_even_while_the_form_is_half_empty(cast, as_, services):
    publish(services, cast.rex, publish=False)
    rex = as_(cast.rex)

    rex.post(at(cast.rex), {**WHICH, "verb": "discard", "subject": ""})
    assert "The built-in words are in use." in rex.page(editor(cast.rex)).text


def test_too_many_tests_have_to_wait(cast, as_):
    rex = as_(cast.rex)
    answers = [rex.post(at(cast.rex, "/tests"), WHICH).status_code for _ in range(11)]

    assert answers == [303] * 10 + [429]


@pytest.mark.parametrize("query", ["purpose=message", "purpose=nothing", "purpose=invitation&language=tlh"])
def test_what_nobody_can_word_does_not_exist(cast, as_, query):
    assert as_(cast.rex).get(at(cast.rex, f"/edit?{query}")).status_code == 404
    assert as_(cast.rex).get(at(cast.rex, f"/withdrawal?{query}")).status_code == 404


def test_a_sender_that_the_parent_hides_stays_hidden_in_the_source(cast, as_, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("none"))
    services.tenants.rename(cast.pia, cast.rex.tenant.id, name="Rex Hosting", shows_sender=False, version=1)
    sue = as_(cast.sue)

    assert "office@example.test" not in sue.page(editor(cast.sue)).html
    publish(services, cast.sue, words=Wording("x", "{{url}}", from_name="Sue"))
    assert "office@example.test" not in sue.page(editor(cast.sue)).html
    publish(services, cast.sue, words=Wording("x", "{{url}}", from_address="sue@demo.test"))
    assert "office@example.test" not in sue.page(editor(cast.sue)).html


def test_the_owner_decides_on_domains_and_language_within_what_the_parent_allows(cast, as_, services):
    decide(services, cast.pia, "rex.test")
    rex = as_(cast.rex)
    url = f"/t/{cast.rex.tenant.id}/sender-policy"
    form = rex.page(url)
    assert "Pia Cloud allows: rex.test" in form.text
    refused = rex.post(url, {**form.fields(), "domains": "bank.test"})
    assert refused.status_code == 422
    assert "bank.test is not among the domains that the company above allows." in Page(refused.text).text

    rex.post(url, {**form.fields(), "domains": "Rex.test", "language": "de"})
    page = rex.page(at(cast.rex))
    assert "Language of the mails Deutsch Sender domains rex.test" in page.text
    assert rex.post(url, {**form.fields(), "domains": ""}).status_code == 409
    decide(services, cast.pia)
    assert "rex.test no longer allowed above" in rex.page(at(cast.rex)).text
    assert "rex.test is no longer allowed above" in rex.page(url).text
