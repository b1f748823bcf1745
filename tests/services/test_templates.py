"""Whose words a mail goes out in."""

import pytest

from portal.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from portal.domain.outgoing import Mailbox, Outgoing, Purpose
from portal.domain.roles import Actor, Permission, Role
from portal.domain.secret import Secret
from portal.domain.templates import Origin, Wording
from tests.work import deliver_all

WORDS = Wording("Join {{company}}", "{{inviter}} waits for you.\n\n{{url}}", header="Good day", footer="Kind regards")


def publish(services, person, *, tenant=None, words=WORDS, language="en", publish=True, purpose=Purpose.INVITATION):
    tenant_id = (tenant or person.tenant).id
    version = services.templates.get(person, tenant_id, purpose, language).version
    services.templates.save(person, tenant_id, purpose, language, words, version=version, publish=publish)


def invitation(services, cast, mail_server):
    """The mail with which Sue invites somebody now."""
    number = len(services.invitations.people(cast.sue, cast.sue.tenant.id))
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email=f"{number}@demo.test", name="New", role="staff")
    deliver_all(services)
    return mail_server.letters[-1]


@pytest.fixture
def served(cast, mail_server):
    return cast.active_config(cast.pia, **mail_server.typed("none"))


@pytest.mark.req("S1.32")
def test_the_nearest_published_words_are_sent_with_their_header_and_footer(cast, services, mail_server, served):
    publish(services, cast.pia, words=Wording("Pia's words", "{{url}}"))
    assert invitation(services, cast, mail_server).subject == "Pia's words"
    publish(services, cast.rex)
    letter = invitation(services, cast, mail_server)
    html = letter.message.get_body(("html",)).get_content()

    assert letter.subject == "Join Sue & Partners"
    text = letter.text.replace("\r\n", "\n")
    assert text.startswith("Good day\n\nSue waits for you.\n\nhttp://portal.test/invitations/")
    assert text.endswith("\n\n-- \nKind regards\n")
    assert '<a href="http://portal.test/invitations/' in html
    assert "Kind regards" in html
    assert "Relaytree" not in html + letter.text


def test_a_value_is_escaped_in_html_and_left_alone_in_text(cast, services, mail_server, served):
    publish(services, cast.sue, words=Wording("x", "<b>{{company}}</b> {{url}}"))
    letter = invitation(services, cast, mail_server)

    assert "<b>Sue & Partners</b>" in letter.text
    assert "&lt;b&gt;Sue &amp; Partners&lt;/b&gt;" in letter.message.get_body(("html",)).get_content()


def test_nobody_gets_a_draft(cast, services, mail_server, served):
    publish(services, cast.sue, publish=False)

    assert invitation(services, cast, mail_server).subject == "Sue invites you to Sue & Partners"


def test_back_to_what_is_inherited(cast, services, mail_server, served):
    publish(services, cast.rex, words=Wording("Rex's words", "{{url}}"))
    publish(services, cast.sue)
    services.templates.withdraw(cast.sue, cast.sue.tenant.id, Purpose.INVITATION, "en")

    assert invitation(services, cast, mail_server).subject == "Rex's words"


def test_a_discarded_draft_leaves_what_is_published(cast, services):
    publish(services, cast.sue)
    publish(services, cast.sue, words=Wording("Draft", "{{url}}"), publish=False)
    services.templates.discard(cast.sue, cast.sue.tenant.id, Purpose.INVITATION, "en")
    template = services.templates.get(cast.sue, cast.sue.tenant.id, Purpose.INVITATION, "en")

    assert (template.draft, template.published) == (None, WORDS)


@pytest.mark.req("S1.32")
def test_the_language_of_the_nearest_who_chose_one_goes_first_and_english_second(cast, services, mail_server, served):
    publish(services, cast.rex, words=Wording("Willkommen", "{{url}}"), language="de")
    publish(services, cast.sue, words=Wording("Welcome", "{{url}}"))
    assert invitation(services, cast, mail_server).subject == "Welcome"
    choose_language(services, cast.rex, "de")
    assert invitation(services, cast, mail_server).subject == "Willkommen"
    choose_language(services, cast.sue, "fr")
    assert invitation(services, cast, mail_server).subject == "Welcome"


def choose_language(services, person, language):
    version = services.sender_policies.get(person, person.tenant.id).version
    services.sender_policies.change(person, person.tenant.id, domains="", language=language, version=version)


def test_every_mail_of_the_portal_that_can_be_worded_gives_every_value_that_it_promises(
    cast, services, mail_server, served
):
    publish(services, cast.pia, words=Wording("x", "{{company}} {{product}} {{inviter}} {{hours}} {{url}}"))
    text = invitation(services, cast, mail_server).text
    words = Wording("x", "{{company}} {{product}} {{minutes}} {{url}}")
    publish(services, cast.pia, purpose=Purpose.PASSWORD_RESET, words=words)
    services.password_changes.ask("sue@demo.test", address="127.0.0.1")
    deliver_all(services)
    reset = mail_server.letters[-1].text
    words = Wording("x", "{{company}} {{product}} {{name}}")
    publish(services, cast.pia, purpose=Purpose.PASSWORD_CHANGED, words=words)
    services.password_changes.reset(reset.split("/password-resets/")[1].split()[0], Secret("a whole new sentence"))
    deliver_all(services)

    assert text.startswith("Sue & Partners Relaytree Sue 48 http://portal.test/invitations/")
    assert reset.startswith("Sue & Partners Relaytree 30 http://portal.test/password-resets/")
    assert mail_server.letters[-1].text.startswith("Sue & Partners Relaytree Sue\r\n")


