"""PostgreSQL finds a subtree by its index: paths are compared byte by byte, whatever the language of the server."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("tenants", "path", type_=sa.String(255, collation="C"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("tenants", "path", type_=sa.String(255))
