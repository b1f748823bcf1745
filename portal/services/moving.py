"""Knows how a company and everyone below it is put under another parent, and when it does not fit there."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.ids import TenantId
from portal.domain.roles import Actor, Permission, granted
from portal.domain.sender import effective_domains
from portal.domain.tenancy import DEEPEST, HOLDS, Tenant
from portal.services.audit import Audit, Subject
from portal.services.places import Clock, enter
from portal.store import tenants, waiting
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Target:
    """A company that could stand above another, with the names on the way down to it."""

    tenant: Tenant
    way: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moving:
    clock: Clock
    audit: Audit

    def targets(self, actor: Actor, tenant_id: TenantId) -> list[Target]:
        """Under whom of the actor's subtree the company could stand instead, parents before their children."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.MOVE_TENANT)
            height = _height(session, tenant)
            everyone = tenants.subtree(session, actor.tenant)
            able = [each for each in everyone if not _problems(session, tenant, each, height=height, with_name=False)]
            names = {each.path: each.name for each in everyone}
            return [_target(each, names) for each in able if Permission.CREATE_TENANT in granted(actor, each)]

    def lost_domains(self, actor: Actor, tenant_id: TenantId, parent_id: TenantId) -> list[str]:
        """Which of the company's own sender domains the new parent does not allow. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.MOVE_TENANT)
            parent = enter(session, actor, parent_id, Permission.CREATE_TENANT)
            own = tenants.sender_domains(session, [tenant])[0]
            allowed = effective_domains(tenants.sender_domains(session, tenants.lineage(session, parent)))
            return sorted(set(own) - allowed)

    def move(self, actor: Actor, tenant_id: TenantId, parent_id: TenantId, *, version: int) -> Tenant:
        """Put a company under another parent. Its waiting mail asks anew which way to go.

        Raises NotFoundError, ConflictError when `version` is no longer that of the company, and InvalidError at the
        field `parent` where it does not fit there. Call nothing else that changes the tree meanwhile: the write lock
        of the transaction is the lock of the tree.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.MOVE_TENANT)
            parent = enter(session, actor, parent_id, Permission.CREATE_TENANT)
            if tenant.version != version:
                raise ConflictError
            if problems := _problems(session, tenant, parent, height=_height(session, tenant)):
                raise InvalidError(problems)
            former = tenants.lineage(session, tenant)[1]
            tenants.relocate(session, tenant, parent)
            self._record(session, actor, tenant, former, parent)
            moved = tenants.get(session, tenant.id)
            waiting.wake_held(session, moved.path, self.clock())
            return moved

    def _record(self, session: Session, actor: Actor, tenant: Tenant, former: Tenant, parent: Tenant) -> None:
        """In three logs. Neither parent learns of the other."""
        subject = Subject(tenant.id, tenant.name)
        told = ((tenant.id, former.name, parent.name), (former.id, former.name, ""), (parent.id, "", parent.name))
        for place, before, after in told:
            change = {"parent": (before, after)}
            self.audit.record(session, Event.TENANT_MOVED, tenant_id=place, subject=subject, actor=actor, change=change)


def _target(tenant: Tenant, names: Mapping[str, str]) -> Target:
    labels = tenant.path.split(".")[:-1]
    paths = (".".join(labels[: level + 1]) + "." for level in range(len(labels)))
    return Target(tenant, tuple(names[path] for path in paths if path in names))


def _height(session: Session, top: Tenant) -> int:
    """How many levels a company and everyone below it take."""
    return max(each.depth for each in tenants.subtree(session, top)) - top.depth + 1


def _problems(
    session: Session, tenant: Tenant, parent: Tenant, *, height: int, with_name: bool = True
) -> list[Problem]:
    if parent.id == tenant.parent_id:
        return [Problem("parent", "stands-there")]
    if parent.stands_under(tenant):
        return [Problem("parent", "below-itself")]
    if tenant.kind not in HOLDS[parent.kind]:
        return [Problem("parent", "holds-no-such")]
    if parent.depth + height > DEEPEST:
        return [Problem("parent", "too-deep")]
    if with_name and tenants.name_is_taken(session, parent.id, tenant.name.casefold(), except_id=tenant.id):
        return [Problem("parent", "name-taken", {"name": tenant.name})]
    return []
