"""Knows how a claimed mail becomes a job for the wire: its sender and its exact bytes."""

import json
from dataclasses import dataclass, field, replace

from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Finding
from portal.domain.outgoing import Outgoing
from portal.domain.sender import Signature, signed
from portal.mail.connection import Envelope
from portal.mail.message import Heading, Written, write
from portal.mail.refusals import DoesNotFitError, UnwritableError
from portal.services.routing import Claim
from portal.services.settlement import Settlement
from portal.services.signing import signature_of
from portal.store.db import SYSTEM, reading
from portal.store.hands import Recipient
from portal.vault.vault import SealBrokenError

# So many mails of a claim to many pass the fence together.
GROUP = 10


@dataclass(slots=True)
class Job:
    """One attempt at one mail: what was decided before the network is touched, and what is learnt there.

    `intended` are the recipients at whom the rows note that a dot may be said, `past_fence` those for whom it was let
    go; until the moment `passed_until`, on the clock of the fence, it may be. `is_last` is true of the last mail of
    those that pass together.
    """

    claim: Claim
    envelope: Envelope
    written: Written
    notes: tuple[str, ...]
    findings: list[Finding] = field(default_factory=list)
    intended: tuple[str, ...] = ()
    past_fence: tuple[str, ...] = ()
    passed_until: float = 0.0
    is_last: bool = True

    @property
    def recipients(self) -> list[Recipient]:
        """The recipients of the mail as their rows are, while it is in these hands: to be changed, and written."""
        committing = State.COMMITTING.value
        return [
            replace(each, state=committing if each.address in self.intended else each.state)
            for each in self.claim.recipients
        ]


@dataclass(frozen=True, slots=True)
class Preparation:
    settlement: Settlement

    def prepare(self, claim: Claim) -> Job | None:
        """Write a claimed mail; where that is impossible, say why at each recipient and put it back.

        No transaction is open meanwhile.
        """
        try:
            return _written(claim)
        except DoesNotFitError as misfit:
            notes = [f"does-not-fit:{note.part}:{note.character}" for note in misfit.parts]
            self.settlement.undo(claim.message_id, claim.attempt_id, Code.DOES_NOT_FIT, notes)
        except UnwritableError:
            self.settlement.undo(claim.message_id, claim.attempt_id, Code.UNWRITABLE)
        except SealBrokenError:
            # The key ring lacks a key: the mail waits for it rather than being taken for poison.
            self.settlement.undo(claim.message_id, claim.attempt_id, Code.INTERNAL)
        return None


def _written(claim: Claim) -> Job:
    outgoing = Outgoing.from_json(json.loads(claim.own.open_content(claim.mail.content or b"", claim.message_id)))
    signature = _signature(claim, outgoing)
    written = _bytes(claim, outgoing, signature)
    # How the mail is called in reports, if any are wanted.
    identifier = claim.message_id.hex if outgoing.reports else ""
    envelope = Envelope(signature.envelope, claim.addresses, len(written.content), identifier)
    return Job(claim, envelope, written, _notes_of(written, signature))


def _signature(claim: Claim, outgoing: Outgoing) -> Signature:
    """The database is asked only where a template brings a sender of its own."""
    if outgoing.sender is None:
        return signed(claim.route.draft, wanted=None, reply_to=outgoing.reply_to, inherited=True)
    with reading(SYSTEM) as session:
        return signature_of(session, claim.tenant_id, outgoing, claim.route)


def _bytes(claim: Claim, outgoing: Outgoing, signature: Signature) -> Written:
    """Whoever may have got a copy gets exactly the bytes of that one."""
    if claim.mail.sealed_bytes is not None:
        return Written(claim.own.open_content(claim.mail.sealed_bytes, claim.message_id), ())
    draft = claim.route.draft
    heading = Heading(
        sender=signature.sender,
        recipients=claim.everyone,
        reply_to=signature.reply_to,
        message_id=claim.mail.message_id,
        date=claim.mail.created_at,
        charset=draft.charset,
        misfit=draft.misfit,
    )
    return write(outgoing, heading)


def _notes_of(written: Written, signature: Signature) -> tuple[str, ...]:
    notes = tuple(f"sent-as-utf-8:{note.part}:{note.character}" for note in written.notes)
    return (*notes, *signature.notes)
