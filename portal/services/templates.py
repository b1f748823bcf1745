"""Knows how a company words the portal's mails: draft, publish, and go back to what is inherited."""

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Change, Event
from portal.domain.errors import ConflictError, NotFoundError
from portal.domain.ids import TenantId, new_id
from portal.domain.languages import LANGUAGES
from portal.domain.outgoing import Purpose
from portal.domain.roles import Actor, Permission
from portal.domain.templates import PLACEHOLDERS, Origin, Template, TemplateLine, Wording, judged
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.own_words import applying_in, language_of
from portal.services.places import Clock, enter
from portal.store import templates, tenants
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Templates:
    clock: Clock
    audit: Audit

    def language(self, actor: Actor, tenant_id: TenantId) -> str:
        """The language in which the tenant's mails go out now."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_TEMPLATES)
            return language_of(session, tenants.lineage(session, tenant))

    def parent_name(self, actor: Actor, tenant_id: TenantId) -> str:
        """The company directly above, which is named for whatever comes from above; empty for the root."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_TEMPLATES)
            return tenants.get(session, tenant.parent_id).name if tenant.parent_id else ""

    def overview(self, actor: Actor, tenant_id: TenantId, language: str) -> list[TemplateLine]:
        """For every mail whose words apply in this language. Raises NotFoundError for a language not on offer."""
        _ensure_offered(language)
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_TEMPLATES)
            applying = applying_in(session, tenants.lineage(session, tenant), language=language)
            own = templates.of_tenant(session, tenant.id, language)
            return [_line(purpose, applying[purpose].origin, own.get(purpose.value)) for purpose in PLACEHOLDERS]

    def get(self, actor: Actor, tenant_id: TenantId, purpose: Purpose, language: str) -> Template:
        """One mail's words for whoever edits them. Raises NotFoundError for a mail that nobody can word."""
        _ensure_offered(language, purpose)
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TEMPLATES)
            applying = applying_in(session, tenants.lineage(session, tenant), language=language)[purpose]
            row = templates.find_row(session, tenant.id, purpose, language)
            return Template(
                purpose=purpose,
                language=language,
                origin=applying.origin,
                applying=applying.wording,
                published=templates.wording_from(row.published) if row and row.published else None,
                draft=templates.wording_from(row.draft) if row and row.draft else None,
                version=row.version if row else 0,
            )

    def save(
        self,
        actor: Actor,
        tenant_id: TenantId,
        purpose: Purpose,
        language: str,
        typed: Wording,
        *,
        version: int,
        publish: bool,
    ) -> None:
        """Keep the words as a draft, which nobody gets, or publish them. Raises InvalidError, ConflictError."""
        _ensure_offered(language, purpose)
        wording = judged(purpose, typed)
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TEMPLATES)
            row = templates.find_row(session, tenant.id, purpose, language)
            if version != (row.version if row else 0):
                raise ConflictError
            if row is None:
                row = _new_row(tenant, purpose, language)
                session.add(row)
            before = templates.wording_from(row.published) if row.published else None
            if publish:
                row.published, row.draft, row.published_at = templates.shape_of(wording), None, self.clock()
                self._record(session, actor, Event.TEMPLATE_PUBLISHED, tenant, row, change=_change(before, wording))
            else:
                row.draft = templates.shape_of(wording)
                self._record(session, actor, Event.TEMPLATE_DRAFTED, tenant, row)
            row.version += 1

    def discard(self, actor: Actor, tenant_id: TenantId, purpose: Purpose, language: str) -> None:
        """Throw the draft away; what is published stays."""
        self._undo(actor, tenant_id, purpose, language, event=Event.TEMPLATE_DISCARDED, whole=False)

    def withdraw(self, actor: Actor, tenant_id: TenantId, purpose: Purpose, language: str) -> None:
        """Go back to what is inherited; own words and draft are gone."""
        self._undo(actor, tenant_id, purpose, language, event=Event.TEMPLATE_WITHDRAWN, whole=True)

    def _undo(
        self, actor: Actor, tenant_id: TenantId, purpose: Purpose, language: str, *, event: Event, whole: bool
    ) -> None:
        _ensure_offered(language, purpose)
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TEMPLATES)
            row = templates.find_row(session, tenant.id, purpose, language)
            if row is None or (row.draft is None and not whole):
                return  # a second click
            self._record(session, actor, event, tenant, row)
            if whole or row.published is None:
                session.delete(row)
            else:
                row.draft = None
                row.version += 1

    def _record(
        self,
        session: Session,
        actor: Actor,
        event: Event,
        tenant: Tenant,
        row: templates.TemplateRow,
        *,
        change: Change | None = None,
    ) -> None:
        subject = Subject(row.id, f"{row.purpose} ({row.language})")
        self.audit.record(session, event, tenant_id=tenant.id, subject=subject, actor=actor, change=change)


def _ensure_offered(language: str, purpose: Purpose | None = None) -> None:
    if language not in LANGUAGES or (purpose is not None and purpose not in PLACEHOLDERS):
        raise NotFoundError


def _line(purpose: Purpose, origin: Origin, row: templates.TemplateRow | None) -> TemplateLine:
    return TemplateLine(
        purpose=purpose,
        origin=origin,
        published_at=row.published_at if row and row.published else None,
        has_draft=row is not None and row.draft is not None,
    )


def _new_row(tenant: Tenant, purpose: Purpose, language: str) -> templates.TemplateRow:
    return templates.TemplateRow(
        id=new_id(),
        tenant_id=tenant.id,
        purpose=purpose.value,
        language=language,
        published=None,
        draft=None,
        published_at=None,
        version=0,
    )


def _change(before: Wording | None, after: Wording) -> Change:
    """What changed, but for the texts, which are too long for a log: of them it is only said that they did."""
    old, new = asdict(before) if before else {}, asdict(after)
    short = {"subject", "from_name", "from_address"}
    changed = [name for name in new if old.get(name, "") != new[name]]
    return {name: (old.get(name, ""), new[name]) if name in short else ("changed", "changed") for name in changed}
