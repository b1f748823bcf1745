"""Tests keep a password, for an hour, sealed to each destination on the same host that they may propose."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trials", sa.Column("alternatives", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("trials", "alternatives")
