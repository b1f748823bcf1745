"""People are found by name in any spelling, configurations keep a pace, and it is known who typed a password last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_key", sa.String(length=360), nullable=False, server_default=""))
    _write_keys()
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.alter_column("name_key", existing_type=sa.String(length=360), server_default=None)
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("per_minute", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("password_changed_by", sa.String(length=20), nullable=True))
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.alter_column("per_minute", existing_type=sa.Integer(), server_default=None)
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index("ix_attempts_config_started", ["config_id", "started_at"], unique=False)


def _write_keys() -> None:
    """In Python, because no database folds the case of every alphabet."""
    users = sa.table("users", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("name_key"))
    connection = op.get_bind()
    for user_id, name in connection.execute(sa.select(users.c.id, users.c.name)).all():
        connection.execute(users.update().where(users.c.id == user_id).values(name_key=name.casefold()))


def downgrade() -> None:
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_attempts_config_started")
    with op.batch_alter_table("mail_configs", schema=None) as batch_op:
        batch_op.drop_column("password_changed_by")
        batch_op.drop_column("password_changed_at")
        batch_op.drop_column("per_minute")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("name_key")
