"""Knows that every code is said to people, in whole sentences of the language of the moment."""

import ast
import re
from pathlib import Path

import pytest
from babel.support import NullTranslations

from portal.domain.audit import Event, EventGroup, draft_change
from portal.domain.charset import CODECS
from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Finding, Status, Step
from portal.domain.errors import Problem
from portal.domain.mail_config import Destination, Draft, Encryption, SignIn
from portal.domain.outgoing import Purpose
from portal.domain.precedence import Reason, Rung, Source
from portal.domain.roles import Role
from portal.domain.tenancy import TenantKind
from portal.i18n import Voice, speaking
from portal.web import sentences

PORTAL = Path(__file__).parents[2] / "portal"
FALLBACK = "This cannot be used as it is. Please change it."
# Values as the wire fills them in; every fact gets all of them.
LEARNT = {
    "address": "203.0.113.7", "port": "587", "version": "TLS 1.3", "valid_from": "2025-01-01",
    "valid_until": "2026-01-01", "issuer": "CN=Demo", "fingerprint": "ab12", "names": "mx.example", "reason": "ODD",
    "offered": "XOAUTH2", "mechanism": "PLAIN", "sender": "sue@demo.test", "size": "2500000", "limit": "1000",
    "accepted": "1", "refused": "2", "octets": "812",
}  # fmt: skip

WORDS = {
    sentences.kind_name: TenantKind,
    sentences.role_name: Role,
    sentences.state_name: State,
    sentences.step_name: Step,
    sentences.status_name: Status,
    sentences.encryption_name: Encryption,
    sentences.method_explanation: Encryption,
    sentences.event_group_name: EventGroup,
    sentences.event_sentence: Event,
    sentences.purpose_name: Purpose,
    sentences.source_name: Source,
}


class Marked(NullTranslations):
    """A language in which every message begins with a mark."""

    def ugettext(self, message):
        return f"¡{message}"


def raised_in_portal():
    """Every (field, code) that portal code names literally; a field that is no literal is None."""
    places = {"Problem": 1, "_refuse": 1, "_canonical": 3}
    for path in PORTAL.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            name = isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2]
            if name in places and len(call.args) > places[name]:
                field = getattr(call.args[0], "value", None)
                for node in ast.walk(call.args[places[name]]):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield field if isinstance(field, str) else None, node.value


def facts_of_the_wire():
    """Every fact that portal.mail writes: a keyword `fact`, an assignment, a skipped step, a demand of the server."""
    sources = "\n".join(path.read_text() for path in (PORTAL / "mail").glob("*.py"))
    written = re.findall(r'(?:\bfact=|\.fact = |\.skip\(|\.fact, learnt\.values = )"([a-z0-9-]+)"', sources)
    return {*written, *re.findall(r'"([a-z-]+-required)"', sources)}


@pytest.mark.parametrize(("say", "members"), WORDS.items(), ids=lambda each: each.__name__)
def test_every_member_has_words_of_its_own(say, members):
    said = [say(member) for member in members]

    assert all(word and "%(" not in word for word in said)
    assert len(set(said)) == len(said)


def test_every_problem_that_portal_code_raises_has_its_sentence():
    raised = set(raised_in_portal())
    values = dict.fromkeys(("longest", "shortest", "most", "line"), 9)
    values |= {"character": "ř", "charset": "iso-8859-1", "domain": "a.example", "name": "who"}
    values |= {"ratio": "1.3", "least": "3", "company": "Rex Hosting"}

    said = {(field, code): sentences.problem_sentence(Problem(field or "", code, values)) for field, code in raised}

    assert ("password", "destination-changed") in raised
    assert (None, "required") in raised
    assert ("host", "not-a-host") in raised
    assert [place for place, sentence in said.items() if sentence == FALLBACK or "%(" in sentence] == []


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem("port", "not-a-port"), "Type a number from 1 to 65535."),
        (Problem("host", "required"), "Type the server's name or address, such as smtp.example.com."),
        (
            Problem("password", "destination-changed"),
            "The stored password belongs to the old destination. Type it again to use it with this server.",
        ),
        (Problem("name", "too-long", {"longest": 120}), "Shorten this to at most 120 characters."),
        (Problem("colour", "unheard-of"), FALLBACK),
    ],
)
def test_a_problem_says_what_to_type_instead(problem, sentence):
    assert sentences.problem_sentence(problem) == sentence


@pytest.mark.parametrize("fact", sorted(facts_of_the_wire()))
@pytest.mark.parametrize("values", [LEARNT, {}], ids=["all values", "no values"])
def test_every_fact_of_the_wire_is_one_line(fact, values):
    said = sentences.fact_sentence(Finding(Step.CONNECT, Status.DONE, 1, fact=fact, values=values, reply="the reply"))

    assert said != "the reply"
    assert "%(" not in said
    assert bool(said) or (fact, values) == ("tls", {})


