"""Everybody who looks at a tree asks which configurations fail: these few are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_mail_configs_failing",
        "mail_configs",
        ["tenant_id"],
        sqlite_where=sa.text("known_to_fail = 1"),
        postgresql_where=sa.text("known_to_fail"),
    )


def downgrade() -> None:
    op.drop_index("ix_mail_configs_failing", table_name="mail_configs")
