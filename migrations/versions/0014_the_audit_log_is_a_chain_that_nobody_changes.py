"""The audit log is a chain that nobody changes: numbered by company, and the database refuses what would alter it.

Events that were there before are numbered here and get their hashes from the application, which has the key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SAID = "id, at, actor_id, actor_name, impersonator_id, event, subject_id, subject_name, fields"
_SAYS = (
    "id", "at", "actor_id", "actor_name", "impersonator_id", "impersonator_name", "event", "subject_id", "subject_name",
    "fields",
)  # fmt: skip


def upgrade() -> None:
    _set_aside(f"row_number() OVER (PARTITION BY tenant_id ORDER BY number) AS sequence, {_SAID}")
    op.create_table(
        "audit_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=True),
        sa.Column("impersonator_id", sa.Uuid(), nullable=True),
        sa.Column("impersonator_name", sa.String(length=120), nullable=True),
        sa.Column("event", sa.String(length=60), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject_name", sa.String(length=320), nullable=True),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.Column("key_name", sa.String(length=32), nullable=True),
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_events_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_events_id")),
    )
    _bring_back(f"tenant_id, sequence, {_SAID}", _SAID)
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    unchained = {f"{dialect}_where": sa.text("hash IS NULL") for dialect in ("sqlite", "postgresql")}
    op.create_index("ix_audit_events_unchained", "audit_events", ["tenant_id"], unique=False, **unchained)
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("adopted", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("fold", sa.LargeBinary(), nullable=False),
        sa.Column("key_name", sa.String(length=32), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_heads_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_heads")),
    )
    op.create_index("ix_audit_heads_key_name", "audit_heads", ["key_name"], unique=False)
    _guard()


def downgrade() -> None:
    """What has expired has nothing left to be taken along."""
    op.drop_table("audit_heads")
    _set_aside(f"row_number() OVER (ORDER BY at, tenant_id, sequence) AS number, {_SAID}", "WHERE event IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_audit_log")
    op.create_table(
        "audit_events",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("impersonator_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject_name", sa.String(length=320), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_events_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_events_id")),
    )
    _bring_back(f"number, tenant_id, {_SAID}", _SAID, fields="JSON")
    op.create_index("ix_audit_events_tenant_id", "audit_events", ["tenant_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('audit_events', 'number'), coalesce(max(number), 0) + 1, false)"
            " FROM audit_events"
        )


def _set_aside(columns: str, which: str = "") -> None:
    """The table is made anew under its own name, and so are its keys: on PostgreSQL their names must be free again."""
    op.execute(f"CREATE TEMPORARY TABLE audit_events_before AS SELECT tenant_id, {columns} FROM audit_events {which}")  # noqa: S608 - ours
    op.drop_table("audit_events")


def _bring_back(columns: str, said: str, *, fields: str = "TEXT") -> None:
    """On SQLite both types are text, and a cast to a type that it does not know would make a number of it."""
    chosen = columns
    if op.get_bind().dialect.name == "postgresql":
        chosen = columns.replace(said, said.replace("fields", f"CAST(fields AS {fields})"))
    op.execute(f"INSERT INTO audit_events ({columns}) SELECT {chosen} FROM audit_events_before")  # noqa: S608 - ours
    op.execute("DROP TABLE audit_events_before")


# An event is written once. Two changes are let through: retention leaves of a chained event nothing but its hash, and
# an event from before the chain gets its hash.
def _allowed(same: str) -> str:
    def kept(*names: str) -> str:
        return " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in names)

    emptied = " AND ".join(f"NEW.{name} IS NULL" for name in (*_SAYS, "key_name", "seal"))
    place = kept("tenant_id", "sequence")
    expires = f"OLD.hash IS NOT NULL AND {kept('hash')} AND {emptied}"
    is_adopted = f"OLD.hash IS NULL AND NEW.hash IS NOT NULL AND {kept(*_SAYS)}"
    return f"({place} AND (({expires}) OR ({is_adopted})))"


_GOES_BACK = "NEW.tenant_id <> OLD.tenant_id OR NEW.sequence < OLD.sequence OR NEW.expired < OLD.expired"


def _guard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgres()
    else:
        _guard_on_sqlite()


def _guard_on_sqlite() -> None:
    refusal = "BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END"
    # REPLACE deletes without asking the trigger for DELETE, so the place of an event must not be taken twice.
    taken = "EXISTS (SELECT 1 FROM {0} WHERE {1})"
    event_taken = taken.format("audit_events", "tenant_id = NEW.tenant_id AND sequence = NEW.sequence OR id = NEW.id")
    head_taken = taken.format("audit_heads", "tenant_id = NEW.tenant_id")
    for name, when, table, condition in (
        ("audit_events_stay", "UPDATE", "audit_events", f"NOT {_allowed('IS')}"),
        ("audit_events_last", "DELETE", "audit_events", "1"),
        ("audit_events_once", "INSERT", "audit_events", event_taken),
        ("audit_heads_stay", "UPDATE", "audit_heads", _GOES_BACK),
        ("audit_heads_last", "DELETE", "audit_heads", "1"),
        ("audit_heads_once", "INSERT", "audit_heads", head_taken),
    ):
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN {condition} {refusal}")


def _guard_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit log is never changed'; END $$"
    )
    for name, when, table, rest in (
        ("audit_events_stay", "UPDATE", "audit_events", f"FOR EACH ROW WHEN (NOT {_allowed('IS NOT DISTINCT FROM')})"),
        ("audit_events_last", "DELETE", "audit_events", "FOR EACH ROW"),
        ("audit_events_all", "TRUNCATE", "audit_events", "FOR EACH STATEMENT"),
        ("audit_heads_stay", "UPDATE", "audit_heads", f"FOR EACH ROW WHEN ({_GOES_BACK})"),
        ("audit_heads_last", "DELETE", "audit_heads", "FOR EACH ROW"),
        ("audit_heads_all", "TRUNCATE", "audit_heads", "FOR EACH STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} {rest} EXECUTE FUNCTION refuse_change_of_audit_log()"
        )
