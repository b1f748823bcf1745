"""People have profiles, and configurations are linked to both."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("linked_config_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")))
        batch_op.create_unique_constraint(batch_op.f("uq_users_tenant_id_id"), ["tenant_id", "id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_users_tenant_id_linked_config_id"),
            "mail_configs",
            ["tenant_id", "linked_config_id"],
            ["tenant_id", "id"],
            ondelete="RESTRICT",
        )
        batch_op.create_index("ix_users_linked_config_id", ["linked_config_id"], unique=False)
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.alter_column("version", existing_type=sa.Integer(), server_default=None)

    op.create_table(
        "profiles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=360), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("linked_config_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_profiles_tenant_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "linked_config_id"],
            ["mail_configs.tenant_id", "mail_configs.id"],
            name=op.f("fk_profiles_tenant_id_linked_config_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_profiles_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name_key", name=op.f("uq_profiles_tenant_id_name_key")),
        sa.UniqueConstraint("tenant_id", "position", name=op.f("uq_profiles_tenant_id_position")),
    )
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.create_index("ix_profiles_linked_config_id", ["linked_config_id"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_memberships_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "profile_id"],
            ["profiles.tenant_id", "profiles.id"],
            name=op.f("fk_memberships_tenant_id_profile_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "profile_id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index("ix_memberships_profile_id", ["profile_id"], unique=False)

    with op.batch_alter_table("trials", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_user_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_trials_for_user_id"), "users", ["for_user_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    with op.batch_alter_table("trials", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_trials_for_user_id"), type_="foreignkey")
        batch_op.drop_column("for_user_id")

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index("ix_memberships_profile_id")

    op.drop_table("memberships")
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.drop_index("ix_profiles_linked_config_id")

    op.drop_table("profiles")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index("ix_users_linked_config_id")
        batch_op.drop_constraint(batch_op.f("fk_users_tenant_id_linked_config_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_users_tenant_id_id"), type_="unique")
        batch_op.drop_column("version")
        batch_op.drop_column("linked_config_id")
