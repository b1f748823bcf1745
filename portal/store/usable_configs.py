"""Knows a configuration as sending needs it: read, locked and noted by statements, for every mail."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from portal.domain.diagnosis import Code
from portal.domain.health import Health
from portal.domain.ids import ConfigId, TenantId
from portal.domain.mail_config import Draft
from portal.domain.pace import Pace
from portal.store import shapes
from portal.store.db import UtcTime, table_of
from portal.store.mail_configs import DRAFT_COLUMNS, MailConfigRow
from portal.store.prepared import Prepared
from portal.store.tenants import TenantRow


@dataclass(frozen=True, slots=True)
class Usable:
    """What sending needs to know of a configuration; `password` is sealed by its company's `data_key`, wrapped."""

    id: ConfigId
    tenant_id: TenantId
    version: int
    draft: Draft
    password: bytes | None
    data_key: bytes
    health: Health
    pace: Pace
    last_code: str | None


_TABLE = table_of(MailConfigRow)
_COLUMNS = (
    *(*DRAFT_COLUMNS, "tenant_id", "version", "password", "last_code"),
    *("failures", "paused_until", "known_to_fail", "refusals"),
    *("slowed_to", "full_speed", "slowed_at"),
)
_IS_IT = _TABLE.c.id == bindparam("config_id")
_KEY = select(TenantRow.data_key).where(TenantRow.id == _TABLE.c.tenant_id).scalar_subquery()
_OF_IT = select(*(_TABLE.c[name] for name in _COLUMNS), _KEY).where(_IS_IT)
_USABLE, _USABLE_ALONE = Prepared(_OF_IT), Prepared(_OF_IT.with_for_update(key_share=True))
_BOTH = Prepared(
    select(_TABLE.c.id, *_OF_IT.selected_columns).where(
        _TABLE.c.id.in_([bindparam(name, type_=_TABLE.c.id.type) for name in ("config_id", "other_id")])
    )
)
_VERSION = select(_TABLE.c.version).where(_IS_IT)
_VERSION_NOW = Prepared(_VERSION)
_LOCK = Prepared(_VERSION.with_for_update(key_share=True))
_NOTE = (
    update(_TABLE)
    .where(_IS_IT)
    .values({name: bindparam(name) for name in ("last_code", "last_at", "check_at")})
    .values(last_good_at=func.coalesce(bindparam("good_at", type_=UtcTime()), _TABLE.c.last_good_at))
)
_NOTE_RESULT = Prepared(_NOTE)
_IS_WELL = (
    *(_TABLE.c.failures == 0, _TABLE.c.paused_until.is_(None), _TABLE.c.known_to_fail.is_(False)),
    *(_TABLE.c.refusals == 0, _TABLE.c.slowed_to.is_(None)),
)
_NOTE_WELL = Prepared(_NOTE.where(_TABLE.c.version == bindparam("version_then"), *_IS_WELL))


def usable(session: Session, config_id: ConfigId, *, alone: bool = False) -> Usable | None:
    """A configuration of any tenant, for sending, or None where it is gone.

    With `alone` nobody else changes it until the transaction ends.
    """
    row = (_USABLE_ALONE if alone else _USABLE).row(session, {"config_id": config_id})
    if alone:
        _forget(session, config_id)
    return None if row is None else _usable_from(config_id, row)


def both(session: Session, config_id: ConfigId, other_id: ConfigId) -> dict[ConfigId, Usable]:
    """Two at once, by id."""
    rows = _BOTH.rows(session, {"config_id": config_id, "other_id": other_id})
    return {ConfigId(found): _usable_from(ConfigId(found), tuple(columns)) for found, *columns in rows}


def _usable_from(config_id: ConfigId, row: tuple[Any, ...]) -> Usable:
    of_draft, rest = row[: len(DRAFT_COLUMNS)], row[len(DRAFT_COLUMNS) :]
    tenant_id, version, password, last_code, *known, data_key = rest
    return Usable(
        id=config_id,
        tenant_id=TenantId(tenant_id),
        version=version,
        draft=draft_of(of_draft),
        password=password,
        data_key=data_key,
        health=Health(*known[:4]),
        pace=Pace(*known[4:]),
        last_code=last_code,
    )


def foresee(session: Session, config_id: ConfigId) -> None:
    """Say that this configuration will be asked for `alone`."""
    _USABLE_ALONE.foresee(session, {"config_id": config_id})


@lru_cache(maxsize=256)
def draft_of(columns: tuple[Any, ...]) -> Draft:
    """The same columns are the same draft: it is made once, not for every mail."""
    return shapes.draft_from(dict(zip(DRAFT_COLUMNS, columns, strict=True)))


def version_of(session: Session, config_id: ConfigId) -> int | None:
    """The current version, or None where the configuration is gone."""
    row = _VERSION_NOW.row(session, {"config_id": config_id})
    return None if row is None else int(row[0])


def note_result(
    session: Session, config_id: ConfigId, code: Code, now: datetime, *, good: bool, check_at: datetime
) -> None:
    """Note how a session ended that changed nothing in what is known of the health."""
    result = {"last_code": code.value, "last_at": now, "check_at": check_at, "good_at": now if good else None}
    _NOTE_RESULT.execute(session, {"config_id": config_id, **result})


def note_well(session: Session, config_id: ConfigId, version: int, now: datetime, *, check_at: datetime) -> bool:
    """Note that a session went well, if nothing else was known of this version. Returns whether that was so."""
    told = {"last_code": Code.OK.value, "last_at": now, "check_at": check_at, "good_at": now, "version_then": version}
    return _NOTE_WELL.execute(session, {"config_id": config_id, **told}) == 1


def lock(session: Session, config_id: UUID) -> None:
    """Let nobody else change a configuration until the transaction ends; what is known of it here is asked for anew."""
    _LOCK.row(session, {"config_id": config_id})
    _USABLE_ALONE.forget(session)
    _forget(session, config_id)


def _forget(session: Session, config_id: UUID) -> None:
    known = session.identity_map.get(session.identity_key(MailConfigRow, config_id))
    if known is not None:
        session.expire(known)
