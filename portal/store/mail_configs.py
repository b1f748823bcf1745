"""Knows the configurations' rows. A password is here only sealed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from sqlalchemy import (
    Double,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    delete,
    exists,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.diagnosis import Code
from portal.domain.errors import NotFoundError
from portal.domain.health import Health, mended
from portal.domain.ids import ConfigId, TenantId
from portal.domain.mail_config import Draft, MailConfig
from portal.domain.pace import NORMAL, Pace
from portal.domain.roles import Role
from portal.domain.tenancy import subtree_of
from portal.store import shapes
from portal.store.db import SYSTEM, Model, UtcTime, once
from portal.store.row_security import standing_in
from portal.store.tenants import TenantRow

# The columns that make up a draft carry the names of its JSON shape.
DRAFT_COLUMNS = (
    "name",
    "host",
    "port",
    "encryption",
    "username",
    "mechanism",
    "trust_kind",
    "trust_value",
    "sign_in",
    "from_address",
    "from_name",
    "charset",
    "misfit",
    "reply_to",
    "envelope_from",
    "helo_name",
    "cleartext_consent",
    "per_minute",
)


class MailConfigRow(Model):
    __tablename__ = "mail_configs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "name_key"),
        # Few fail, and everybody who looks at a tree asks for them.
        Index(
            "ix_mail_configs_failing",
            "tenant_id",
            sqlite_where=text("known_to_fail = 1"),
            postgresql_where=text("known_to_fail"),
        ),
        # Few are paused, and the operator's page counts them.
        Index(
            "ix_mail_configs_paused",
            "paused_until",
            sqlite_where=text("paused_until IS NOT NULL"),
            postgresql_where=text("paused_until IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(360))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    encryption: Mapped[str] = mapped_column(String(20))
    trust_kind: Mapped[str] = mapped_column(String(20))
    trust_value: Mapped[str] = mapped_column(Text)
    mechanism: Mapped[str] = mapped_column(String(20))
    sign_in: Mapped[str] = mapped_column(String(20))
    username: Mapped[str] = mapped_column(String(320))
    password: Mapped[bytes | None]
    cleartext_consent: Mapped[bool]
    from_address: Mapped[str] = mapped_column(String(320))
    from_name: Mapped[str] = mapped_column(String(200))
    reply_to: Mapped[str] = mapped_column(String(320))
    envelope_from: Mapped[str] = mapped_column(String(320))
    helo_name: Mapped[str] = mapped_column(String(253))
    charset: Mapped[str] = mapped_column(String(20))
    misfit: Mapped[str] = mapped_column(String(20))
    per_minute: Mapped[int]
    last_code: Mapped[str | None] = mapped_column(String(40))
    last_at: Mapped[datetime | None] = mapped_column(UtcTime())
    last_good_at: Mapped[datetime | None] = mapped_column(UtcTime())
    check_at: Mapped[datetime] = mapped_column(UtcTime(), index=True)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcTime())
    password_changed_by: Mapped[str | None] = mapped_column(String(20))
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None] = mapped_column(UtcTime())
    known_to_fail: Mapped[bool] = mapped_column(default=False)
    refusals: Mapped[int] = mapped_column(default=0)
    slowed_to: Mapped[float | None] = mapped_column(Double())
    full_speed: Mapped[float | None] = mapped_column(Double())
    slowed_at: Mapped[datetime | None] = mapped_column(UtcTime())
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    updated_at: Mapped[datetime] = mapped_column(UtcTime())


_draft_columns = attrgetter(*DRAFT_COLUMNS)


def as_domain(row: MailConfigRow) -> MailConfig:
    return MailConfig(
        id=ConfigId(row.id),
        tenant_id=TenantId(row.tenant_id),
        draft=draft_of(row),
        has_password=row.password is not None,
        version=row.version,
        updated_at=row.updated_at,
        last_code=row.last_code,
        last_at=row.last_at,
        last_good_at=row.last_good_at,
        password_changed_at=row.password_changed_at,
        password_changed_by=Role(row.password_changed_by) if row.password_changed_by else None,
        paused_until=row.paused_until,
        slowed_to=pace_of(row).limit(row.per_minute) if row.slowed_to is not None else None,
    )


def draft_of(row: MailConfigRow) -> Draft:
    return shapes.draft_from(dict(zip(DRAFT_COLUMNS, _draft_columns(row), strict=True)))


def write_draft(row: MailConfigRow, draft: Draft) -> None:
    """Put every field of a draft into its row; the password is written apart."""
    for name, value in shapes.of_draft(draft).items():
        setattr(row, name, value)
    row.name_key = draft.name.casefold()


def find_row(session: Session, tenant_id: TenantId, config_id: ConfigId) -> MailConfigRow | None:
    """A configuration of this very tenant, or None."""
    return session.scalar(
        select(MailConfigRow).where(MailConfigRow.tenant_id == tenant_id, MailConfigRow.id == config_id)
    )


def is_of_tenant(session: Session, tenant_id: TenantId, config_id: ConfigId | None) -> bool:
    """Whether a configuration is the tenant's own, so that its details may be shown there; the last resort is not."""
    return config_id is not None and find_row(session, tenant_id, config_id) is not None


