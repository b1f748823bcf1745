"""Knows the tree of companies: show it, let it grow, and let branches rest."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Change, Event
from portal.domain.config_rules import LONGEST_NAME
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.ids import TenantId, new_id
from portal.domain.roles import Actor, Permission, Role, granted
from portal.domain.tenancy import HOLDS, Tenant, TenantKind, TenantStatus
from portal.domain.text import ensure_line
from portal.domain.tree import Branch
from portal.services import closing
from portal.services.audit import Audit, Subject
from portal.services.invitations import Invitations, Invited
from portal.services.places import Clock, enter
from portal.store import checks, mail_configs, paths, tenants, waiting
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class FirstOwner:
    """Who is to look after a new company, as typed."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Tenants:
    clock: Clock
    audit: Audit
    vault: Vault
    invitations: Invitations

    def get(self, actor: Actor, tenant_id: TenantId, permission: Permission) -> Tenant:
        """The tenant, if the actor may do this there. Raises NotFoundError, ForbiddenError or SuspendedError."""
        with reading(actor.tenant.id) as session:
            return enter(session, actor, tenant_id, permission)

    def lineage(self, actor: Actor, tenant_id: TenantId) -> list[Tenant]:
        """The tenant and those above it up to the actor's own, which is as far up as he may see; root first."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_TREE)
            above = tenants.lineage(session, tenant)
            return [each for each in reversed(above) if each.stands_under(actor.tenant)]

    def tree(self, actor: Actor, tenant_id: TenantId) -> Branch:
        """The tenant with everyone below it."""
        with reading(actor.tenant.id) as session:
            top = enter(session, actor, tenant_id, Permission.VIEW_TREE)
            everyone = tenants.subtree(session, top)
            failing = checks.failing_below(session, top.path)
            seen = {each.id for each in everyone if Permission.VIEW_CONFIGS in granted(actor, each)}
            names = mail_configs.names_of_active(session, top.path)
            known = {each: name if each in seen else "" for each, name in names.items()}
            return _branch(top, everyone, known, failing & seen)

    def find_named(self, actor: Actor, way: str) -> Tenant | None:
        """The company at the end of names parted by slashes, the actor's own first; however they are written."""
        with reading(actor.tenant.id) as session:
            first, rest = actor.tenant.name.casefold(), way.casefold()
            if rest == first:
                return actor.tenant
            return (
                _walked(session, actor.tenant, rest.removeprefix(f"{first}/")) if rest.startswith(f"{first}/") else None
            )

    def create(self, actor: Actor, parent_id: TenantId, *, kind: str, name: str) -> Tenant:
        """Add a child company in which nobody is yet. Raises InvalidError."""
        with unit_of_work(actor.tenant.id) as session:
            parent = enter(session, actor, parent_id, Permission.CREATE_TENANT)
            chosen = _ensure_kind(parent, kind)
            tenant = self._plant(session, parent, chosen, ensure_line("name", name, longest=LONGEST_NAME))
            self._record(session, actor, Event.TENANT_CREATED, tenant)
            return tenant

    def create_with_owner(
        self, actor: Actor, parent_id: TenantId, *, kind: str, name: str, owner: FirstOwner
    ) -> tuple[Tenant, Invited]:
        """Add a child company and invite its first owner, all or nothing. Raises InvalidError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = self.create(actor, parent_id, kind=kind, name=name)
            try:
                invited = self.invitations.admit(
                    session, actor, tenant, email=owner.email, name=owner.name, role=Role.OWNER
                )
            except InvalidError as refused:
                raise InvalidError(
                    Problem(f"owner_{problem.field}", problem.code, problem.values) for problem in refused.problems
                ) from None
            return tenant, invited

    def rename(self, actor: Actor, tenant_id: TenantId, *, name: str, shows_sender: bool, version: int) -> Tenant:
        """Change a company's name and whether those below see its sender. Raises InvalidError, ConflictError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            if tenant.version != version:
                raise ConflictError
            called = ensure_line("name", name, longest=LONGEST_NAME)
            if tenants.name_is_taken(session, tenant.parent_id, called.casefold(), except_id=tenant.id):
                raise InvalidError([Problem("name", "taken")])
            row = tenants.get_row(session, tenant.id)
            change = {"name": (row.name, called), "shows_sender": (str(row.shows_sender), str(shows_sender))}
            row.name, row.name_key, row.shows_sender = called, called.casefold(), shows_sender
            row.version += 1
            changed = {field: values for field, values in change.items() if values[0] != values[1]}
            self._record(session, actor, Event.TENANT_RENAMED, tenant, changed)
            session.flush()
            return tenants.as_domain(row, suspended=tenant.suspended)

    def suspend(self, actor: Actor, tenant_id: TenantId) -> Tenant:
        """Let a company and everyone below it rest: people look, nobody writes, all mail is held."""
        return self._set_status(actor, tenant_id, TenantStatus.SUSPENDED, Event.TENANT_SUSPENDED)

    def resume(self, actor: Actor, tenant_id: TenantId) -> Tenant:
        """End a suspension; mail that was held is asked for again."""
        return self._set_status(actor, tenant_id, TenantStatus.ACTIVE, Event.TENANT_RESUMED)

    def close(self, actor: Actor, tenant_id: TenantId) -> Tenant:
        """Close a company that holds nobody: its people stay out, its passwords are shredded, waiting mail ends.

        What it did stays in the logs. Raises InvalidError while there are companies below it.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.CLOSE_TENANT)
            if tenants.count_below(session, tenant):
                raise InvalidError([Problem("tenant", "not-empty")])
            self._record(session, actor, Event.TENANT_CLOSED, tenant)
            closing.close(session, tenant, self.clock())
            return tenant

    def _set_status(self, actor: Actor, tenant_id: TenantId, status: TenantStatus, event: Event) -> Tenant:
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.SUSPEND_TENANT)
            row = tenants.get_row(session, tenant.id)
            if row.status != status.value:
                row.status = status.value
                self._record(session, actor, event, tenant)
                session.flush()
                waiting.wake_held(session, tenant.path, self.clock())
            return tenants.get(session, tenant.id)

    def set_up(self, *, name: str) -> Tenant:
        """Plant the root of an empty portal. Raises ConflictError when there is one already, InvalidError."""
        with unit_of_work(SYSTEM) as session:
            if tenants.find_root(session) is not None:
                raise ConflictError
            tenant = self._plant(session, None, TenantKind.PROVIDER, ensure_line("name", name, longest=LONGEST_NAME))
            self._record(session, None, Event.TENANT_CREATED, tenant)
            return tenant

    def set_up_with_owner(self, *, name: str, owner: FirstOwner) -> tuple[Tenant, str]:
        """Plant the root together with its first owner, and return the link with which he comes in.

        Raises ConflictError when there is a root already, InvalidError.
        """
        with unit_of_work(SYSTEM) as session:
            tenant = self.set_up(name=name)
            return tenant, self.invitations.admit_by_operator(session, tenant, email=owner.email, name=owner.name)

    def find_root(self) -> Tenant | None:
        with reading(SYSTEM) as session:
            return tenants.find_root(session)

    def _plant(self, session: Session, parent: Tenant | None, kind: TenantKind, name: str) -> Tenant:
        tenant_id = TenantId(new_id())
        parent_id = parent.id if parent else None
        if tenants.name_is_taken(session, parent_id, name.casefold(), except_id=tenant_id):
            raise InvalidError([Problem("name", "taken")])
        label = paths.next_label(session)
        row = tenants.TenantRow(
            id=tenant_id,
            parent_id=parent_id,
            kind=kind.value,
            name=name,
            name_key=name.casefold(),
            label=label,
            path=paths.path_below(parent, label),
            status=TenantStatus.ACTIVE.value,
            active_config_id=None,
            shows_sender=True,
            data_key=self.vault.new_tenant_key(tenant_id),
            version=1,
            created_at=self.clock(),
        )
        session.add(row)
        session.flush()
        return tenants.as_domain(row, suspended=parent.suspended if parent else False)

    def _record(
        self, session: Session, actor: Actor | None, event: Event, tenant: Tenant, change: Change | None = None
    ) -> None:
        subject = Subject(tenant.id, tenant.name)
        self.audit.record(session, event, tenant_id=tenant.id, subject=subject, actor=actor, change=change)


def _ensure_kind(parent: Tenant, kind: str) -> TenantKind:
    if not HOLDS[parent.kind]:
        raise InvalidError([Problem("kind", "holds-nobody")])
    if kind not in HOLDS[parent.kind]:
        raise InvalidError([Problem("kind", "not-offered")])
    if not parent.may_hold(TenantKind(kind)):
        raise InvalidError([Problem("kind", "too-deep")])
    return TenantKind(kind)


def _walked(session: Session, parent: Tenant, way: str) -> Tenant | None:
    for each in tenants.find_on_the_way(session, parent, way):
        name = each.name.casefold()
        found = each if way == name else _walked(session, each, way.removeprefix(f"{name}/"))
        if found:
            return found
    return None


def _branch(
    tenant: Tenant, everyone: list[Tenant], active_names: dict[TenantId, str], failing: set[TenantId]
) -> Branch:
    below: dict[TenantId | None, list[Tenant]] = {}
    for each in everyone:
        below.setdefault(each.parent_id, []).append(each)

    def grow(each: Tenant) -> Branch:
        children = tuple(grow(child) for child in below.get(each.id, []))
        return Branch(each, active_names.get(each.id), each.id in failing, children)

    return grow(tenant)
