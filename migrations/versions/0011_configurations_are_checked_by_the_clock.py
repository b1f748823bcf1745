"""Configurations are checked by the clock, and remember when they worked last."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_good_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("check_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE mail_configs SET check_at = updated_at")
    op.execute("UPDATE mail_configs SET last_good_at = last_at WHERE last_code = 'ok'")
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.alter_column("check_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index("ix_mail_configs_check_at", ["check_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_configs_check_at")
        batch_op.drop_column("check_at")
        batch_op.drop_column("last_good_at")
