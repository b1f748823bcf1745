"""Knows how a company names its contacts, and how each of them agrees to be one before any mail goes there."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key
from portal.domain.audit import Event
from portal.domain.contacts import MOST_CONTACTS, Contact, ContactKind, ContactQuery, Request
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import ContactId, TenantId, new_id
from portal.domain.limits import CONFIRMATIONS_PER_STRANGER_AND_DAY, CONFIRMATIONS_PER_TENANT_AND_DAY
from portal.domain.outgoing import Lane, Mailbox, Purpose
from portal.domain.roles import Actor, Permission
from portal.services.audit import Audit, Subject
from portal.services.people import ensure_person
from portal.services.places import Clock, enter
from portal.services.portal_urls import PortalUrls
from portal.services.sending import Sending
from portal.services.system_mail import Letters
from portal.services.throttle import Throttle, short_key
from portal.store import contacts, tenants
from portal.store.db import SYSTEM, reading, unit_of_work

VALID_FOR = timedelta(hours=48)
EVERYBODY = ContactQuery()


@dataclass(frozen=True, slots=True)
class Contacts:
    clock: Clock
    audit: Audit
    throttle: Throttle
    letters: Letters
    sending: Sending
    urls: PortalUrls

    def overview(self, actor: Actor, tenant_id: TenantId, query: ContactQuery = EVERYBODY) -> list[Contact]:
        """A company's contacts, by kind and name unless the question says otherwise."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONTACTS)
            return contacts.found_by(session, tenant.id, query)

    def get(self, actor: Actor, tenant_id: TenantId, contact_id: ContactId) -> Contact:
        """Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONTACTS)
            return contacts.as_domain(contacts.get_row(session, tenant.id, contact_id))

    def add(self, actor: Actor, tenant_id: TenantId, *, kind: str, name: str, email: str) -> Contact:
        """Name somebody, and ask him by mail. Naming the same one twice changes nothing.

        Raises InvalidError, TooManyError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONTACTS)
            chosen = _ensure_kind(kind)
            address, called = ensure_person(email, name)
            same = contacts.find_same(session, tenant.id, chosen, address_key(address))
            if same is not None:
                return contacts.as_domain(same)
            if contacts.count_of(session, tenant.id) >= MOST_CONTACTS:
                raise InvalidError([Problem("email", "too-many", {"most": MOST_CONTACTS})])
            row = contacts.ContactRow(
                id=new_id(),
                tenant_id=tenant.id,
                kind=chosen.value,
                name=called,
                email=address,
                email_key=address_key(address),
                verified_at=None,
                token_hash=None,
                token_expires_at=None,
                version=1,
                created_at=self.clock(),
            )
            session.add(row)
            self._record(session, actor, Event.CONTACT_ADDED, row)
            self._ask(session, actor, row)
            return contacts.as_domain(row)

    def ask_again(self, actor: Actor, tenant_id: TenantId, contact_id: ContactId) -> Contact:
        """Mail another link; the one before ends. Raises NotFoundError, InvalidError, TooManyError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONTACTS)
            row = contacts.get_row(session, tenant.id, contact_id)
            if row.verified_at is not None:
                raise InvalidError([Problem("contact", "already-joined")])
            self._ask(session, actor, row)
            return contacts.as_domain(row)

    def remove(self, actor: Actor, tenant_id: TenantId, contact_id: ContactId) -> Contact:
        """Forget somebody, the link that he may hold included. Raises NotFoundError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONTACTS)
            row = contacts.get_row(session, tenant.id, contact_id)
            self._record(session, actor, Event.CONTACT_REMOVED, row)
            session.delete(row)
            return contacts.as_domain(row)

    def request(self, token: str) -> Request:
        """What the holder of a link is asked. Raises NotFoundError for a link that does not work any more."""
        with reading(SYSTEM) as session:
            row = self._holder(session, token)
            company = tenants.get(session, TenantId(row.tenant_id))
            return Request(company.name, ContactKind(row.kind), row.email)

    def agree(self, token: str) -> None:
        """The holder of the address agrees; the link is used up. Raises NotFoundError."""
        with unit_of_work(SYSTEM) as session:
            row = self._holder(session, token)
            row.verified_at, row.version = self.clock(), row.version + 1
            row.token_hash = row.token_expires_at = None
            subject = Subject(row.id, row.email)
            self.audit.record(session, Event.CONTACT_AGREED, tenant_id=TenantId(row.tenant_id), subject=subject)

    def _holder(self, session: Session, token: str) -> contacts.ContactRow:
        row = contacts.find_by_token(session, _hash(token))
        if row is None or row.token_expires_at is None or row.token_expires_at <= self.clock():
            raise NotFoundError
        tenants.get(session, TenantId(row.tenant_id))  # a closed company asks nobody any more
        return row

    def _ask(self, session: Session, actor: Actor, row: contacts.ContactRow) -> None:
        self.throttle.take(session, CONFIRMATIONS_PER_TENANT_AND_DAY, str(row.tenant_id))
        self.throttle.take(session, CONFIRMATIONS_PER_STRANGER_AND_DAY, short_key(row.email_key))
        token = secrets.token_urlsafe(32)
        row.token_hash, row.token_expires_at = _hash(token), self.clock() + VALID_FOR
        session.flush()
        company = tenants.get(session, TenantId(row.tenant_id))
        letter = self.letters.contact_confirmation(
            customer=company.name,
            inviter=actor.name,
            url=f"{self.urls.of(session, company.id)}/contact-confirmations/{token}",
            valid_for=VALID_FOR,
        )
        self.sending.send(
            tenant_id=TenantId(row.tenant_id),
            to=(Mailbox(row.email, row.name),),
            content=letter,
            purpose=Purpose.CONTACT_CONFIRMATION,
            lane=Lane.INTERACTIVE,
            patience=VALID_FOR,
            requested_by=actor,
        )

    def _record(self, session: Session, actor: Actor, event: Event, row: contacts.ContactRow) -> None:
        subject = Subject(row.id, row.email)
        self.audit.record(session, event, tenant_id=TenantId(row.tenant_id), subject=subject, actor=actor)


def _ensure_kind(text: str) -> ContactKind:
    try:
        return ContactKind(text)
    except ValueError:
        raise InvalidError([Problem("kind", "not-offered")]) from None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
