"""Knows how what happened is written down: who did what to what, in the same transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import EVERYTHING, MOST_EXPORTED, PAGE, AuditQuery, Change, Entry, Event, Sealed
from portal.domain.ids import TenantId, new_id
from portal.domain.roles import Actor, Permission
from portal.services.audit_chain import AuditChain
from portal.services.places import Clock, enter
from portal.store import audit_chain, audit_log
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: its id where it has one, and its name as it was."""

    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Audit:
    clock: Clock
    chain: AuditChain

    def record(
        self,
        session: Session,
        event: Event,
        *,
        tenant_id: TenantId,
        subject: Subject,
        actor: Actor | None = None,
        change: Change | None = None,
    ) -> None:
        """Write one event into the tenant's log, and into the actor's own where he acts further down.

        `actor` is None for what the operator does on the command line and what the portal does by itself.
        """
        logs = {tenant_id} | ({actor.tenant.id} if actor else set())
        for log in logs:
            self.chain.append(
                session,
                audit_log.AuditRow(
                    id=new_id(),
                    tenant_id=log,
                    at=self.clock(),
                    actor_id=actor.user_id if actor else None,
                    actor_name=actor.name if actor else "",
                    event=event.value,
                    subject_id=subject.id,
                    subject_name=subject.name,
                    fields=audit_log.written(change),
                ),
            )

    def page(
        self, actor: Actor, tenant_id: TenantId, query: AuditQuery = EVERYTHING, *, before: int | None = None
    ) -> list[Entry]:
        """A page of the tenant's log; one entry more than PAGE says that there is another page.

        `before` is the number of the last entry of the page above.
        """
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_AUDIT_LOG)
            expired = audit_chain.last_expired(tenant.id)
            return audit_log.page_of(session, tenant.id, query, expired, before=before, limit=PAGE + 1)

    def export(self, actor: Actor, tenant_id: TenantId, query: AuditQuery) -> Iterator[Sealed]:
        """Every entry that a query asks for, up to 50,000; that somebody took them is noted."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EXPORT_AUDIT_LOG)
            subject = Subject(tenant.id, tenant.name)
            self.record(session, Event.LOG_EXPORTED, tenant_id=tenant.id, subject=subject, actor=actor)
        with reading(actor.tenant.id) as session:
            expired = audit_chain.last_expired(tenant.id)
            yield from audit_log.all_of(session, tenant.id, query, expired, limit=MOST_EXPORTED)
