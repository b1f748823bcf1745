"""A mail says when it is due, so that the next one is found without a look at all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE messages SET due_at = (SELECT min(recipients.next_at) FROM recipients"
        " WHERE recipients.message_id = messages.id AND recipients.state IN ('queued', 'deferred'))"
        " WHERE owner IS NULL"
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_owner")
    op.create_index(
        "ix_messages_due",
        "messages",
        ["lane", "tenant_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_messages_owner",
        "messages",
        ["owner"],
        unique=False,
        sqlite_where=sa.text("owner IS NOT NULL"),
        postgresql_where=sa.text("owner IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_owner", table_name="messages")
    op.drop_index("ix_messages_due", table_name="messages")
    op.create_index("ix_messages_owner", "messages", ["owner"], unique=False)
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("due_at")
