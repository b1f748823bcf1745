"""Companies word their own mails: templates, the domains of their senders, and the language of their mails."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("published", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_templates_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        sa.UniqueConstraint("tenant_id", "purpose", "language", name=op.f("uq_templates_tenant_id_purpose_language")),
    )
    op.add_column("tenants", sa.Column("sender_domains", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("tenants", sa.Column("mail_language", sa.String(length=10), nullable=True))


def downgrade() -> None:
    op.drop_column("tenants", "mail_language")
    op.drop_column("tenants", "sender_domains")
    op.drop_table("templates")
