"""Knows the helper for programmers: say who, what and to whom, and get back an id and the reason for its route."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, MessageId, TenantId, UserId
from portal.domain.outgoing import Lane, Mailbox, Outgoing, Purpose
from portal.domain.precedence import Resolution
from portal.domain.roles import Actor
from portal.services.outbox import PATIENCE, Order, Outbox
from portal.services.own_words import OwnWords, Reader
from portal.store import users
from portal.store.db import handing_in


@dataclass(frozen=True, slots=True)
class Sending:
    outbox: Outbox
    own_words: OwnWords

    def send(
        self,
        *,
        tenant_id: TenantId,
        to: tuple[Mailbox, ...],
        content: Outgoing,
        purpose: Purpose = Purpose.MESSAGE,
        user_id: UserId | None = None,
        config_id: ConfigId | None = None,
        about: ConfigId | None = None,
        lane: Lane = Lane.NORMAL,
        patience: timedelta = PATIENCE,
        requested_by: Actor | None = None,
    ) -> tuple[MessageId, Resolution]:
        """Queue one mail of a tenant and say which configuration applies to it now, and why.

        The portal's own mails take the words of the nearest company that published some for their purpose; where none
        did, they speak the language that the user chose, or else that of the company.
        Queued means committed. Called inside an open `unit_of_work`, the mail belongs to that transaction.
        `user_id` is the user of this tenant whose mail it is; `config_id` names one of the tenant's own
        configurations and goes before every other rule; `about` is one that the mail reports on, and through which it
        must not go. `to` takes up to 100 addresses. After `patience` a mail
        that still waits expires.
        Raises NotFoundError for a tenant, user or configuration that does not exist there, InvalidError for an
        address that is none.
        """
        with handing_in(tenant_id) as session:
            reader = _reader(session, tenant_id, user_id)
            said = partial(self.own_words.worded, session, tenant_id, purpose, content)
            order = Order(
                tenant_id=tenant_id,
                purpose=purpose,
                recipients=to,
                outgoing=said(reader),
                plainer=said(Reader(zone=reader.zone)) if reader.language else None,
                user_id=user_id,
                named=config_id,
                about=about,
                lane=lane,
                patience=patience,
            )
            return self.outbox.enqueue(session, order, requested_by=requested_by)

    def send_each(
        self,
        *,
        tenant_id: TenantId,
        mails: Iterable[tuple[tuple[Mailbox, ...], Outgoing]],
        user_id: UserId | None = None,
        config_id: ConfigId | None = None,
        lane: Lane = Lane.BULK,
        patience: timedelta = PATIENCE,
        requested_by: Actor | None = None,
    ) -> list[tuple[MessageId, Resolution]]:
        """Queue a mail of its own for each of many: all of them, in their order, or none.

        Each of the `mails` is to whom, and what it says. Everything else is as in `send`, but that what is alike for
        all of them is looked up once. Nobody else writes meanwhile: thousands are handed in by some fifty.
        """
        with handing_in(tenant_id) as session:
            _reader(session, tenant_id, user_id)
            orders = (
                Order(
                    tenant_id=tenant_id,
                    purpose=Purpose.MESSAGE,
                    recipients=to,
                    outgoing=content,
                    user_id=user_id,
                    named=config_id,
                    lane=lane,
                    patience=patience,
                )
                for to, content in mails
            )
            return self.outbox.enqueue_all(session, orders, requested_by=requested_by)


def _reader(session: Session, tenant_id: TenantId, user_id: UserId | None) -> Reader:
    """Raises NotFoundError for somebody who is not one of the tenant's people."""
    if user_id is None:
        return Reader()
    user = users.get_of_tenant(session, tenant_id, user_id)
    return Reader(user.language or "", user.zone or "")