@pytest.mark.parametrize(
    ("code", "fact", "sentence"),
    [
        (Code.OK, "tls", "TLS 1.3, certificate valid until 1 Jan 2026"),
        (Code.OK, "port-answers", "port 587 answers"),
        (Code.OK, "address", "found at 203.0.113.7"),
        (Code.OK, "credentials-unused", "the server asked for no sign-in; yours was not used"),
        (Code.OK, "not-requested", "not requested"),
        (Code.TOO_LARGE, "size-limit", "the mail has 2.5 MB, the server takes 1.0 kB"),
        (Code.OK, "content-sent", "812 bytes handed over"),
        (Code.TLS_EXPIRED, "certificate-refused", "the certificate is valid from 1 Jan 2025 until 1 Jan 2026"),
        (Code.TLS_NAME, "certificate-refused", "the certificate is for mx.example"),
        (Code.TLS_UNTRUSTED, "certificate-refused", "issued by CN=Demo, fingerprint ab12"),
        (Code.TLS_PIN, "", "the certificate shown has the fingerprint ab12"),
        (Code.BUSY, "", "4.3.2 come back"),
    ],
)
def test_a_fact_is_filled_in_with_what_was_learnt(code, fact, sentence):
    finding = Finding(Step.ENCRYPT, Status.DONE, 1, code, fact, LEARNT, "4.3.2 come back")

    assert sentences.fact_sentence(finding) == sentence


@pytest.mark.parametrize(
    ("rung", "sentence"),
    [
        (
            Rung(Source.TENANT, "Company ACME", Reason.STAYS_ON_DEFAULT),
            "Company ACME: stays on its Provider default, so its provider is asked",
        ),
        (Rung(Source.PROVIDER_DEFAULT, "Rex Hosting", None), "Rex Hosting: active configuration, used"),
        (Rung(Source.INSTANCE, "", Reason.NOT_CONFIGURED), "Instance default: not configured"),
        (Rung(Source.NAMED, "", Reason.NONE_NAMED), "Named by the caller: nothing named"),
        (Rung(Source.USER, "Cal", Reason.NOT_LINKED), "User Cal: no configuration linked"),
        (Rung(Source.PROFILE, "Sales", None), "Profile Sales: linked configuration, used"),
    ],
)
def test_a_rung_says_who_was_asked_and_what_came_of_it(rung, sentence):
    assert sentences.rung_sentence(rung) == sentence


@pytest.mark.parametrize("source", Source)
def test_a_rung_that_was_taken_reads_differently_from_one_passed_over(source):
    taken = sentences.rung_sentence(Rung(source, "Rex", None))

    assert taken.endswith("used")
    assert not sentences.rung_sentence(Rung(source, "Rex", Reason.NOT_LINKED)).endswith("used")


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        (
            "sent-as-utf-8:subject:€",
            "Subject: sent as UTF-8, because the chosen encoding does not have “€” (U+20AC).",
        ),
        ("does-not-fit:from-name::", "Sender name: the chosen encoding does not have “:” (U+003A)."),
        ("does-not-fit:text:\x1b", "Text: the chosen encoding does not have U+001B."),
        (
            "sender-moved-to-reply-to",
            "The mail's own sender is not allowed here, so it became the address for replies.",
        ),
        (
            "credentials-unused",
            "The server asked for no sign-in; your user name and password were not used.",
        ),
        ("unheard-of", "unheard-of"),
    ],
)
def test_a_note_is_a_sentence(note, sentence):
    assert sentences.note_sentence(note) == sentence


def test_every_encoding_on_offer_names_its_languages():
    names = {label: sentences.charset_name(label) for label in CODECS}

    assert [label for label, name in names.items() if not re.fullmatch(re.escape(label) + r" \(.+\)", name)] == []
    assert names["iso-8859-2"] == "iso-8859-2 (Central European)"
    assert names["windows-1251"] == "windows-1251 (Cyrillic)"
    assert names["utf-8"] == "utf-8 (every language)"
    assert sentences.charset_name("x-unheard-of") == "x-unheard-of"


def test_every_field_in_the_audit_log_has_the_name_that_the_form_gives_it():
    draft = Draft("Mine", Destination("mx.example", 587, Encryption.TLS), SignIn.NONE, "sue@demo.test", "Sue")
    named = [*draft_change(None, draft, password_changed=True), "recipient", "verb", "shows_sender"]

    assert [name for name in named if sentences.field_name(name) == name] == []


def test_the_usual_ports_say_what_they_are_for():
    labels = [sentences.port_label(port) for port in (25, 465, 587, 2525, 26)]

    assert labels == ["25 · unencrypted", "465 · SSL/TLS", "587 · STARTTLS", "2525 · alternative", "26"]


def test_everything_is_said_in_the_language_of_the_moment():
    with speaking(Voice("en", Marked())):
        told = sentences.outcome(Code.NAME)
        said = [
            *(say(member) for say, members in WORDS.items() for member in members),
            *(told.short, told.clause, *told.causes, *told.advice),
            *(sentences.plain_outcome(code) for code in Code),
            *(
                sentences.fact_sentence(Finding(Step.GREET, Status.DONE, 1, fact=fact, values=LEARNT))
                for fact in facts_of_the_wire()
            ),
            *(sentences.problem_sentence(Problem("host", code)) for code in ("required", "not-a-host", "odd")),
            *(sentences.rung_sentence(Rung(source, "", None)) for source in Source),
            *(sentences.field_name(name) for name in ("host", "verb")),
        ]

    assert {each for each in said if not each.startswith("¡")} == {"STARTTLS", "SSL/TLS"}
