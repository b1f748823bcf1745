"""The newest mails of a large branch are found by their time, and paused configurations by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_messages_created", "messages", ["created_at"])
    op.create_index(
        "ix_mail_configs_paused",
        "mail_configs",
        ["paused_until"],
        sqlite_where=sa.text("paused_until IS NOT NULL"),
        postgresql_where=sa.text("paused_until IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_mail_configs_paused", table_name="mail_configs")
    op.drop_index("ix_messages_created", table_name="messages")
