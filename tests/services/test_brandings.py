"""A company's brand is in its mails and those of everybody below; who sets it, and what changed, stands in its log."""

import re
from email import message_from_bytes

import pytest

from portal.domain.audit import Event
from portal.domain.branding import UNBRANDED, TypedBranding
from portal.domain.errors import ConflictError, ForbiddenError, NotFoundError
from portal.domain.outgoing import Purpose
from portal.domain.templates import Wording
from portal.domain.trial import Verb
from tests.domain.test_pictures import png
from tests.work import deliver_all, run_trials

REXES = TypedBranding(
    product="RexMail",
    support="help@rex.example",
    privacy="https://rex.example/p",
    terms="https://rex.example/t",
    imprint="https://rex.example/i",
)
LEGAL = """Help: help@rex.example
Privacy policy: https://rex.example/p
Terms of use: https://rex.example/t
Legal notice: https://rex.example/i
"""


def html_of(letter):
    parts = message_from_bytes(letter.raw).walk()
    return next(part.get_payload(decode=True).decode() for part in parts if part.get_content_type() == "text/html")


@pytest.fixture
def brand(services):
    def brand(person, typed, version=0):
        services.brandings.change(person, person.tenant.id, typed, version=version)

    return brand


def test_what_is_not_set_comes_from_above_under_the_name_of_the_company_directly_above(services, cast, brand):
    brand(cast.otto, TypedBranding(product="Otto Post", support="help@otto.example"))
    brand(cast.pia, TypedBranding(product="Pia Portal", accent="#2f5bd8"))
    brand(cast.rex, TypedBranding(accent="#aa0044"))
    found = services.brandings.get(cast.sue, cast.sue.tenant.id)

    assert (found.own, found.parent_name, found.version) == (UNBRANDED, "Rex Hosting", 0)
    applies = found.applies
    assert (applies.product, applies.accent, applies.support) == ("Pia Portal", "#aa0044", None)


def test_whoever_starts_afresh_takes_nothing_from_above(services, cast, brand):
    brand(cast.rex, REXES)
    brand(cast.sue, TypedBranding(accent="#aa0044", starts_afresh=True))
    found = services.brandings.get(cast.sue, cast.cals_company.id)

    assert (found.applies.called, found.applies.support, found.applies.accent) == ("Relaytree", None, "#aa0044")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(services, cast, brand):
    brand(cast.rex, REXES)
    for version in (0, 2):
        with pytest.raises(ConflictError):
            brand(cast.rex, TypedBranding(product="Late"), version)
        with pytest.raises(ConflictError):
            services.brandings.reset(cast.rex, cast.rex.tenant.id, version=version)

    services.brandings.reset(cast.rex, cast.rex.tenant.id, version=1)
    assert services.brandings.get(cast.rex, cast.rex.tenant.id).own == UNBRANDED


def test_owners_here_and_above_set_a_brand_and_nobody_else(services, cast):
    sues = cast.sue.tenant.id
    services.brandings.change(cast.rex, sues, REXES, version=0)
    with pytest.raises(NotFoundError):
        services.brandings.change(cast.otto, sues, REXES, version=1)
    with pytest.raises(NotFoundError):
        services.brandings.get(cast.otto, sues)
    with pytest.raises(ForbiddenError):
        services.brandings.change(cast.cal, cast.cal.tenant.id, REXES, version=0)


def test_what_changed_stands_in_the_log_field_by_field(services, cast, brand):
    brand(cast.rex, TypedBranding(product="Old", logo=png(10, 10)))
    brand(cast.rex, TypedBranding(product="New", logo=png(20, 10)), 1)
    latest, first = services.audit.page(cast.rex, cast.rex.tenant.id)[:2]

    assert (latest.event, latest.fields) == (
        Event.BRANDING_CHANGED,
        {"product": ("Old", "New"), "logo": ("changed", "changed")},
    )
    assert first.fields["product"] == ("", "Old")


def test_a_mail_bears_the_brand_of_its_readers_company(services, cast, brand, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("none"))
    brand(cast.rex, REXES)
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    services.invitations.invite(cast.otto, cast.otto.tenant.id, email="newer@demo.test", name="Newer", role="staff")
    deliver_all(services)
    texts = {letter.recipients[0]: letter.text.replace("\r\n", "\n") for letter in mail_server.letters}
    branded, plain = texts["new@demo.test"], texts["newer@demo.test"]
    html = next(html_of(letter) for letter in mail_server.letters if letter.recipients == ("new@demo.test",))

    assert "on RexMail." in branded
    assert branded.endswith(f"\n-- \nSent by RexMail.\n{LEGAL}")
    assert {'href="mailto:help@rex.example"', 'href="https://rex.example/i"'} <= set(re.findall(r'href="[^"]*"', html))
    assert "Relaytree" not in branded + html
    assert plain.endswith("\n-- \nSent by Relaytree.\n")


def test_a_companys_own_words_bear_the_brand_too(services, cast, brand, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("none"))
    brand(cast.rex, REXES)
    words = Wording(subject="Come to {{product}}", text="Here: {{url}}", footer="Bye")
    services.templates.save(cast.rex, cast.rex.tenant.id, Purpose.INVITATION, "en", words, version=0, publish=True)
    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="New", role="staff")
    deliver_all(services)
    (letter,) = mail_server.letters

    assert letter.subject == "Come to RexMail"
    assert letter.text.replace("\r\n", "\n").endswith(f"\n-- \nBye\n{LEGAL}")


def test_a_preview_shows_the_brand(services, cast, brand):
    brand(cast.rex, REXES)
    preview = services.template_previews.preview(cast.rex, cast.rex.tenant.id, Purpose.INVITATION, "en")

    assert preview.product == "RexMail"
    assert "Sent by RexMail." in preview.plain
    assert "{{product}}" in services.template_previews.built_in(Purpose.INVITATION, "en").text


def test_a_test_mail_bears_the_brand(services, cast, brand, mail_server):
    config = cast.active_config(cast.sue, **mail_server.typed("none"))
    brand(cast.rex, REXES)
    services.trials.request_saved(cast.sue, cast.sue.tenant.id, config.id, verb=Verb.SEND, recipient="sue@demo.test")
    run_trials(services)

    assert mail_server.letters[-1].text.replace("\r\n", "\n").endswith(f"\nSent by RexMail.\n{LEGAL}")


def test_an_authenticator_app_shows_the_brands_name(services, cast, brand):
    brand(cast.rex, TypedBranding(product="Rex: Mail"))
    services.security.second_factors.offer(cast.sue)

    assert "issuer=Rex%20Mail" in services.security.second_factors.offered(cast.sue).uri


def test_a_logo_is_seen_where_it_applies_and_by_whoever_stands_above(services, cast, brand):
    brand(cast.sue, TypedBranding(logo=png(10, 10)))
    host = services.brand_hosts.ask(cast.sue, cast.sue.tenant.id, "mail.sue.example")
    services.brand_hosts.approve(None, host.id)
    name = services.brandings.get(cast.sue, cast.sue.tenant.id).own.logo.name

    def sees(person, at=""):
        try:
            return services.brandings.logo(name, host=at, actor=person)[1] == png(10, 10)
        except NotFoundError:
            return False

    assert [sees(each) for each in (cast.pia, cast.rex, cast.sue, cast.cal, cast.otto, None)] == [True] * 4 + [
        False
    ] * 2
    assert sees(None, "mail.sue.example")
    brand(cast.sue, TypedBranding(without_logo=True), 1)
    assert not sees(cast.sue)
