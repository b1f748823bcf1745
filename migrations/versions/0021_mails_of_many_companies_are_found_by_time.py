"""Among very many companies mails are found by their time, and children and paused configurations are soon counted.

Whoever has a parent is found by the names of its children as well as by the index that goes. On PostgreSQL the scope
of the provider holds everything, which is now said instead of being looked up company by company; and whoever asks for
companies by their parents or ids is not led astray to the index of paths, of which PostgreSQL thinks that it finds few.
What is shown stays the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SCOPE = "current_setting('portal.scope', true)"
# The path of a company is a label with a dot for each level, so that of the provider alone has one dot.
_SEES_ALL = f"{_SCOPE} = 'system' OR {_SCOPE} ~ '^[^.]+[.]$'"
_SEES_ALL_BEFORE = f"{_SCOPE} = 'system'"
_BELOW = "tenants.path >= (SELECT portal_from()) AND tenants.path < (SELECT portal_until())"


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
    _wall(_SEES_ALL, of_companies=f"(SELECT portal_sees_all()) OR ({_BELOW})")


def downgrade() -> None:
    _wall(_SEES_ALL_BEFORE, of_companies=_BELOW)
    op.drop_index("ix_tenants_open", table_name="tenants")
    op.create_index("ix_tenants_parent_id", "tenants", ["parent_id"])
    op.drop_index("ix_mail_configs_paused", table_name="mail_configs")
    op.drop_index("ix_messages_created", table_name="messages")


def _wall(sees_all: str, *, of_companies: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION portal_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE"
        f" AS $$ SELECT {sees_all} $$"
    )
    op.execute(f"ALTER POLICY own ON tenants USING ({of_companies})")
