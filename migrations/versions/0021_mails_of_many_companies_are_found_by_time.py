"""Among very many companies mails are found by their time, and children and paused configurations are soon counted.

Whoever has a parent is found by the names of its children as well as by the index that goes.
"""

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
    op.drop_index("ix_tenants_parent_id", table_name="tenants")
    op.create_index(
        "ix_tenants_open",
        "tenants",
        ["parent_id"],
        sqlite_where=sa.text("status != 'closed'"),
        postgresql_where=sa.text("status != 'closed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_tenants_open", table_name="tenants")
    op.create_index("ix_tenants_parent_id", "tenants", ["parent_id"])
    op.drop_index("ix_mail_configs_paused", table_name="mail_configs")
    op.drop_index("ix_messages_created", table_name="messages")
