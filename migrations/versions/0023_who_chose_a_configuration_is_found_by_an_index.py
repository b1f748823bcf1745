"""Who chose a configuration, and who did not, is found in the order of the tree; mails are counted without being read.

The filters of the tree walk through an index that holds nobody else, and the overview finds the recipients of a day's
mails by the index that knows the day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_CHOICES = {
    "ix_tenants_own": "active_config_id IS NOT NULL AND status != 'closed'",
    "ix_tenants_default": "active_config_id IS NULL AND status != 'closed'",
}


def upgrade() -> None:
    for name, choice in _CHOICES.items():
        op.create_index(name, "tenants", ["path"], sqlite_where=sa.text(choice), postgresql_where=sa.text(choice))
    op.drop_index("ix_messages_tenant_created", table_name="messages")
    op.create_index("ix_messages_tenant_created", "messages", ["tenant_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_messages_tenant_created", table_name="messages")
    op.create_index("ix_messages_tenant_created", "messages", ["tenant_id", "created_at"])
    for name in _CHOICES:
        op.drop_index(name, table_name="tenants")
