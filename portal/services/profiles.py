"""Knows what can be done with a tenant's profiles: list, add, rename, order and delete them, and say who is in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key
from portal.domain.audit import Change, Event
from portal.domain.config_rules import LONGEST_NAME
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.ids import ProfileId, TenantId, UserId, new_id
from portal.domain.people import User
from portal.domain.profiles import Profile, ProfileLine, ProfileQuery, arranged
from portal.domain.roles import Actor, Permission
from portal.domain.tenancy import Tenant
from portal.domain.text import ensure_line
from portal.services.audit import Audit, Subject
from portal.services.places import Clock, enter
from portal.store import profiles, users, waiting
from portal.store.db import reading, unit_of_work

# No place in any order: where a profile stands while two others change places.
_ASIDE = -1
MOST_AT_ONCE = 200
AS_ASKED = ProfileQuery()


@dataclass(frozen=True, slots=True)
class Profiles:
    clock: Clock
    audit: Audit

    def overview(self, actor: Actor, tenant_id: TenantId, query: ProfileQuery = AS_ASKED) -> list[ProfileLine]:
        """All of the tenant's profiles, in their order unless a query says otherwise."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            return arranged(profiles.lines_of(session, tenant.id), query)

    def get(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId) -> Profile:
        """Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            return profiles.as_domain(profiles.get_row(session, tenant.id, profile_id))

    def members(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId) -> list[User]:
        """Everybody in a profile, by name. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            row = profiles.get_row(session, tenant.id, profile_id)
            return [users.as_domain(each) for each in profiles.members_of(session, ProfileId(row.id))]

    def create(self, actor: Actor, tenant_id: TenantId, *, name: str) -> Profile:
        """Add a profile behind all others; nobody is in it yet. Raises InvalidError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_PROFILES)
            profile_id = ProfileId(new_id())
            called = _ensure_name(session, tenant, name, profile_id)
            row = profiles.ProfileRow(
                id=profile_id,
                tenant_id=tenant.id,
                name=called,
                name_key=called.casefold(),
                position=profiles.next_position(session, tenant.id),
                linked_config_id=None,
                version=1,
                created_at=self.clock(),
            )
            session.add(row)
            session.flush()
            self._record(session, actor, Event.PROFILE_CREATED, row)
            return profiles.as_domain(row)

    def rename(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId, *, name: str, version: int) -> Profile:
        """Raises NotFoundError, InvalidError, and ConflictError when `version` is no longer the current one."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_PROFILES)
            row = profiles.get_row(session, tenant.id, profile_id)
            if row.version != version:
                raise ConflictError
            called = _ensure_name(session, tenant, name, profile_id)
            if called != row.name:
                self._record(session, actor, Event.PROFILE_EDITED, row, {"name": (row.name, called)})
                row.name, row.name_key, row.version = called, called.casefold(), row.version + 1
            return profiles.as_domain(row)

    def move(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId, *, up: bool) -> Profile:
        """Let a profile change places with the one before or after it; at the end of the list nothing happens.

        Raises NotFoundError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_PROFILES)
            row = profiles.get_row(session, tenant.id, profile_id)
            everyone = profiles.rows_of(session, tenant.id)
            place = everyone.index(row) + (-1 if up else 1)
            if 0 <= place < len(everyone):
                self._swap(session, row, everyone[place])
                self._record(session, actor, Event.PROFILE_MOVED, row, {"order": ("", str(row.position))})
                self._wake(session, tenant)
            return profiles.as_domain(row)

    def delete(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId) -> Profile:
        """Delete a profile; its users stay, and so does the configuration linked to it. Raises NotFoundError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_PROFILES)
            row = profiles.get_row(session, tenant.id, profile_id)
            profile = profiles.as_domain(row)
            self._record(session, actor, Event.PROFILE_DELETED, row)
            session.delete(row)
            session.flush()
            self._wake(session, tenant)
            return profile

    def add_members(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId, user_ids: Sequence[UserId]) -> int:
        """Put users of the tenant into a profile; who is in it already stays. Returns how many are new.

        Raises NotFoundError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_PROFILES)
            row = profiles.get_row(session, tenant.id, profile_id)
            added = 0
            for user in users.rows_by_id(session, tenant.id, user_ids):
                if profiles.find_membership(session, profile_id, UserId(user.id)) is None:
                    session.add(profiles.MembershipRow(user_id=user.id, profile_id=row.id, tenant_id=tenant.id))
                    self._record_member(session, actor, Event.MEMBER_ADDED, row, user)
                    added += 1
            self._wake(session, tenant)
            return added

    def add_by_email(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId, *, emails: str) -> int:
        """Put users into a profile whose addresses stand one per line, all or nobody. Returns how many are new.

        An address of somebody in another company is nobody's here. Raises NotFoundError, and InvalidError at `emails`.
        """
        lines = [line.strip() for line in emails.splitlines()]
        typed = [(number, line) for number, line in enumerate(lines, 1) if line]
        if not typed:
            raise InvalidError([Problem("emails", "required")])
        if len(typed) > MOST_AT_ONCE:
            raise InvalidError([Problem("emails", "too-many", {"most": MOST_AT_ONCE})])
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_PROFILES)
            known = users.ids_by_email(session, tenant.id, [line for _, line in typed])
            for number, line in typed:
                if address_key(line) not in known:
                    raise InvalidError([Problem("emails", "nobody-here", {"line": number})])
            return self.add_members(actor, tenant_id, profile_id, list(known.values()))

    def remove_members(
        self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId, user_ids: Sequence[UserId]
    ) -> int:
        """Take users out of a profile. Returns how many were in it. Raises NotFoundError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_PROFILES)
            row = profiles.get_row(session, tenant.id, profile_id)
            removed = 0
            for user in users.rows_by_id(session, tenant.id, user_ids):
                membership = profiles.find_membership(session, profile_id, UserId(user.id))
                if membership is not None:
                    session.delete(membership)
                    self._record_member(session, actor, Event.MEMBER_REMOVED, row, user)
                    removed += 1
            self._wake(session, tenant)
            return removed

    @staticmethod
    def _swap(session: Session, one: profiles.ProfileRow, other: profiles.ProfileRow) -> None:
        """No two may ever hold the same place, so one of them steps aside for a moment."""
        first, second = one.position, other.position
        one.position = _ASIDE
        session.flush()
        other.position = first
        session.flush()
        one.position = second
        session.flush()

    def _wake(self, session: Session, tenant: Tenant) -> None:
        waiting.wake_held(session, tenant.path, self.clock())

    def _record(
        self, session: Session, actor: Actor, event: Event, row: profiles.ProfileRow, change: Change | None = None
    ) -> None:
        subject, tenant_id = Subject(row.id, row.name), TenantId(row.tenant_id)
        self.audit.record(session, event, tenant_id=tenant_id, subject=subject, actor=actor, change=change)

    def _record_member(
        self, session: Session, actor: Actor, event: Event, row: profiles.ProfileRow, user: users.UserRow
    ) -> None:
        before, after = ("", row.name) if event is Event.MEMBER_ADDED else (row.name, "")
        self.audit.record(
            session,
            event,
            tenant_id=TenantId(row.tenant_id),
            subject=Subject(user.id, user.email),
            actor=actor,
            change={"profile": (before, after)},
        )


def _ensure_name(session: Session, tenant: Tenant, text: str, profile_id: ProfileId) -> str:
    name = ensure_line("name", text, longest=LONGEST_NAME)
    if profiles.name_is_taken(session, tenant.id, name, except_id=profile_id):
        raise InvalidError([Problem("name", "taken")])
    return name