def get_row(session: Session, tenant_id: TenantId, config_id: ConfigId) -> MailConfigRow:
    """A configuration of this very tenant. Raises NotFoundError."""
    row = once(session, ("config", tenant_id, config_id), lambda: find_row(session, tenant_id, config_id))
    if row is None:
        raise NotFoundError
    return row


def get_by_id(session: Session, config_id: ConfigId) -> MailConfigRow:
    """For delivery, which has already resolved whose configuration applies. Raises NotFoundError."""
    row = session.get(MailConfigRow, config_id)
    if row is None:
        raise NotFoundError
    return row


def of_tenant(session: Session, tenant_id: TenantId) -> list[MailConfig]:
    rows = session.scalars(
        select(MailConfigRow).where(MailConfigRow.tenant_id == tenant_id).order_by(MailConfigRow.name_key)
    )
    return [as_domain(row) for row in rows]


def rows_by_id(session: Session, tenant_id: TenantId, config_ids: Collection[ConfigId]) -> list[MailConfigRow]:
    """These configurations of this very tenant. Raises NotFoundError if one of them is not there."""
    wanted = set(config_ids)
    found = select(MailConfigRow).where(MailConfigRow.tenant_id == tenant_id, MailConfigRow.id.in_(wanted))
    rows = list(session.scalars(found.order_by(MailConfigRow.name_key, MailConfigRow.id)))
    if len(rows) != len(wanted):
        raise NotFoundError
    return rows


def names_of(session: Session, *tenant_ids: TenantId) -> dict[ConfigId, str]:
    """What the configurations of these tenants are called, by name."""
    names = select(MailConfigRow.id, MailConfigRow.name).where(MailConfigRow.tenant_id.in_(tenant_ids))
    rows = session.execute(names.order_by(MailConfigRow.name_key))
    return {ConfigId(config_id): name for config_id, name in rows}


def names_below(session: Session, path: str, config_ids: Sequence[ConfigId]) -> dict[ConfigId, str]:
    """What those of these configurations are called that belong to a tenant at or below this path."""
    rows = session.execute(
        select(MailConfigRow.id, MailConfigRow.name)
        .join(TenantRow, TenantRow.id == MailConfigRow.tenant_id)
        .where(MailConfigRow.id.in_(config_ids), TenantRow.path.between(*subtree_of(path)))
    )
    return {ConfigId(config_id): name for config_id, name in rows}


def names_of_active(session: Session, path: str) -> dict[TenantId, str]:
    """The active configuration's name for every tenant of a subtree that has one of its own."""
    rows = session.execute(
        select(TenantRow.id, MailConfigRow.name)
        .join(MailConfigRow, MailConfigRow.id == TenantRow.active_config_id)
        .where(TenantRow.path.between(*subtree_of(path)))
    )
    return {TenantId(tenant_id): name for tenant_id, name in rows}


def delete_all_of(session: Session, tenant_id: TenantId) -> None:
    session.execute(delete(MailConfigRow).where(MailConfigRow.tenant_id == tenant_id))


def id_is_taken(session: Session, config_id: ConfigId) -> bool:
    """Whether there is a configuration with this id, whosesoever."""
    with standing_in(session, SYSTEM):
        return bool(session.scalar(select(exists().where(MailConfigRow.id == config_id))))


def name_is_taken(session: Session, tenant_id: TenantId, name: str, *, except_id: ConfigId) -> bool:
    taken = exists().where(
        MailConfigRow.tenant_id == tenant_id,
        MailConfigRow.name_key == name.casefold(),
        MailConfigRow.id != except_id,
    )
    return bool(session.scalar(select(taken)))


def has_worked(session: Session, tenant_id: TenantId, host: str, port: int) -> bool:
    """Whether a configuration of the tenant reached this server when it was used last."""
    working = exists().where(
        MailConfigRow.tenant_id == tenant_id,
        MailConfigRow.host == host,
        MailConfigRow.port == port,
        MailConfigRow.last_code == Code.OK.value,
    )
    return bool(session.scalar(select(working)))


def find_by_id(session: Session, config_id: ConfigId) -> MailConfigRow | None:
    """A configuration of any tenant, or None where it is gone."""
    return session.get(MailConfigRow, config_id)


def health_of(row: MailConfigRow) -> Health:
    return Health(row.failures, row.paused_until, row.known_to_fail, row.refusals)


def pace_of(row: MailConfigRow) -> Pace:
    return Pace(row.slowed_to, row.full_speed, row.slowed_at)


def write_pace(row: MailConfigRow, pace: Pace) -> None:
    row.slowed_to, row.full_speed, row.slowed_at = pace.slowed_to, pace.full, pace.slowed_at


def write_health(row: MailConfigRow, health: Health) -> None:
    row.failures, row.paused_until, row.known_to_fail = health.failures, health.paused_until, health.is_known_to_fail
    row.refusals = health.refusals


def forget_result(row: MailConfigRow, now: datetime) -> None:
    """What was learnt of the old way says nothing of the new one, which is checked soon."""
    row.last_code = row.last_at = row.last_good_at = None
    row.check_at = now
    write_health(row, mended(health_of(row)))
    write_pace(row, NORMAL)
