"""Knows what a company decides about the senders of its own words: their domains, and the language of its mails."""

from dataclasses import dataclass

from portal.domain.audit import Event
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.ids import TenantId
from portal.domain.languages import LANGUAGES
from portal.domain.roles import Actor, Permission
from portal.domain.sender import SenderPolicy, effective_domains, judged_domains
from portal.services.audit import Audit, Subject
from portal.services.places import enter
from portal.store import sender_policies, tenants
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class SenderPolicies:
    audit: Audit

    def get(self, actor: Actor, tenant_id: TenantId) -> SenderPolicy:
        """A tenant's own list, what counts of it now, and the language it chose."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_TEMPLATES)
            lineage = tenants.lineage(session, tenant)
            own, *above = sender_policies.sender_domains(session, lineage)
            return SenderPolicy(
                domains=tuple(own),
                effective=effective_domains([own, *above]),
                offered=effective_domains(above) if above else None,
                language=sender_policies.own_language(session, lineage) or "",
                version=tenant.version,
            )

    def change(self, actor: Actor, tenant_id: TenantId, *, domains: str, language: str, version: int) -> None:
        """Set the list, one domain a line, and the language; an empty one is inherited.

        Raises InvalidError, ConflictError.
        """
        if language and language not in LANGUAGES:
            raise InvalidError([Problem("language", "not-offered")])
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            if tenant.version != version:
                raise ConflictError
            above = sender_policies.sender_domains(session, tenants.lineage(session, tenant))[1:]
            within = effective_domains(above) if above else None
            row = tenants.get_row(session, tenant.id)
            before = {"domains": "\n".join(row.sender_domains or []), "language": row.mail_language or ""}
            # What stood there before the level above narrowed its own list may stay: it is flagged, and counts no more.
            kept = None if within is None else within | set(row.sender_domains or [])
            judged = judged_domains(domains.splitlines(), within=kept)
            row.sender_domains, row.mail_language = list(judged), language or None
            row.version += 1
            after = {"domains": "\n".join(judged), "language": language}
            change = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
            subject = Subject(tenant.id, tenant.name)
            self.audit.record(
                session, Event.SENDERS_CHANGED, tenant_id=tenant.id, subject=subject, actor=actor, change=change
            )
