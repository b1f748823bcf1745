"""Knows how a company gets a name of its own for the portal: it asks, the operator approves, and both can end it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.brand_hosts import MOST, BrandHost, judged_name
from portal.domain.errors import InvalidError, Problem
from portal.domain.ids import BrandHostId, TenantId, new_id
from portal.domain.roles import Actor, Permission, ensure_operator
from portal.services.audit import Audit, Subject
from portal.services.brand_shelf import BrandShelf
from portal.services.places import Clock, enter
from portal.services.portal_urls import PortalUrls
from portal.store import brand_hosts, brandings
from portal.store.db import SYSTEM, afterwards, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class BrandHosts:
    """Where an operator acts, None is the one of the command line."""

    clock: Clock
    audit: Audit
    shelf: BrandShelf
    urls: PortalUrls

    def of_tenant(self, actor: Actor, tenant_id: TenantId) -> list[BrandHost]:
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_TREE)
            return brand_hosts.of_tenant(session, tenant.id)

    def get(self, actor: Actor, tenant_id: TenantId, host_id: BrandHostId) -> BrandHost:
        """Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            return brand_hosts.as_domain(brand_hosts.get_row(session, tenant.id, host_id), tenant.name)

    def ask(self, actor: Actor, tenant_id: TenantId, name: str) -> BrandHost:
        """Ask the operator for a name. That somebody else has it is for him to say. Raises InvalidError."""
        judged = judged_name(name, own_name=self.urls.own_name)
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            theirs = brand_hosts.of_tenant(session, tenant.id)
            if any(each.name == judged for each in theirs):
                raise InvalidError([Problem("host_name", "asked-already")])
            if len(theirs) >= MOST:
                raise InvalidError([Problem("host_name", "too-many", {"most": MOST})])
            row = brand_hosts.BrandHostRow(
                id=new_id(),
                tenant_id=tenant.id,
                name=judged,
                asked_at=self.clock(),
                approved_at=None,
                is_flagged=False,
            )
            session.add(row)
            session.flush()
            self._record(session, actor, Event.BRAND_HOST_ASKED, row)
            return brand_hosts.as_domain(row, tenant.name)

    def give_up(self, actor: Actor, tenant_id: TenantId, host_id: BrandHostId) -> str:
        """Let go of a name, approved or not, and return it. Raises NotFoundError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            row = brand_hosts.get_row(session, tenant.id, host_id)
            return self._end(session, actor, Event.BRAND_HOST_GIVEN_UP, row)

    def everybodys(self, operator: Actor | None) -> list[BrandHost]:
        """Every name that was asked for, those that wait first. Raises NotFoundError for anybody else."""
        _ensure(operator)
        with reading(SYSTEM) as session:  # the operator looks after everybody's names
            return brand_hosts.all_of_them(session)

    def approve(self, operator: Actor | None, host_id: BrandHostId) -> str:
        """Let the portal answer to a name, or say that it may go on after a move; return it.

        Raises NotFoundError, and InvalidError where another company has it.
        """
        _ensure(operator)
        with unit_of_work(SYSTEM) as session:  # the operator looks after everybody's names
            row = brand_hosts.get_by_id(session, host_id)
            holder = brand_hosts.find_holder(session, row.name)
            if holder is not None and holder.id != row.id:
                raise InvalidError([Problem("host_name", "has-somebody-else", {"company": holder.company})])
            if row.name == self.urls.own_name:
                raise InvalidError([Problem("host_name", "own-name")])
            row.approved_at, row.is_flagged = row.approved_at or self.clock(), False
            self._record(session, operator, Event.BRAND_HOST_APPROVED, row)
            self._show(session)
            return row.name

    def refuse(self, operator: Actor | None, host_id: BrandHostId) -> str:
        """Take a name away, or do not give it, and return it. Raises NotFoundError."""
        _ensure(operator)
        with unit_of_work(SYSTEM) as session:  # the operator looks after everybody's names
            return self._end(session, operator, Event.BRAND_HOST_REFUSED, brand_hosts.get_by_id(session, host_id))

    def _end(self, session: Session, actor: Actor | None, event: Event, row: brand_hosts.BrandHostRow) -> str:
        self._record(session, actor, event, row)
        session.delete(row)
        self._show(session)
        return row.name

    def _show(self, session: Session) -> None:
        session.flush()
        brandings.note_change(session)
        afterwards(session, self.shelf.forget)

    def _record(self, session: Session, actor: Actor | None, event: Event, row: brand_hosts.BrandHostRow) -> None:
        subject = Subject(row.id, row.name)
        self.audit.record(session, event, tenant_id=TenantId(row.tenant_id), subject=subject, actor=actor)


def _ensure(operator: Actor | None) -> None:
    if operator is not None:
        ensure_operator(operator)
