"""Knows in whose name a mail travels: the configuration's sender, and when a template's own may take its place."""

from dataclasses import dataclass

from portal.domain.mail_config import Draft
from portal.domain.outgoing import Mailbox


@dataclass(frozen=True, slots=True)
class Signature:
    """`envelope` is the reverse path (RFC 5321 §3.3). `moved` is true when a template's sender became Reply-To."""

    sender: Mailbox
    reply_to: Mailbox | None
    envelope: str
    moved: bool = False


def signed(draft: Draft, *, wanted: Mailbox | None, reply_to: Mailbox | None, inherited: bool) -> Signature:
    """Decide the sender of a mail that goes through `draft`.

    `wanted` is a template's own sender. Over a tenant's own configuration it replaces the configured one; over an
    inherited configuration the From stays exactly the configuration's and the wanted address becomes Reply-To.
    """
    # A name that only repeats the address says nothing to whoever reads the mail.
    own = Mailbox(draft.from_address, "" if draft.from_name == draft.from_address else draft.from_name)
    answer_to = reply_to or (Mailbox(draft.reply_to) if draft.reply_to else None)
    envelope = draft.envelope_from or draft.from_address
    if wanted is None:
        return Signature(own, answer_to, envelope)
    if inherited:
        return Signature(own, answer_to or wanted, envelope, moved=True)
    return Signature(wanted, answer_to, envelope)
