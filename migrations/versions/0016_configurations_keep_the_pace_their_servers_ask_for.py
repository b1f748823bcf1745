"""Configurations remember refused senders in a row, and how fast their server lets them go for now."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refusals", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column("slowed_to", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("full_speed", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("slowed_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.alter_column("refusals", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.drop_column("slowed_at")
        batch_op.drop_column("full_speed")
        batch_op.drop_column("slowed_to")
        batch_op.drop_column("refusals")
