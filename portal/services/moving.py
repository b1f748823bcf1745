"""Knows how a company and everyone below it is put under another parent, and when it does not fit there."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.ids import TenantId
from portal.domain.roles import Actor, Permission, granted
from portal.domain.sender import effective_domains
from portal.domain.tenancy import DEEPEST, HOLDS, Tenant
from portal.services.audit import Audit, Subject
from portal.services.brand_shelf import BrandShelf
from portal.services.places import Clock, enter
from portal.store import brand_hosts, brandings, paths, sender_policies, tenants, tree, waiting
from portal.store.db import afterwards, reading, unit_of_work

# So many companies are offered at once; whoever looks for another one says a part of its name.
MOST_TARGETS = 20


@dataclass(frozen=True, slots=True)
class Target:
    """A company that could stand above another, with the names on the way down to it."""

    tenant: Tenant
    way: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moving:
    clock: Clock
    audit: Audit
    shelf: BrandShelf

    def targets(self, actor: Actor, tenant_id: TenantId, *, words: str = "") -> list[Target]:
        """Under whom of the actor's subtree the company could stand instead, by the names on the way down to them.

        Every one of `words` is in their names. One more than MOST_TARGETS says that there are others.
        """
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.MOVE_TENANT)
            able = tree.able_to_hold(session, actor.tenant, tenant, words=words, limit=MOST_TARGETS + 1)
            ways = {each.id: _paths_down(each, actor.tenant) for each in able}
            names = tree.names_at(session, list({path for paths in ways.values() for path in paths}))
            found = [Target(each, tuple(names[path] for path in ways[each.id])) for each in able]
            able_there = [each for each in found if Permission.CREATE_TENANT in granted(actor, each.tenant)]
            return sorted(able_there, key=lambda each: [name.casefold() for name in each.way])

    def lost_domains(self, actor: Actor, tenant_id: TenantId, parent_id: TenantId) -> list[str]:
        """Which of the company's own sender domains the new parent does not allow. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.MOVE_TENANT)
            parent = enter(session, actor, parent_id, Permission.CREATE_TENANT)
            own = sender_policies.sender_domains(session, [tenant])[0]
            allowed = effective_domains(sender_policies.sender_domains(session, tenants.lineage(session, parent)))
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
            if problems := _problems(session, tenant, parent, height=paths.levels_of(session, tenant)):
                raise InvalidError(problems)
            former = tenants.lineage(session, tenant)[1]
            paths.relocate(session, tenant, parent)
            self._record(session, actor, tenant, former, parent)
            moved = tenants.get(session, tenant.id)
            self._look_again(session, moved)
            waiting.wake_held(session, moved.path, self.clock())
            return moved

    def names_to_check(self, actor: Actor, tenant_id: TenantId) -> list[str]:
        """The names of its own and of those below that the operator would look at again. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            return brand_hosts.names_below(session, enter(session, actor, tenant_id, Permission.MOVE_TENANT))

    def _look_again(self, session: Session, moved: Tenant) -> None:
        """They are under somebody else now: their names go on, and the operator is asked whether that is right."""
        brand_hosts.flag_below(session, moved)
        brandings.note_change(session)
        afterwards(session, self.shelf.forget)

    def _record(self, session: Session, actor: Actor, tenant: Tenant, former: Tenant, parent: Tenant) -> None:
        """In three logs. Neither parent learns of the other."""
        subject = Subject(tenant.id, tenant.name)
        told = ((tenant.id, former.name, parent.name), (former.id, former.name, ""), (parent.id, "", parent.name))
        for place, before, after in told:
            change = {"parent": (before, after)}
            self.audit.record(session, Event.TENANT_MOVED, tenant_id=place, subject=subject, actor=actor, change=change)


def _paths_down(tenant: Tenant, top: Tenant) -> list[str]:
    """The paths of everybody from `top` down to the company."""
    labels = tenant.path.split(".")[:-1]
    paths = (".".join(labels[: level + 1]) + "." for level in range(len(labels)))
    return [path for path in paths if path.startswith(top.path)]


def _problems(session: Session, tenant: Tenant, parent: Tenant, *, height: int) -> list[Problem]:
    if parent.id == tenant.parent_id:
        return [Problem("parent", "stands-there")]
    if parent.stands_under(tenant):
        return [Problem("parent", "below-itself")]
    if tenant.kind not in HOLDS[parent.kind]:
        return [Problem("parent", "holds-no-such")]
    if parent.depth + height > DEEPEST:
        return [Problem("parent", "too-deep")]
    if tenants.name_is_taken(session, parent.id, tenant.name.casefold(), except_id=tenant.id):
        return [Problem("parent", "name-taken", {"name": tenant.name})]
    return []
