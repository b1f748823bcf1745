"""Knows the way into the outbox: who may hand in what, and what is written down of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from portal.domain.addresses import canonical_address, domain_of
from portal.domain.delivery import State, on_uncertain
from portal.domain.diagnosis import Code
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId, id_at
from portal.domain.mail_config import Draft
from portal.domain.outgoing import Lane, Mailbox, Outgoing, Purpose
from portal.domain.precedence import Choice, Resolution
from portal.domain.roles import Actor
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.resolution import Resolver
from portal.services.wording import ensure_fits, ensure_sound, fits
from portal.store import mail_configs, outbox, shapes, standings, usable_configs, work
from portal.store.db import afterwards
from portal.store.row_security import looking_up
from portal.telemetry.logs import tell_queued
from portal.vault.vault import TenantVault

MOST_RECIPIENTS = 100  # RFC 5321 §4.5.3.1.8: what every server has to take in one transaction
PATIENCE = timedelta(days=5)  # RFC 5321 §4.5.4.1


@dataclass(frozen=True, slots=True)
class Order:
    """One mail to be sent: whose it is, what for, to whom and by when. `named` is a configuration of the tenant.

    `about` is one that the mail reports on: it goes as if that were absent. `plainer` is the same mail in words that
    its company chose, for where a strict configuration cannot carry the language that its reader chose.
    """

    tenant_id: TenantId
    purpose: Purpose
    recipients: tuple[Mailbox, ...]
    outgoing: Outgoing
    plainer: Outgoing | None = None
    user_id: UserId | None = None
    named: ConfigId | None = None
    about: ConfigId | None = None
    lane: Lane = Lane.NORMAL
    patience: timedelta = PATIENCE


Queued = tuple[MessageId, Resolution]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What mails stand on that are handed in together and ask for the same: it is looked up once."""

    own: TenantVault
    resolution: Resolution
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class Outbox:
    """`fallback_domain` stands in the Message-ID where no configuration applies yet."""

    clock: Clock
    resolver: Resolver
    passwords: Passwords
    fallback_domain: str

    def enqueue(self, session: Session, order: Order, *, requested_by: Actor | None) -> Queued:
        """Write a mail into the caller's transaction: queued means committed together with its cause.

        Returns its id and the resolution that applies now; delivery asks again. What a programmer hands in is refused
        where a strict configuration that applies now cannot carry it; the portal's own mails wait instead.
        Raises InvalidError.
        """
        (queued,) = self.enqueue_all(session, [order], requested_by=requested_by)
        return queued

    def enqueue_all(self, session: Session, orders: Iterable[Order], *, requested_by: Actor | None) -> list[Queued]:
        """The same for several mails, in their order: all of them, or none."""
        grounds: dict[tuple[object, ...], _Ground] = {}
        mails, everyone, queued = list[outbox.Columns](), list[outbox.Columns](), list[Queued]()
        for order in orders:
            recipients = _ensure_recipients(order.recipients)
            ensure_sound(order.outgoing, recipients)
            asked = order.tenant_id, order.named, order.user_id, order.about
            ground = grounds[asked] = grounds.get(asked) or self._ground(session, order)
            message_id = MessageId(id_at(self.clock()))
            mails.append(self._mail(_fitting(order, recipients, ground.draft), message_id, ground, requested_by))
            everyone += [self._recipient(message_id, each) for each in recipients]
            queued.append((message_id, ground.resolution))
            afterwards(session, partial(_tell, message_id, order))
        if queued:
            outbox.add(session, mails, everyone)
            work.announce(session)
        return queued

    def _ground(self, session: Session, order: Order) -> _Ground:
        if order.named is not None:
            mail_configs.get_row(session, order.tenant_id, order.named)
        found = standings.find_with_draft(session, order.tenant_id)
        if found is None:
            raise NotFoundError
        tenant, data_key, selected = found
        resolution = self.resolver.for_mail_of(session, tenant, order.named, user_id=order.user_id, about=order.about)
        own = self.passwords.with_key(order.tenant_id, data_key)
        is_selected = selected is not None and resolution.choice == Choice(tenant.active_config_id)
        return _Ground(own, resolution, selected if is_selected else self._draft(session, resolution))

    def _mail(
        self, order: Order, message_id: MessageId, ground: _Ground, requested_by: Actor | None
    ) -> dict[str, object]:
        """The columns of a mail; its Message-ID names the sender's domain, never a machine of ours."""
        now = self.clock()
        domain = domain_of(ground.draft.from_address) if ground.draft else self.fallback_domain
        content = json.dumps(order.outgoing.as_json()).encode()
        return {
            "id": message_id,
            "tenant_id": order.tenant_id,
            "user_id": order.user_id,
            "requested_by": requested_by.user_id if requested_by else None,
            "purpose": order.purpose.value,
            "lane": order.lane.value,
            "named_config_id": order.named,
            "about_config_id": order.about,
            "message_id": f"<{message_id.hex}@{domain}>",
            "subject": order.outgoing.subject,
            "content": ground.own.seal_content(content, message_id),
            "on_uncertain": on_uncertain(order.lane).value,
            "created_at": now,
            "expires_at": now + order.patience,
            "trace": shapes.of_trace(ground.resolution.trace),
            "notes": [],
            "due_at": now,
        }

    def _recipient(self, message_id: MessageId, mailbox: Mailbox) -> dict[str, object]:
        now = self.clock()
        return {
            "id": id_at(now),
            "message_id": message_id,
            "address": mailbox.address,
            "name": mailbox.name,
            "state": State.QUEUED.value,
            "attempts": 0,
            "crash_count": 0,
            "uncertain_count": 0,
            "next_at": now,
            "code": Code.OK.value,
            "reply": "",
        }

    def _draft(self, session: Session, resolution: Resolution) -> Draft | None:
        """What applies now, for whoever asks about its sender or its encoding."""
        if resolution.choice is None:
            return None
        config_id = resolution.choice.config_id
        if config_id is None:
            return self.resolver.instance_default.draft if self.resolver.instance_default else None
        with looking_up(session):
            config = usable_configs.usable(session, config_id)
        return config.draft if config else None


def _tell(message_id: MessageId, order: Order) -> None:
    tell_queued(message_id, order.tenant_id, order.purpose.value, order.lane.value)


def _fitting(order: Order, recipients: tuple[Mailbox, ...], draft: Draft | None) -> Order:
    """The mail in words that what applies now can carry. Raises InvalidError where only its programmer knows others."""
    if draft is None:
        return order
    if order.purpose is Purpose.MESSAGE:
        ensure_fits(order.outgoing, recipients, draft)
    elif order.plainer and not fits(order.outgoing, recipients, draft):
        return replace(order, outgoing=order.plainer)
    return order


def _ensure_recipients(recipients: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    if not recipients:
        raise InvalidError([Problem("recipient", "required")])
    if len(recipients) > MOST_RECIPIENTS:
        raise InvalidError([Problem("recipient", "too-many", {"most": MOST_RECIPIENTS})])
    try:
        canonical = {canonical_address(each.address): each.name for each in recipients}
    except ValueError:
        raise InvalidError([Problem("recipient", "not-an-address")]) from None
    return tuple(Mailbox(address, name) for address, name in canonical.items())
