"""A failed test proposes what may mend it, and never less protection."""

from dataclasses import replace

import pytest

from portal.domain.config_rules import judged
from portal.domain.diagnosis import Code, Finding, Status, Step
from portal.domain.mail_config import Encryption, Mechanism, SignIn
from portal.domain.proposals import Remedy, alternatives, proposals
from tests.cast import typed_config

OFFICE = judged(typed_config())


def draft(*, sign_in=SignIn.PASSWORD, from_address=OFFICE.from_address, **place):
    destination = replace(OFFICE.destination, **place)
    return replace(OFFICE, destination=destination, sign_in=sign_in, from_address=from_address)


def proposed(tried, code, *, fact="", **values):
    findings = [Finding(Step.ENCRYPT, Status.FAILED, 1, code, fact, values)] if fact else []
    return {each.remedy: dict(each.changes) for each in proposals(tried, code, findings)}


@pytest.mark.req("S4.20")
@pytest.mark.parametrize(
    ("tried", "code", "fact", "expected"),
    [
        (draft(port=465), Code.SILENT, "", {Remedy.TLS_HERE: {"encryption": "tls"}}),
        (draft(port=465, encryption=Encryption.TLS), Code.SILENT, "", {}),
        (draft(encryption=Encryption.TLS), Code.TLS_FAILED, "not-tls", {Remedy.STARTTLS_HERE: {"encryption": "starttls"}}),
        (draft(encryption=Encryption.TLS), Code.TLS_FAILED, "handshake-cut", {}),
        (draft(), Code.TLS_MISSING, "starttls-not-offered", {Remedy.TLS_PORT: {"port": "465", "encryption": "tls"}}),
        (draft(port=465), Code.TLS_MISSING, "", {}),
        (draft(port=25), Code.REFUSED, "", {
            Remedy.STARTTLS_PORT: {"port": "587", "encryption": "starttls"},
            Remedy.TLS_PORT: {"port": "465", "encryption": "tls"},
        }),
        (draft(port=587), Code.TIMEOUT, "", {Remedy.TLS_PORT: {"port": "465", "encryption": "tls"}}),
        (draft(encryption=Encryption.NONE), Code.SERVER_REFUSED, "encryption-required", {Remedy.STARTTLS_HERE: {"encryption": "starttls"}}),
        (draft(encryption=Encryption.NONE), Code.SERVER_REFUSED, "", {}),
        (draft(encryption=Encryption.NONE), Code.AUTH_CLEARTEXT, "", {
            Remedy.STARTTLS_HERE: {"encryption": "starttls"},
            Remedy.TLS_PORT: {"port": "465", "encryption": "tls"},
        }),
        (draft(sign_in=SignIn.NONE), Code.AUTH_REJECTED, "sign-in-required", {Remedy.SIGN_IN: {"signs_in": True}}),
        (draft(), Code.AUTH_REJECTED, "", {}),
        (draft(mechanism=Mechanism.LOGIN), Code.AUTH_UNSUPPORTED, "", {Remedy.ANY_MECHANISM: {"mechanism": "auto"}}),
        (draft(), Code.AUTH_UNSUPPORTED, "", {}),
        (draft(from_address="sales@example.test"), Code.SENDER_REJECTED, "", {Remedy.SENDER_IS_USER: {"from_address": "office@example.test"}}),
        (draft(), Code.SENDER_REJECTED, "", {}),
        (draft(), Code.OK, "", {}),
    ],
    ids=str,
)  # fmt: skip
def test_each_outcome_proposes_what_fits_it(tried, code, fact, expected):
    assert proposed(tried, code, fact=fact) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("mail.example.test", "mail.example.test"),
        ("*.example.test, relay.example.test", "relay.example.test"),
        ("smtp.example.test", None),
        ("mail.evil.test", None),
        ("", None),
    ],
)
def test_a_certificate_proposes_a_name_of_the_same_domain_only(names, expected):
    found = proposed(draft(), Code.TLS_NAME, fact="certificate-refused", names=names)

    assert found == ({Remedy.NAMED_HOST: {"host": expected}} if expected else {})


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("encryption", Encryption)
@pytest.mark.parametrize("fact", ["", "not-tls", "encryption-required", "sign-in-required"])
def test_no_proposal_takes_protection_away_or_leads_to_another_machine(code, encryption, fact):
    tried = draft(encryption=encryption)

    for changes in proposed(tried, code, fact=fact).values():
        assert changes.get("encryption") != "none"
        assert not {"host", "trust_kind", "cleartext_consent"} & changes.keys()


def test_the_alternatives_of_a_destination_stay_on_its_host_with_its_user_and_its_trust():
    place = draft(port=2525, mechanism=Mechanism.LOGIN).destination
    found = alternatives(place)

    assert place in found
    assert {(each.host, each.username, each.trust) for each in found} == {(place.host, place.username, place.trust)}
    assert {(each.port, each.encryption.value) for each in found} == {
        (465, "tls"),
        (587, "starttls"),
        (2525, "tls"),
        (2525, "starttls"),
    }
