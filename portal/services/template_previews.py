"""Knows how a company's own words look before anybody gets them: as paragraphs, as plain text, and byte for byte."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.addresses import domain_of
from portal.domain.charset import DEFAULT_CHARSET
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId, TenantId
from portal.domain.limits import (
    TEST_MAILS_PER_TENANT_AND_DAY,
    TEST_MAILS_PER_USER_AND_DAY,
    TEST_MAILS_PER_USER_AND_HOUR,
)
from portal.domain.mail_config import MisfitPolicy
from portal.domain.outgoing import Lane, Mailbox, Outgoing, Purpose
from portal.domain.placeholders import Paragraph, paragraphs
from portal.domain.roles import Actor, Permission
from portal.domain.sender import Signature
from portal.domain.templates import LINKS, PLACEHOLDERS, Template, Wording
from portal.domain.tenancy import Tenant
from portal.i18n.catalogs import voice_in
from portal.mail.message import Heading, write
from portal.services.inheritance import Inheritance
from portal.services.own_brand import brand_of
from portal.services.own_words import OwnWords, applying_in
from portal.services.places import Clock, enter
from portal.services.portal_urls import PortalUrls
from portal.services.resolution import Resolver
from portal.services.sending import Sending
from portal.services.signing import signature_of
from portal.services.system_mail import Letters
from portal.services.templates import Templates
from portal.services.throttle import Throttle
from portal.store import tenants
from portal.store.db import reading, unit_of_work

# Stands where the sender is not known yet, or not shown; RFC 2606 §2 keeps the name from ever being somebody's.
_UNKNOWN = Mailbox("not-shown@sender.invalid")


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail with sample values. `notes` say what became of the template's own sender."""

    subject: str
    header: tuple[Paragraph, ...]
    text: tuple[Paragraph, ...]
    footer: tuple[Paragraph, ...]
    plain: str
    source: str
    notes: tuple[str, ...]
    product: str


@dataclass(frozen=True, slots=True)
class TemplatePreviews:
    clock: Clock
    throttle: Throttle
    templates: Templates
    own_words: OwnWords
    inheritance: Inheritance
    resolver: Resolver
    sending: Sending
    letters: Letters
    urls: PortalUrls

    def preview(self, actor: Actor, tenant_id: TenantId, purpose: Purpose, language: str) -> Preview:
        """The draft, or what applies. Raises NotFoundError."""
        template = self.templates.get(actor, tenant_id, purpose, language)
        wording = template.draft or template.applying or self.built_in(purpose, language)
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TEMPLATES)
            values = self._samples(session, actor, tenant, purpose)
            outgoing = self._outgoing(session, tenant, template, values)
            signature, charset = self._signature(session, tenant, outgoing)
        heading = Heading(
            sender=signature.sender,
            recipients=(Mailbox(actor.email, actor.name),),
            reply_to=signature.reply_to,
            message_id=f"<preview@{domain_of(signature.sender.address)}>",
            date=self.clock(),
            charset=charset,
            misfit=MisfitPolicy.UTF8,
        )
        written = write(outgoing, heading)
        header, text, footer = (
            paragraphs(each, values, links=LINKS) for each in (wording.header, wording.text, wording.footer)
        )
        notes = (*signature.notes, *(f"sent-as-utf-8:{each.part}:{each.character}" for each in written.notes))
        source = written.content.decode("utf-8", "replace")
        return Preview(
            outgoing.subject,
            header,
            text,
            footer,
            plain=outgoing.text,
            source=source,
            notes=notes,
            product=values["product"],
        )

    def send_test(self, actor: Actor, tenant_id: TenantId, purpose: Purpose, language: str) -> MessageId:
        """Send the draft, or what applies, to oneself with sample values. Raises NotFoundError, TooManyError."""
        template = self.templates.get(actor, tenant_id, purpose, language)
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TEMPLATES)
            self.throttle.take(session, TEST_MAILS_PER_USER_AND_HOUR, str(actor.user_id))
            self.throttle.take(session, TEST_MAILS_PER_USER_AND_DAY, str(actor.user_id))
            self.throttle.take(session, TEST_MAILS_PER_TENANT_AND_DAY, str(tenant.id))
            return self.sending.send(
                tenant_id=tenant.id,
                to=(Mailbox(actor.email, actor.name),),
                content=self._outgoing(session, tenant, template, self._samples(session, actor, tenant, purpose)),
                purpose=Purpose.TEMPLATE_TEST,
                lane=Lane.INTERACTIVE,
                requested_by=actor,
            )[0]

    def built_in(self, purpose: Purpose, language: str) -> Wording:
        """Our own words with the placeholders in them, to start from."""
        names = {each: "{{" + each + "}}" for each in self._names(purpose)}
        ours = self._ours(purpose, names, language)
        return Wording(ours.subject, ours.text.rpartition("\n-- \n")[0].strip())

    def _outgoing(self, session: Session, tenant: Tenant, template: Template, values: dict[str, str]) -> Outgoing:
        purpose, language = template.purpose, template.language
        if template.draft is not None:
            return self.own_words.rendered(purpose, template.draft, values, voice_in(language))
        applying = applying_in(session, tenants.lineage(session, tenant), language=language)[purpose]
        if applying.wording is None:
            return self._ours(purpose, values, language)
        own = self.own_words.rendered(purpose, applying.wording, values, voice_in(applying.language))
        return replace(own, author=applying.author)

    def _ours(self, purpose: Purpose, values: dict[str, str], language: str) -> Outgoing:
        return self.own_words.ours(purpose, {**values, "tenant": values["company"]}, language)

    @staticmethod
    def _names(purpose: Purpose) -> list[str]:
        return [each.name for each in PLACEHOLDERS[purpose]]

    def _samples(self, session: Session, actor: Actor, tenant: Tenant, purpose: Purpose) -> dict[str, str]:
        """What stands for each placeholder, and the brand, of which every mail shows something."""
        brand = brand_of(session, tenant.id)
        samples = {
            "company": tenant.name,
            "inviter": actor.name,
            "name": actor.name,
            "url": f"{self.urls.of(session, tenant.id)}/invitations/a-sample",
            "hours": "48",
            "minutes": "30",
            "time": "2026-03-02T09:00:00+00:00",
            "browser": "Firefox",
            "address": "192.0.2.7",
            "config": "Office relay",
            "reason": self.letters.reason(Code.AUTH_REJECTED),
            "number": "2026-7",
            "note": "",
            "issuer": tenant.name,
            "customer": tenant.name,
        }
        return {name: samples[name] for name in self._names(purpose) if name in samples} | brand.as_values()

    def _signature(self, session: Session, tenant: Tenant, outgoing: Outgoing) -> tuple[Signature, str]:
        """In whose name it would travel now, and in which charset. What the parent hides stays hidden."""
        choice = self.resolver.for_tenant(session, tenant.id).choice
        # As far as its sender and its encoding go: no password is opened for a look.
        route = self.resolver.plan(session, choice) if choice else None
        if route is None:
            wanted = outgoing.sender
            return Signature(wanted if wanted and wanted.address else _UNKNOWN, None, ""), DEFAULT_CHARSET
        signature = signature_of(session, tenant.id, outgoing, route)
        is_own = route.owner == tenant.id
        if not is_own and self.inheritance.of(session, tenant).sender is None:
            signature = replace(
                signature,
                sender=signature.sender if signature.sender.address != route.draft.from_address else _UNKNOWN,
                reply_to=signature.reply_to if signature.moved else None,
            )
        return signature, route.draft.charset
