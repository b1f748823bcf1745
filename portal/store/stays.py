"""Knows who is behind a session's reference, and in which companies he stands: one statement, asked for every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId, UserId
from portal.domain.people import UserStatus
from portal.domain.roles import Actor, Role
from portal.domain.tenancy import Tenant, TenantStatus
from portal.store import tenants
from portal.store.prepared import Prepared
from portal.store.second_factors import SecondFactorRow
from portal.store.sign_ins import SignInRow
from portal.store.tenants import Home, There
from portal.store.users import UserRow

_OWN = (
    SignInRow.created_at,
    SignInRow.seen_at,
    SignInRow.proven_at,
    SignInRow.host,
    UserRow.id,
    UserRow.status,
    UserRow.role,
    UserRow.email,
    UserRow.name,
    UserRow.language,
    UserRow.zone,
    SecondFactorRow.seed.is_not(None),
)
_HOME, _THERE = tenants.columns_of(Home), tenants.columns_of(There)
_STAY = Prepared(
    select(*_OWN, *_HOME, *_THERE)
    .join(UserRow, UserRow.id == SignInRow.user_id)
    .join(Home, Home.id == UserRow.tenant_id)
    .outerjoin(SecondFactorRow, SecondFactorRow.user_id == UserRow.id)
    .outerjoin(There, and_(There.id == bindparam("there"), There.status != tenants.CLOSED))
    .where(SignInRow.reference_hash == bindparam("reference_hash"))
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows say: whether it counts is for the use case to judge. `has_second_factor` is one that counts."""

    actor: Actor
    is_active: bool
    has_second_factor: bool
    created_at: datetime
    seen_at: datetime
    proven_at: datetime
    host: str


def find(session: Session, reference_hash: bytes, there: TenantId | None) -> Known | None:
    """Whoever holds a session; his company and `there`, where he goes, are known to this reading from then on.

    They are known in the scope of his company, too, in which he acts from now on.
    """
    values = _STAY.row(session, {"reference_hash": reference_hash, "there": there})
    if values is None:
        return None
    created_at, seen_at, proven_at, host, user_id, status, role, email, name, language, zone, has_factor = values[
        : len(_OWN)
    ]
    home = tenants.from_values(values[len(_OWN) : -len(_THERE)])
    actor = Actor(UserId(user_id), home, Role(role), email, name, language or "", zone or "")
    at = values[-len(_THERE) :]
    known = [home] if home.status is not TenantStatus.CLOSED else []
    known += [tenants.from_values(at)] if at[0] is not None else []
    _remember(session, home, known)
    is_active = status == UserStatus.ACTIVE.value
    return Known(actor, is_active, bool(has_factor), created_at, seen_at, proven_at, host)


def _remember(session: Session, home: Tenant, known: Sequence[Tenant]) -> None:
    """Everybody was read as SYSTEM. In his own scope PostgreSQL shows him his branch and the line above it.

    Of those alone he need not be told anew. A company next door, which he named in an address, is asked for in his
    scope, where it is not found: so a use case that forgot to ask whether he may be there does not get it from here.
    """
    tenants.remember(session, *known)
    shown = [each for each in known if each.path.startswith(home.path) or home.path.startswith(each.path)]
    tenants.remember(session, *shown, scope=home.id)