def test_a_mail_that_a_programmer_hands_in_keeps_its_words(cast, services, mail_server, served):
    publish(services, cast.sue)
    services.sending.send(
        tenant_id=cast.sue.tenant.id,
        to=(Mailbox("cal@demo.test"),),
        content=Outgoing("As it is", "A line."),
        purpose=Purpose.INVITATION,
    )
    deliver_all(services)

    assert mail_server.letters[-1].subject == "As it is"


def test_the_list_says_whose_words_apply(cast, services):
    publish(services, cast.pia)
    publish(services, cast.sue, purpose=Purpose.PASSWORD_CHANGED, words=Wording("a", "b"), publish=False)
    lines = services.templates.overview(cast.sue, cast.sue.tenant.id, "en")

    assert [(line.purpose, line.origin, line.has_draft) for line in lines[:3]] == [
        (Purpose.INVITATION, Origin.INHERITED, False),
        (Purpose.PASSWORD_RESET, Origin.BUILT_IN, False),
        (Purpose.PASSWORD_CHANGED, Origin.BUILT_IN, True),
    ]
    assert {(line.origin, line.has_draft) for line in lines[3:]} == {(Origin.BUILT_IN, False)}


def test_a_preview_hides_the_sender_that_the_level_above_hides(cast, services):
    cast.active_config(cast.rex, from_address="rex-alone@example.test")

    def previewed(person):
        return services.template_previews.preview(person, person.tenant.id, Purpose.INVITATION, "en").source

    assert "rex-alone@example.test" in previewed(cast.sue)
    rex = services.tenants.get(cast.rex, cast.rex.tenant.id, Permission.EDIT_TENANT)
    services.tenants.rename(cast.rex, rex.id, name=rex.name, shows_sender=False, version=rex.version)

    assert "rex-alone" not in previewed(cast.sue)
    assert "rex-alone@example.test" in previewed(cast.rex)


def test_two_who_edit_at_once_do_not_overwrite_one_another(cast, services):
    publish(services, cast.sue)
    with pytest.raises(ConflictError):
        services.templates.save(cast.rex, cast.sue.tenant.id, Purpose.INVITATION, "en", WORDS, version=0, publish=True)


def test_staff_word_mails_at_home_and_nobody_words_those_of_others(cast, services):
    staff = Actor(cast.sue.user_id, cast.sue.tenant, Role.STAFF, "staff@demo.test", "Staff")
    publish(services, staff)
    with pytest.raises(NotFoundError):
        publish(services, cast.otto, tenant=cast.sue.tenant)
    with pytest.raises(NotFoundError):
        publish(services, cast.sue, tenant=cast.rex.tenant)
    with pytest.raises(ForbiddenError):
        publish(services, Actor(cast.cal.user_id, cast.sue.tenant, Role.CUSTOMER, "cal@demo.test", "Cal"))


def test_only_what_is_in_the_catalogue_and_a_language_on_offer_can_be_worded(cast, services):
    with pytest.raises(NotFoundError):
        services.templates.get(cast.sue, cast.sue.tenant.id, Purpose.MESSAGE, "en")
    with pytest.raises(NotFoundError):
        services.templates.get(cast.sue, cast.sue.tenant.id, Purpose.INVITATION, "tlh")
    with pytest.raises(InvalidError):
        publish(services, cast.sue, words=Wording("x", "no link"))


def test_what_changed_stands_in_both_companies_logs(cast, services):
    publish(services, cast.rex, tenant=cast.sue.tenant)
    for person in (cast.sue, cast.rex):
        entry = services.audit.page(person, person.tenant.id, before=None)[0]
        assert (entry.event, entry.actor_name) == ("template.published", "Rex")
        assert tuple(entry.fields["subject"]) == ("", "Join {{company}}")
        assert tuple(entry.fields["text"]) == ("changed", "changed")


@pytest.mark.req("S1.32")
def test_our_own_words_go_out_in_the_companys_language_as_far_as_they_are_translated(
    cast, services, mail_server, served
):
    for language, subject in (("de", "Sue lädt Sie zu Sue & Partners ein"), ("ja", "Sue invites you")):
        tenant = services.tenants.get(cast.sue, cast.sue.tenant.id, Permission.VIEW_TREE)
        services.sender_policies.change(cast.sue, tenant.id, domains="", language=language, version=tenant.version)
        letter = invitation(services, cast, mail_server)
        assert letter.subject.startswith(subject)
    assert "/invitations/" in letter.text
    preview = services.template_previews.preview(cast.sue, cast.sue.tenant.id, Purpose.PASSWORD_RESET, "de")
    assert preview.subject == "Wählen Sie ein neues Passwort"
