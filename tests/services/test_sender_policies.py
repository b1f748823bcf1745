"""In whose name a company's own words may travel, judged by the bytes that were sent."""

import pytest

from portal.domain.errors import ConflictError, ForbiddenError, InvalidError
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Actor, Role
from portal.domain.templates import Wording
from tests.services.test_templates import publish
from tests.work import deliver_all

OURS = "office@example.test"
# What somebody below tries to be, over the provider's account, where only sue-partners.test is allowed.
ALLOWED = ("news@sue-partners.test", "News@Sue-Partners.TEST", "a.b+c@sue-partners.test", "x@SUE-PARTNERS.test")
REFUSED = (
    "office@example.test.evil.test", "ceo@bank.test", "office@mail.example.test", "sue@demo.test", "rex@demo.test",
    "news@mail.sue-partners.test", "news@sue-partners.test.evil.test", "news@evil-sue-partners.test", "root@localhost",
    "news@xn--sue-partners-test.evil.test", "postmaster@bank.test", "news@sue-partners.tes", "o'hara@bank.test",
    "news@bänk.test", "a@b.co", "news@sue.partners.test", "ceo@xn--bnk-qla.test", "b@sue-partners.test.test",
)  # fmt: skip
UNTYPABLE = (
    "news@sue-partners.test, ceo@bank.test", "news@sue-partners.test <ceo@bank.test>", '"news@sue-partners.test" <a@b.c>',
    "ceo@bank.test@sue-partners.test", "news@sue-partners.test\r\nSender: ceo@bank.test", "news@sue-partners.test\0",
    "@bank.test:news@sue-partners.test", "news@[127.0.0.1]",
)  # fmt: skip


def decide(services, person, *domains, tenant=None):
    tenant = tenant or person.tenant
    version = services.sender_policies.get(person, tenant.id).version
    services.sender_policies.change(person, tenant.id, domains="\n".join(domains), language="", version=version)


def sent(cast, services, mail_server, person, sender):
    """A mail of this person's company in words with this sender, as the bytes say it: From, Reply-To and the notes."""
    mail_server.clear()
    message_id, _ = services.sending.send(
        tenant_id=person.tenant.id,
        to=(Mailbox("cal@demo.test"),),
        content=Outgoing("Hello", "A line.", sender=sender),
    )
    deliver_all(services)
    message = mail_server.letters[-1].message
    notes = services.mail_log.show(person, person.tenant.id, message_id).notes
    assert mail_server.letters[-1].sender == OURS
    return message["From"], message["Reply-To"], notes


@pytest.fixture
def inheriting(cast, services, mail_server):
    """Sue inherits Pia's configuration and may use one domain."""
    cast.active_config(cast.pia, **mail_server.typed("none"), from_name="Pia Cloud")
    for person in (cast.pia, cast.rex, cast.sue):
        decide(services, person, "sue-partners.test")


def test_there_are_thirty_forms_of_a_sender():
    assert len({*ALLOWED, *REFUSED, *UNTYPABLE}) >= 30


@pytest.mark.req("S3.18", "S3.19")
@pytest.mark.parametrize("address", ALLOWED)
def test_over_an_inherited_configuration_an_allowed_domain_signs(cast, services, mail_server, inheriting, address):
    words = Wording("x", "{{url}}", from_name="Sue's News", from_address=address)
    publish(services, cast.sue, words=words)
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    deliver_all(services)
    [author] = mail_server.letters[-1].message["From"].addresses

    assert author.addr_spec == f"{address.rpartition('@')[0]}@sue-partners.test"
    assert author.display_name == "Sue's News"
    assert mail_server.letters[-1].message["Reply-To"] is None


@pytest.mark.parametrize("address", REFUSED)
def test_any_other_address_becomes_reply_to_and_the_log_says_so(cast, services, mail_server, inheriting, address):
    words = Wording("x", "{{url}}", from_name="Pia Cloud Billing", from_address=address)
    publish(services, cast.sue, words=words)
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    deliver_all(services)
    message = mail_server.letters[-1].message

    assert message["From"] == "Pia Cloud <office@example.test>"
    assert message["Reply-To"].addresses[0].display_name == "Pia Cloud Billing"
    line = services.mail_log.page(cast.sue, cast.sue.tenant.id)[0]
    notes = services.mail_log.show(cast.sue, cast.sue.tenant.id, line.message_id).notes
    assert notes == ("sender-moved-to-reply-to",)


