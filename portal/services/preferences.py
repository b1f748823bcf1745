"""Knows how somebody wants to be spoken to: in which language, and at the time of which zone."""

from dataclasses import dataclass

from portal.domain.audit import Change, Event
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.ids import TenantId
from portal.domain.languages import SPOKEN
from portal.domain.people import User
from portal.domain.roles import Actor
from portal.i18n.zones import zone_names
from portal.services.audit import Audit, Subject
from portal.store import users
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Preferences:
    """A language of `SPOKEN` and the name of a zone; an empty one leaves it to the browser, the company, or UTC."""

    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class OwnPreferences:
    audit: Audit

    def get(self, actor: Actor) -> User:
        with reading(actor.tenant.id) as session:
            return users.as_domain(users.get_row(session, actor.user_id))

    def change(self, actor: Actor, preferences: Preferences, *, version: int) -> None:
        """Change one's own; whoever is suspended may, too, because it helps him to read.

        Raises InvalidError, and ConflictError when `version` is no longer the current one.
        """
        with unit_of_work(actor.tenant.id) as session:
            row = users.get_row(session, actor.user_id)
            if row.version != version:
                raise ConflictError
            change = preferred(row, preferences)
            if change:
                row.version += 1
                subject, tenant_id = Subject(row.id, row.email), TenantId(row.tenant_id)
                self.audit.record(
                    session, Event.USER_EDITED, tenant_id=tenant_id, subject=subject, actor=actor, change=change
                )


def preferred(row: users.UserRow, preferences: Preferences) -> Change:
    """Write the choice into somebody's row and return what changed. Raises InvalidError."""
    _ensure_offered(preferences)
    wanted = {"language": preferences.language, "zone": preferences.zone}
    before = {name: getattr(row, name) or "" for name in wanted}
    row.language, row.zone = preferences.language or None, preferences.zone or None
    return {name: (before[name], wanted[name]) for name in wanted if before[name] != wanted[name]}


def _ensure_offered(preferences: Preferences) -> None:
    problems = []
    if preferences.language and preferences.language not in SPOKEN:
        problems.append(Problem("language", "not-offered"))
    if preferences.zone and preferences.zone not in zone_names():
        problems.append(Problem("zone", "not-offered"))
    if problems:
        raise InvalidError(problems)
