"""Knows how a claimed mail becomes a job for the wire: its route, its sender and its exact bytes."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Finding
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId, new_id
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.precedence import Resolution
from portal.domain.sender import Signature
from portal.mail.connection import Envelope
from portal.mail.message import Heading, Written, write
from portal.mail.refusals import DoesNotFitError, UnwritableError
from portal.services.health import HealthWatch
from portal.services.pacing import next_turn
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.resolution import PasswordNeededError, Resolver, Route
from portal.services.settlement import Settlement
from portal.services.signing import signature_of
from portal.store import mail_configs, outbox, shapes, tenants
from portal.store.db import SYSTEM, unit_of_work
from portal.vault.vault import SealBrokenError


@dataclass(slots=True)
class Job:
    """One attempt at one mail: what was decided before the network is touched, and what is learnt there.

    `past_fence` are the recipients for whom the dot was let go.
    """

    message_id: MessageId
    attempt_id: UUID
    owner: UUID
    route: Route
    envelope: Envelope
    written: Written
    queued_at: datetime
    findings: list[Finding] = field(default_factory=list)
    past_fence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preparation:
    clock: Clock
    resolver: Resolver
    passwords: Passwords
    settlement: Settlement
    health: HealthWatch

    def prepare(self, message_id: MessageId, owner: UUID) -> Job | None:
        """Decide everything about an attempt; where that is impossible, say why at each recipient and let go."""
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, message_id)
            everyone = outbox.recipients_of(session, message_id)
            leased = [recipient for recipient in everyone if recipient.state == State.LEASED.value]
            code, route = self._route(session, message)
            if route is None:
                self.settlement.let_go(session, message, leased, code)
                return None
            if self._has_to_wait(session, message, leased, route):
                return None
            try:
                written, signature, identifier = self._written(session, message, everyone, route)
            except DoesNotFitError as misfit:
                message.notes = [f"does-not-fit:{note.part}:{note.character}" for note in misfit.parts]
                self.settlement.let_go(session, message, leased, Code.DOES_NOT_FIT)
                return None
            except UnwritableError:
                self.settlement.let_go(session, message, leased, Code.UNWRITABLE)
                return None
            except SealBrokenError:
                # The key ring lacks a key: the mail waits for it rather than being taken for poison.
                self.settlement.let_go(session, message, leased, Code.INTERNAL)
                return None
            message.notes = _notes_of(written, signature)
            attempt_id = self._begin(session, message, route)
            for recipient in leased:
                outbox.move(recipient, State.SENDING)
            addresses = tuple(recipient.address for recipient in leased)
            envelope = Envelope(signature.envelope, addresses, len(written.content), identifier)
            return Job(message_id, attempt_id, owner, route, envelope, written, message.created_at)

    def config_of(self, session: Session, message: outbox.MessageRow) -> ConfigId | None:
        """Through which configuration a mail would go now; None where that is the instance default, or there is none.

        What may have left already goes through the one it went through.
        """
        if message.sealed_bytes is not None:
            return ConfigId(message.config_id) if message.config_id else None
        choice = self._resolution(session, message).choice
        return choice.config_id if choice else None

    def still_goes(self, session: Session, message: outbox.MessageRow, route: Route) -> bool:
        """Whether the mail would take the very same route if it were decided now."""
        if self._rests(session, message):
            return False
        choice = self._resolution(session, message).choice
        if choice is None or choice.config_id != route.config_id:
            return False
        return route.config_id is None or mail_configs.version_of(session, route.config_id) == route.version

    def _route(self, session: Session, message: outbox.MessageRow) -> tuple[Code, Route | None]:
        if self._rests(session, message):
            return Code.SUSPENDED, None
        resolution = self._resolution(session, message)
        message.trace = shapes.of_trace(resolution.trace)
        if resolution.choice is None:
            return Code.NO_CONFIG, None
        if message.sealed_bytes is None:  # else it says through what the uncertain copy went
            message.config_id = resolution.choice.config_id
        try:
            route = self.resolver.route(session, resolution.choice)
        except PasswordNeededError:
            return Code.PASSWORD_NEEDED, None
        if _was_through_another(message, route):
            return Code.ROUTE_CHANGED, None
        return Code.OK, route

    def _has_to_wait(
        self, session: Session, message: outbox.MessageRow, leased: list[outbox.RecipientRow], route: Route
    ) -> bool:
        """Put a mail back whose configuration keeps a pace, or is paused."""
        if turn := next_turn(session, route, self.clock()):
            self.settlement.postpone(session, message, leased, turn)
            return True
        if pause := self.health.next_try(session, route.config_id):
            until, code = pause
            self.settlement.postpone(session, message, leased, until, code)
            return True
        return False

    @staticmethod
    def _rests(session: Session, message: outbox.MessageRow) -> bool:
        """Whether the tenant is suspended, or was closed while its mail was in hand."""
        tenant = tenants.find(session, TenantId(message.tenant_id))
        return tenant is None or tenant.suspended

    def _resolution(self, session: Session, message: outbox.MessageRow) -> Resolution:
        tenant_id = TenantId(message.tenant_id)
        named = ConfigId(message.named_config_id) if message.named_config_id else None
        # A named configuration that was deleted meanwhile is absent: only absence passes the question on.
        if named and mail_configs.find_row(session, tenant_id, named) is None:
            named = None
        user_id = UserId(message.user_id) if message.user_id else None
        about = ConfigId(message.about_config_id) if message.about_config_id else None
        return self.resolver.for_tenant(session, tenant_id, named, user_id=user_id, about=about)

    def _written(
        self,
        session: Session,
        message: outbox.MessageRow,
        recipients: list[outbox.RecipientRow],
        route: Route,
    ) -> tuple[Written, Signature, str]:
        """The bytes, in whose name they travel, and how the mail is called in reports, if any are wanted."""
        own = self.passwords.of_tenant(session, TenantId(message.tenant_id))
        outgoing = Outgoing.from_json(json.loads(own.open_content(message.content or b"", MessageId(message.id))))
        signature = signature_of(session, TenantId(message.tenant_id), outgoing, route)
        identifier = message.id.hex if outgoing.reports else ""
        if message.sealed_bytes is not None:
            content = own.open_content(message.sealed_bytes, MessageId(message.id))
            return Written(content, ()), signature, identifier
        heading = Heading(
            sender=signature.sender,
            recipients=tuple(Mailbox(each.address, each.name) for each in recipients),
            reply_to=signature.reply_to,
            message_id=message.message_id,
            date=message.created_at,
            charset=route.draft.charset,
            misfit=route.draft.misfit,
        )
        return write(outgoing, heading), signature, identifier

    def _begin(self, session: Session, message: outbox.MessageRow, route: Route) -> UUID:
        message.config_id, message.config_version = route.config_id, route.version
        attempt_id = new_id()
        attempt = outbox.AttemptRow(
            id=attempt_id,
            message_id=message.id,
            started_at=self.clock(),
            finished_at=None,
            config_id=route.config_id,
            config_version=route.version,
            code=Code.UNKNOWN.value,
            findings=[],
        )
        session.add(attempt)
        return attempt_id


def _was_through_another(message: outbox.MessageRow, route: Route) -> bool:
    """After an uncertain outcome only the same configuration may repeat the mail; else a person decides."""
    if message.sealed_bytes is None:
        return False
    return (message.config_id, message.config_version) != (route.config_id, route.version)


def _notes_of(written: Written, signature: Signature) -> list[str]:
    notes = [f"sent-as-utf-8:{note.part}:{note.character}" for note in written.notes]
    return [*notes, *signature.notes]