@pytest.mark.parametrize("address", UNTYPABLE)
def test_what_is_no_one_address_is_not_even_kept(cast, services, address):
    with pytest.raises(InvalidError):
        publish(services, cast.sue, words=Wording("x", "{{url}}", from_address=address))


def test_a_name_alone_does_not_change_an_inherited_sender(cast, services, mail_server, inheriting):
    found = sent(cast, services, mail_server, cast.sue, Mailbox("", "Pia Cloud Billing"))

    assert found == ("Pia Cloud <office@example.test>", None, ("sender-name-not-allowed",))


def test_over_ones_own_configuration_ones_own_server_decides(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    author, reply_to, notes = sent(cast, services, mail_server, cast.sue, Mailbox("ceo@bank.test", "Sue"))

    assert (author, reply_to) == ("Sue <ceo@bank.test>", None)
    assert notes == ("sender-name-from-template", "sender-address-from-template")


def test_a_narrower_list_above_counts_at_once_and_what_it_cut_off_is_flagged(cast, services, mail_server, inheriting):
    decide(services, cast.rex)
    policy = services.sender_policies.get(cast.sue, cast.sue.tenant.id)
    author, reply_to, _ = sent(cast, services, mail_server, cast.sue, Mailbox("news@sue-partners.test"))

    assert (policy.domains, policy.effective) == (("sue-partners.test",), frozenset())
    assert (author, reply_to) == ("Pia Cloud <office@example.test>", "news@sue-partners.test")


def test_nobody_lists_what_the_level_above_does_not(cast, services):
    decide(services, cast.pia, "pia-cloud.test", "sue-partners.test")
    decide(services, cast.rex, "sue-partners.test")
    with pytest.raises(InvalidError):
        decide(services, cast.sue, "pia-cloud.test")


def test_only_owners_decide_and_never_over_somebody_elses_change(cast, services):
    staff = Actor(cast.sue.user_id, cast.sue.tenant, Role.STAFF, "staff@demo.test", "Staff")
    with pytest.raises(ForbiddenError):
        decide(services, staff)
    with pytest.raises(ConflictError):
        services.sender_policies.change(cast.sue, cast.sue.tenant.id, domains="", language="", version=7)
    with pytest.raises(InvalidError):
        services.sender_policies.change(cast.sue, cast.sue.tenant.id, domains="", language="tlh", version=1)


def test_inherited_words_bring_their_authors_sender_where_the_author_may_use_it(cast, services, mail_server):
    """Rex's words over Rex's own configuration, for a mail of Sue's company."""
    cast.active_config(cast.rex, **mail_server.typed("none"))
    publish(services, cast.rex, words=Wording("x", "{{url}}", from_address="welcome@rex.test"))
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    deliver_all(services)

    assert mail_server.letters[-1].message["From"] == "welcome@rex.test"


def test_inherited_words_never_sign_over_a_configuration_of_ones_own(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"), from_name="Sue")
    decide(services, cast.pia, "rex.test")
    decide(services, cast.rex, "rex.test")
    publish(services, cast.rex, words=Wording("Rex's words", "{{url}}", from_address="welcome@rex.test"))
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    deliver_all(services)
    letter = mail_server.letters[-1]

    assert (letter.subject, letter.message["From"]) == ("Rex's words", "Sue <office@example.test>")
    assert letter.message["Reply-To"] is None


def test_a_templates_sender_is_kept_with_its_author(cast):
    mail = Outgoing("a", "b", sender=Mailbox("", "Rex"), author=cast.rex.tenant.id, values={"url": "secret"})

    assert "secret" not in str(mail.as_json())
    assert Outgoing.from_json(mail.as_json()).author == cast.rex.tenant.id
