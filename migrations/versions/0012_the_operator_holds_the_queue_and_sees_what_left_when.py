"""The operator holds the whole queue, and sees what left when."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_holds")),
    )
    op.create_index("ix_attempts_finished", "attempts", ["finished_at", "code"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_attempts_finished", table_name="attempts")
    op.drop_table("queue_holds")
