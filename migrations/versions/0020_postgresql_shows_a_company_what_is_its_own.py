"""PostgreSQL shows a transaction the rows of its scope and no others: row-level security, the second wall.

The scope is the path of a company (`portal_enter`) or the word `system`. Where nobody set one there are no rows.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OF_A_TENANT = (
    "audit_events", "audit_heads", "brand_hosts", "brandings", "contacts", "destinations", "invoices", "mail_configs", "memberships", "messages",
    "profiles", "templates", "trials", "users",
)  # fmt: skip
_OF_A_USER = ("browsers", "half_sign_ins", "one_time_links", "recovery_codes", "second_factors", "sign_ins")
_OF_A_MESSAGE = ("attempts", "recipients")

_SCOPE = "current_setting('portal.scope', true)"
# A path is digits, small letters and dots, all of which stand before a tilde: what is below one lies between the two.
# A subselect is asked once in a statement, not once for every row.
_BELOW = "tenants.path >= (SELECT portal_from()) AND tenants.path < (SELECT portal_until())"
_ABOVE = "tenants.path = ANY ((SELECT portal_above())::text[])"

_FUNCTIONS = {
    "portal_sees_all() RETURNS boolean": f"SELECT {_SCOPE} = 'system'",
    "portal_from() RETURNS text": f"SELECT CASE {_SCOPE} WHEN 'system' THEN '' WHEN '' THEN NULL ELSE {_SCOPE} END",
    "portal_until() RETURNS text": (
        f"SELECT CASE {_SCOPE} WHEN 'system' THEN '~' WHEN '' THEN NULL ELSE {_SCOPE} || '~' END"
    ),
    # '1.2.3.' stands below '1.' and '1.2.'.
    "portal_above() RETURNS text[]": (
        f"SELECT array_agg(left({_SCOPE}, n)) FROM generate_series(1, length({_SCOPE})) AS n"  # noqa: S608 - ours
        f" WHERE substr({_SCOPE}, n, 1) = '.'"
    ),
    "portal_looks_up() RETURNS boolean": "SELECT current_setting('portal.looks_up', true) = 'on'",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, body in _FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name} LANGUAGE sql STABLE PARALLEL SAFE AS $$ {body} $$")
    op.execute(
        "CREATE FUNCTION portal_enter(company uuid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM set_config('portal.scope', 'system', true);"
        " PERFORM set_config('portal.scope', coalesce((SELECT path FROM tenants WHERE id = company), ''), true);"
        " END $$"
    )
    for table, condition in _own().items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({condition})")  # of writing, too
    for table, condition in _inherited().items():
        op.execute(f"CREATE POLICY inherited ON {table} FOR SELECT USING ({condition})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _inherited():
        op.execute(f"DROP POLICY inherited ON {table}")
    for table in _own():
        op.execute(f"DROP POLICY own ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION portal_enter(uuid)")
    for name in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {name.partition(' ')[0]}")


def _own() -> dict[str, str]:
    """What lies in the scope, to be read and to be written, by table."""

    def reachable(by: str) -> str:
        return f"(SELECT portal_sees_all()) OR EXISTS (SELECT 1 FROM {by})"  # noqa: S608 - ours

    of_tenant = {t: reachable(f"tenants WHERE tenants.id = {t}.tenant_id AND {_BELOW}") for t in _OF_A_TENANT}
    # These lean on the policy of the table that they ask.
    of_user = {table: reachable(f"users WHERE users.id = {table}.user_id") for table in _OF_A_USER}
    of_message = {table: reachable(f"messages WHERE messages.id = {table}.message_id") for table in _OF_A_MESSAGE}
    return {"tenants": _BELOW, **of_tenant, **of_user, **of_message}


def _inherited() -> dict[str, str]:
    """What else of the companies above is read: who they are; and, where it is asked for, what they hand down."""

    def handed_down(table: str, condition: str) -> str:
        above = f"SELECT 1 FROM tenants WHERE tenants.id = {table}.tenant_id AND {_ABOVE}"  # noqa: S608 - ours
        return f"(SELECT portal_looks_up()) AND EXISTS ({above} AND {condition})"

    return {
        "tenants": _ABOVE,
        "mail_configs": handed_down("mail_configs", "tenants.active_config_id = mail_configs.id"),
        "templates": handed_down("templates", "templates.published IS NOT NULL"),
        "brandings": handed_down("brandings", "true"),
        "brand_hosts": handed_down("brand_hosts", "brand_hosts.approved_at IS NOT NULL"),
    }
