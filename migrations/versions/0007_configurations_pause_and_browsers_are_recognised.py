"""Configurations that fail are paused, mails may report on one, and browsers are recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("known_to_fail", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.alter_column("failures", existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column("known_to_fail", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about_config_id", sa.Uuid(), nullable=True))
    op.create_table(
        "browsers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mark_hash", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_browsers_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browsers")),
        sa.UniqueConstraint("user_id", "mark_hash", name=op.f("uq_browsers_user_id_mark_hash")),
    )
    op.create_index("ix_browsers_seen_at", "browsers", ["seen_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_browsers_seen_at", table_name="browsers")
    op.drop_table("browsers")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("about_config_id")
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.drop_column("known_to_fail")
        batch_op.drop_column("paused_until")
        batch_op.drop_column("failures")
