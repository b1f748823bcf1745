"""Knows how what happened is written down: who did what to what, in the same transaction."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Change, Entry, Event
from portal.domain.ids import TenantId, new_id
from portal.domain.roles import Actor, Permission
from portal.services.places import Clock, enter
from portal.store import audit_log
from portal.store.db import reading

PAGE = 50


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: its id where it has one, and its name as it was."""

    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Audit:
    clock: Clock

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
            audit_log.append(
                session,
                audit_log.AuditRow(
                    id=new_id(),
                    tenant_id=log,
                    at=self.clock(),
                    actor_id=actor.user_id if actor else None,
                    actor_name=actor.name if actor else "",
                    impersonator_id=None,
                    event=event.value,
                    subject_id=subject.id,
                    subject_name=subject.name,
                    fields={name: list(values) for name, values in (change or {}).items()},
                ),
            )

    def page(self, actor: Actor, tenant_id: TenantId, *, before: int | None) -> list[Entry]:
        """A page of the tenant's log, newest first; one entry more than PAGE says that there is another page."""
        with reading(tenant_id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_AUDIT_LOG)
            return audit_log.of_tenant(session, tenant.id, limit=PAGE + 1, before=before)
