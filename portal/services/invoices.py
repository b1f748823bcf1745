"""Knows how a company is sent an invoice by the one above it, and what became of it at each billing contact."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.contacts import ContactKind
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import InvoiceId, MessageId, TenantId
from portal.domain.invoices import Invoice, Receipt, TypedInvoice, judged
from portal.domain.outgoing import Attachment, Mailbox, Purpose
from portal.domain.roles import Actor, Permission
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.places import Clock, enter
from portal.services.sending import Sending
from portal.services.system_mail import Letters
from portal.store import contacts, invoices, outbox, tenants
from portal.store.db import SYSTEM, reading, unit_of_work

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Invoices:
    clock: Clock
    audit: Audit
    letters: Letters
    sending: Sending

    def overview(self, actor: Actor, tenant_id: TenantId) -> list[Invoice]:
        """What a company was sent, the latest first, with its state at each recipient."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONTACTS)
            rows = invoices.of_tenant(session, tenant.id, most=MOST_SHOWN)
            with reading(SYSTEM):  # what became of it stands at a mail of the company above
                found = outbox.recipients_of_all(session, [MessageId(row.message_id) for row in rows])
            return [_as_domain(row, found.get(MessageId(row.message_id), [])) for row in rows]

    def recipients(self, actor: Actor, tenant_id: TenantId) -> list[Mailbox]:
        """The billing contacts who have agreed: whoever would get an invoice now."""
        with reading(actor.tenant.id) as session:
            return _billing(session, enter(session, actor, tenant_id, Permission.VIEW_CONTACTS))

    def send(self, actor: Actor, tenant_id: TenantId, invoice_id: InvoiceId, typed: TypedInvoice) -> None:
        """Send an invoice to a company's billing contacts, in one mail of the company above it.

        The id is made beforehand: a second click sends nothing. Raises NotFoundError for the root, above which there
        is nobody, and InvalidError.
        """
        sound = judged(typed)
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.SEND_INVOICES)
            with reading(SYSTEM):  # the id comes from a form, and may be that of anybody's
                known = invoices.find(session, invoice_id)
            if known is not None:
                if known.tenant_id != tenant.id:
                    raise NotFoundError
                return
            issuer = _issuer_of(session, tenant)
            to = _billing(session, tenant)
            if not to:
                raise InvalidError([Problem("file", "no-billing-contact")])
            message_id = self._mail(actor, issuer, tenant, sound, to)
            row = invoices.InvoiceRow(
                id=invoice_id,
                tenant_id=tenant.id,
                number=sound.number,
                file_name=sound.file_name,
                message_id=message_id,
                created_at=self.clock(),
            )
            session.add(row)
            subject = Subject(row.id, sound.number)
            self.audit.record(session, Event.INVOICE_SENT, tenant_id=tenant.id, subject=subject, actor=actor)

    def _mail(self, actor: Actor, issuer: Tenant, tenant: Tenant, sound: TypedInvoice, to: list[Mailbox]) -> MessageId:
        letter = self.letters.invoice(
            number=sound.number,
            issuer=issuer.name,
            customer=tenant.name,
            note=sound.note,
            file=Attachment(sound.file_name, "application/pdf", sound.content),
        )
        message_id, _ = self.sending.send(
            tenant_id=issuer.id, to=tuple(to), content=letter, purpose=Purpose.INVOICE, requested_by=actor
        )
        return message_id


def _issuer_of(session: Session, tenant: Tenant) -> Tenant:
    if tenant.parent_id is None:
        raise NotFoundError
    return tenants.get(session, tenant.parent_id)


def _billing(session: Session, tenant: Tenant) -> list[Mailbox]:
    named = contacts.of_tenant(session, tenant.id, ContactKind.BILLING)
    return [Mailbox(each.email, each.name) for each in named if each.is_verified]


def _as_domain(row: invoices.InvoiceRow, recipients: list[outbox.RecipientRow]) -> Invoice:
    receipts = (Receipt(each.address, State(each.state), Code(each.code), each.settled_at) for each in recipients)
    return Invoice(
        id=InvoiceId(row.id),
        number=row.number,
        file_name=row.file_name,
        created_at=row.created_at,
        message_id=MessageId(row.message_id),
        receipts=tuple(receipts),
    )
