"""Companies have a brand, and names of their own under which the portal answers; a session belongs to its name."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brandings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=60), nullable=True),
        sa.Column("accent", sa.String(length=7), nullable=True),
        sa.Column("support", sa.String(length=320), nullable=True),
        sa.Column("privacy", sa.String(length=600), nullable=True),
        sa.Column("terms", sa.String(length=600), nullable=True),
        sa.Column("imprint", sa.String(length=600), nullable=True),
        sa.Column("logo_hash", sa.String(length=32), nullable=True),
        sa.Column("logo_kind", sa.String(length=20), nullable=True),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("starts_afresh", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_brandings_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_brandings")),
    )
    op.create_table(
        "brand_hosts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_brand_hosts_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_hosts")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_brand_hosts_tenant_id_name")),
    )
    op.create_index(
        "uq_brand_hosts_name_approved",
        "brand_hosts",
        ["name"],
        unique=True,
        sqlite_where=sa.text("approved_at IS NOT NULL"),
        postgresql_where=sa.text("approved_at IS NOT NULL"),
    )
    states = op.create_table(
        "brand_states",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_states")),
    )
    op.bulk_insert(states, [{"id": 1, "version": 1}])
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("host", sa.String(length=253), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.alter_column("host", existing_type=sa.String(length=253), server_default=None)


def downgrade() -> None:
    # Without its name a session would be valid under another one.
    op.execute("DELETE FROM sign_ins WHERE host <> ''")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_column("host")
    op.drop_table("brand_states")
    op.drop_index("uq_brand_hosts_name_approved", table_name="brand_hosts")
    op.drop_table("brand_hosts")
    op.drop_table("brandings")
