"""Knows what can be done with a tenant's people: find and change them, shut them out and let them in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Change, Event
from portal.domain.config_rules import LONGEST_NAME
from portal.domain.delivery import State
from portal.domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from portal.domain.ids import TenantId, UserId
from portal.domain.outgoing import LEADS_IN
from portal.domain.people import User, UserLine, UserPage, UserQuery, UserStatus
from portal.domain.roles import Actor, Permission, Role
from portal.domain.tenancy import Tenant
from portal.domain.text import ensure_line
from portal.services.audit import Audit, Subject
from portal.services.places import Clock, enter
from portal.services.preferences import Preferences, preferred
from portal.store import outbox, people_pages, profiles, sign_ins, users, waiting
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Users:
    clock: Clock
    audit: Audit

    def page(self, actor: Actor, tenant_id: TenantId, query: UserQuery) -> UserPage:
        """One page of a tenant's people. Raises NotFoundError for a profile that is not the tenant's."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            members = profiles.member_ids(query.profile_id) if query.profile_id else None
            found = people_pages.page_of(session, tenant.id, query, members)
            around = people_pages.around(session, tenant.id, [user.id for user in found.people])
            if query.profile_id and query.profile_id not in around.profiles:
                raise NotFoundError
            return UserPage(
                tuple(_line(user, around) for user in found.people),
                found.found,
                found.everybody,
                number=query.page,
                profiles=tuple(around.profiles.values()),
                configs=around.configs,
            )

    def get(self, actor: Actor, tenant_id: TenantId, user_id: UserId) -> User:
        """Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            return users.as_domain(users.get_of_tenant(session, tenant.id, user_id))

    def find_by_email(self, actor: Actor, tenant_id: TenantId, email: str) -> User | None:
        """Whoever of the tenant's people has this address; somebody of another company is nobody here."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            found = list(users.ids_by_email(session, tenant.id, [email.strip()]).values())
            return users.as_domain(users.get_row(session, found[0])) if found else None

    def find_below(self, actor: Actor, email: str) -> User | None:
        """Whoever has this address in the actor's own company or in one below it."""
        with reading(actor.tenant.id) as session:
            row = users.find_row_by_email(session, email.strip())
            if row is None:
                return None
            try:
                enter(session, actor, TenantId(row.tenant_id), Permission.VIEW_USERS)
            except NotFoundError:
                return None
            return users.as_domain(row)

    def some(self, actor: Actor, tenant_id: TenantId, user_ids: Sequence[UserId]) -> list[User]:
        """These people, by name. Raises NotFoundError if one of them is not the tenant's."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            return [users.as_domain(row) for row in users.rows_by_id(session, tenant.id, user_ids)]

    def edit(
        self,
        actor: Actor,
        tenant_id: TenantId,
        user_id: UserId,
        *,
        name: str,
        role: str,
        version: int,
        preferences: Preferences | None = None,
    ) -> User:
        """Change somebody's name and role, and with `preferences` his language and time zone, too.

        A new role counts from his next click on.
        Raises NotFoundError, InvalidError, and ConflictError when `version` is no longer the current one.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_USERS)
            row = users.get_of_tenant(session, tenant.id, user_id)
            if row.version != version:
                raise ConflictError
            called, chosen = ensure_line("name", name, longest=LONGEST_NAME), _ensure_role(role)
            if row.role != chosen.value:
                _ensure_role_may_go(session, actor, tenant, row)
            change = {"name": (row.name, called), "role": (row.role, chosen.value)}
            changed = {field: values for field, values in change.items() if values[0] != values[1]}
            changed |= preferred(row, preferences) if preferences else {}
            if changed:
                row.name, row.name_key, row.role, row.version = called, called.casefold(), chosen.value, row.version + 1
                self._record(session, actor, Event.USER_EDITED, row, changed)
            return users.as_domain(row)

    def disable(self, actor: Actor, tenant_id: TenantId, user_ids: Sequence[UserId]) -> int:
        """Shut people out: their sessions and links end at once, and mail that would lead them in is not sent.

        Whatever is linked to them stays linked: who may come in is one thing, whose configuration applies another.
        Returns for how many that changed something. Raises NotFoundError, and InvalidError at the field `user` where
        the actor himself or the last owner is among them.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_USERS)
            rows = users.rows_by_id(session, tenant.id, user_ids)
            changing = [row for row in rows if row.status != UserStatus.DISABLED.value]
            _ensure_may_be_shut_out(session, actor, tenant, changing)
            for row in changing:
                row.status, row.version = UserStatus.DISABLED.value, row.version + 1
                sign_ins.end_all_of(session, UserId(row.id))
                sign_ins.drop_links_of(session, UserId(row.id))
                self._cancel_what_leads_in(session, UserId(row.id))
                self._record(session, actor, Event.USER_DISABLED, row)
            return len(changing)

    def enable(self, actor: Actor, tenant_id: TenantId, user_ids: Sequence[UserId]) -> int:
        """Let people in again; whoever never chose a password is invited as before.

        Returns for how many that changed something. Raises NotFoundError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_USERS)
            rows = users.rows_by_id(session, tenant.id, user_ids)
            changing = [row for row in rows if row.status == UserStatus.DISABLED.value]
            for row in changing:
                came_in_before = row.password_hash is not None
                row.status = (UserStatus.ACTIVE if came_in_before else UserStatus.INVITED).value
                row.version += 1
                self._record(session, actor, Event.USER_ENABLED, row)
            return len(changing)

    def _cancel_what_leads_in(self, session: Session, user_id: UserId) -> None:
        unsent = waiting.of_user(session, user_id, [purpose.value for purpose in LEADS_IN])
        for recipient in unsent:
            outbox.move(recipient, State.CANCELLED)
            recipient.settled_at = self.clock()
        outbox.reckon_all(session, unsent)

    def _record(
        self, session: Session, actor: Actor, event: Event, row: users.UserRow, change: Change | None = None
    ) -> None:
        subject, tenant_id = Subject(row.id, row.email), TenantId(row.tenant_id)
        self.audit.record(session, event, tenant_id=tenant_id, subject=subject, actor=actor, change=change)


def _line(user: User, around: people_pages.Around) -> UserLine:
    linked = around.configs.get(user.linked_config_id) if user.linked_config_id else None
    return UserLine(user, around.profiles_of(user.id), linked)


def _ensure_role_may_go(session: Session, actor: Actor, tenant: Tenant, row: users.UserRow) -> None:
    if row.id == actor.user_id:
        raise InvalidError([Problem("role", "own-role")])
    if _would_leave_no_owner(session, tenant, [row]):
        raise InvalidError([Problem("role", "last-owner")])


def _ensure_may_be_shut_out(session: Session, actor: Actor, tenant: Tenant, rows: Sequence[users.UserRow]) -> None:
    if any(row.id == actor.user_id for row in rows):
        raise InvalidError([Problem("user", "oneself")])
    if _would_leave_no_owner(session, tenant, rows):
        raise InvalidError([Problem("user", "last-owner")])


def _would_leave_no_owner(session: Session, tenant: Tenant, rows: Sequence[users.UserRow]) -> bool:
    going = [row for row in rows if row.role == Role.OWNER.value and row.status == UserStatus.ACTIVE.value]
    return bool(going) and not users.count_owners(session, tenant.id, except_ids=[UserId(row.id) for row in going])


def _ensure_role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise InvalidError([Problem("role", "not-offered")]) from None
