"""Knows in whose name a mail travels: the configuration's sender, and when a template's own may take its place."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from portal.domain.addresses import domain_of
from portal.domain.errors import InvalidError, Problem
from portal.domain.hosts import canonical_domain
from portal.domain.mail_config import Draft
from portal.domain.outgoing import Mailbox

MOST_DOMAINS = 50


@dataclass(frozen=True, slots=True)
class Signature:
    """`envelope` is the reverse path (RFC 5321 §3.3). `notes` say what a template's own sender came to."""

    sender: Mailbox
    reply_to: Mailbox | None
    envelope: str
    notes: tuple[str, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether a template's address became Reply-To."""
        return "sender-moved-to-reply-to" in self.notes


def signed(
    draft: Draft,
    *,
    wanted: Mailbox | None,
    reply_to: Mailbox | None,
    inherited: bool,
    allowed: Collection[str] = (),
) -> Signature:
    """Decide the sender of a mail that goes through `draft`.

    `wanted` is a template's own sender; its name and its address override the configured ones, each by itself, and
    an empty one leaves the configured. Over a tenant's own configuration that is all: its server decides. Over an
    `inherited` one the address that results needs a domain among the `allowed`; else the From stays exactly the
    configuration's, and a wanted address becomes Reply-To where the mail has no other.
    """
    # A name that only repeats the address says nothing to whoever reads the mail.
    own = Mailbox(draft.from_address, "" if draft.from_name == draft.from_address else draft.from_name)
    answer_to = reply_to or (Mailbox(draft.reply_to) if draft.reply_to else None)
    envelope = draft.envelope_from or draft.from_address
    if wanted is None:
        return Signature(own, answer_to, envelope)
    overridden = Mailbox(wanted.address or own.address, wanted.name or own.name)
    if not inherited or domain_of(overridden.address) in allowed:
        return Signature(overridden, answer_to, envelope, _overrides(wanted))
    if not wanted.address:
        return Signature(own, answer_to, envelope, ("sender-name-not-allowed",))
    return Signature(own, answer_to or wanted, envelope, ("sender-moved-to-reply-to",))


def judged_domains(lines: Iterable[str], *, within: Collection[str] | None) -> tuple[str, ...]:
    """The domains that were typed, one a line, each in its canonical spelling and once.

    `within` are those of the parent, None for the root, which is free. Raises InvalidError.
    """
    typed = [line.strip() for line in lines if line.strip()]
    if len(typed) > MOST_DOMAINS:
        raise InvalidError([Problem("domains", "too-many", {"most": MOST_DOMAINS})])
    domains = tuple(dict.fromkeys(_domain(each) for each in typed))
    beyond = [each for each in domains if within is not None and each not in within]
    if beyond:
        raise InvalidError([Problem("domains", "beyond-parent", {"domain": beyond[0]})])
    return domains


def effective_domains(lists: Iterable[Collection[str]]) -> frozenset[str]:
    """What is left of a tenant's list after everyone above it had a say; `lists` are theirs and its own."""
    sets = [frozenset(each) for each in lists]
    return frozenset.intersection(*sets) if sets else frozenset()


def _overrides(wanted: Mailbox) -> tuple[str, ...]:
    notes = (("sender-name-from-template", wanted.name), ("sender-address-from-template", wanted.address))
    return tuple(note for note, value in notes if value)


def _domain(text: str) -> str:
    try:
        domain = canonical_domain(text.removeprefix("@"))
    except ValueError:
        domain = ""
    if "." not in domain:
        raise InvalidError([Problem("domains", "not-a-domain")])
    return domain


@dataclass(frozen=True, slots=True)
class SenderPolicy:
    """A tenant's sender domains. `offered` are those that the level above allows, None for the root, which is free.

    `language` is that of its mails, empty where it is inherited.
    """

    domains: tuple[str, ...]
    effective: frozenset[str]
    offered: frozenset[str] | None
    language: str
    version: int
