"""Knows what an explanation may be asked about in a company, by one statement."""

from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Integer, bindparam, cast, literal_column, null, select, union_all
from sqlalchemy.orm import Session

from portal.domain.explanation import Offer
from portal.domain.ids import ConfigId, TenantId
from portal.domain.people import PAGE
from portal.store.db import at_once, once
from portal.store.mail_configs import MailConfigRow
from portal.store.profiles import ProfileRow
from portal.store.users import UserRow


def offer_of(session: Session, tenant_id: TenantId) -> Offer:
    """A company's configurations, its profiles that have one linked, and the first of its people."""
    return once(session, ("offer", tenant_id), lambda: _offer(session, tenant_id))


def _offer(session: Session, tenant_id: TenantId) -> Offer:
    rows: Any = at_once(session, _OFFER, {"tenant_id": tenant_id, "most": PAGE})
    in_order = sorted(rows, key=lambda row: (row.kind, row.position or 0, row.name_key))
    return Offer(
        configs={ConfigId(row.id): row.name for row in in_order if row.kind == _CONFIG},
        profiles=tuple(row.name for row in in_order if row.kind == _PROFILE),
        people=tuple((row.email, row.name) for row in in_order if row.kind == _PERSON),
    )


def _kind(kind: int) -> ColumnElement[int]:
    return literal_column(str(kind), Integer).label("kind")


_CONFIG, _PROFILE, _PERSON = 0, 1, 2
_TENANT_ID: BindParameter[UUID] = bindparam("tenant_id")
_NO_PLACE = cast(null(), Integer).label("position")
_FIRST = (
    select(UserRow.id, UserRow.name, UserRow.name_key, UserRow.email)
    .where(UserRow.tenant_id == _TENANT_ID)
    .order_by(UserRow.name_key, UserRow.id)
    .limit(bindparam("most"))
    .subquery()
)
# Rows of three kinds: an id, a name, the name to sort by, an address, a place in an order.
_OFFER = union_all(
    select(_kind(_PERSON), *_FIRST.c, _NO_PLACE),
    select(_kind(_CONFIG), MailConfigRow.id, MailConfigRow.name, MailConfigRow.name_key, null(), _NO_PLACE).where(
        MailConfigRow.tenant_id == _TENANT_ID
    ),
    select(*(_kind(_PROFILE), ProfileRow.id, ProfileRow.name, ProfileRow.name_key, null(), ProfileRow.position)).where(
        ProfileRow.tenant_id == _TENANT_ID, ProfileRow.linked_config_id.is_not(None)
    ),
)
