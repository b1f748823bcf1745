"""PostgreSQL asks who stands where only for rows that neither the system nor their own company asks for.

Until now each statement carried the whole question along, made ready and thrown away although delivery never puts it:
half of what the server did for a mail. Now a policy holds two values, known once in a statement, and a function for the
rest. It returns an id or nothing, because of `IS NOT NULL` PostgreSQL thinks that it hides nothing, and plans as if
there were no wall. What is shown, and taken, stays the same.

An index of recipients by mail alone goes: the one of mail and address finds them as well. What is sealed cannot be
compressed, and nobody tries any more.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OF_A_TENANT = (
    "audit_events", "audit_heads", "brand_hosts", "brandings", "contacts", "destinations", "invoices", "mail_configs", "memberships", "messages",
    "profiles", "templates", "trials", "users",
)  # fmt: skip
_OF_A_USER = ("browsers", "half_sign_ins", "one_time_links", "recovery_codes", "second_factors", "sign_ins")
_OF_A_MESSAGE = ("attempts", "recipients")
_SEALED = ("content", "sealed_bytes")

_SEES_ALL = "(SELECT portal_sees_all())"
_SCOPE = "(SELECT portal_scope())"
_PLAIN = {
    "portal_sees_all() RETURNS boolean": "current_setting('portal.scope', true) = 'system'",
    # After a transaction its settings are empty, not absent; and everything begins with what is empty.
    "portal_scope() RETURNS text": "nullif(current_setting('portal.scope', true), '')",
    "portal_company() RETURNS uuid": "nullif(current_setting('portal.company', true), '')::uuid",
}
# A function of its own language is no part of the statement that calls it, so that has nothing to make ready.
_ASKING = {
    "portal_own_company(company uuid) RETURNS uuid": "SELECT id FROM tenants WHERE id = company AND starts_with(path, portal_scope())",
    "portal_own_user(person uuid) RETURNS uuid": "SELECT id FROM users WHERE id = person",
    "portal_own_mail(mail uuid) RETURNS uuid": "SELECT id FROM messages WHERE id = mail",
    "portal_above(company uuid) RETURNS uuid": "SELECT id FROM tenants WHERE id = company AND starts_with(portal_scope(), path)",
    "portal_selected_above(company uuid) RETURNS uuid": "SELECT active_config_id FROM tenants WHERE id = company AND starts_with(portal_scope(), path)",
}  # fmt: skip
_ENTER = (
    "set_config('portal.scope', coalesce(max(CASE WHEN parent_id IS NULL THEN 'system' ELSE path END), ''), true),"
    " set_config('portal.company', coalesce(max(id::text), ''), true) FROM tenants WHERE id = company"
)


def upgrade() -> None:
    op.drop_index("ix_recipients_message_id", table_name="recipients")
    if op.get_bind().dialect.name != "postgresql":
        return
    for column in _SEALED:
        op.execute(f"ALTER TABLE messages ALTER COLUMN {column} SET STORAGE EXTERNAL")
    for head, value in _PLAIN.items():
        op.execute(f"CREATE OR REPLACE FUNCTION {head} LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT {value} $$")
    for head, query in _ASKING.items():
        op.execute(
            f"CREATE FUNCTION {head} LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 AS $$ BEGIN RETURN ({query}); END $$"
        )
    _say_scope(_ENTER)
    for table, condition in {**_own(), "tenants": f"{_SEES_ALL} OR starts_with(tenants.path, {_SCOPE})"}.items():
        op.execute(f"ALTER POLICY own ON {table} USING ({condition})")
    for table, condition in _inherited().items():
        op.execute(f"ALTER POLICY inherited ON {table} USING ({condition})")
    for name in ("portal_from", "portal_until", "portal_above"):
        op.execute(f"DROP FUNCTION {name}()")
    op.execute(
        "CREATE FUNCTION portal_ensure_one(touched bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
        " IF touched <> 1 THEN RAISE EXCEPTION 'the one row is not there any more' USING ERRCODE = 'RT001'; END IF;"
        " END $$"
    )


def downgrade() -> None:
    op.create_index("ix_recipients_message_id", "recipients", ["message_id"])
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP FUNCTION portal_ensure_one(bigint)")
    for column in _SEALED:
        op.execute(f"ALTER TABLE messages ALTER COLUMN {column} SET STORAGE EXTENDED")
    for head, value in _FORMERLY.items():
        op.execute(f"CREATE OR REPLACE FUNCTION {head} LANGUAGE sql STABLE PARALLEL SAFE AS $$ {value} $$")
    _say_scope("set_config('portal.scope', coalesce((SELECT path FROM tenants WHERE id = company), ''), true)")
    for table, condition in _formerly_own().items():
        op.execute(f"ALTER POLICY own ON {table} USING ({condition})")
    for table, condition in _formerly_inherited().items():
        op.execute(f"ALTER POLICY inherited ON {table} USING ({condition})")
    for head in (*_ASKING, "portal_scope() RETURNS text", "portal_company() RETURNS uuid"):
        op.execute(f"DROP FUNCTION {head.partition(' RETURNS')[0]}")


def _say_scope(telling: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION portal_enter(company uuid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
        f" PERFORM set_config('portal.scope', 'system', true); PERFORM {telling}; END $$"
    )


def _own() -> dict[str, str]:
    """What lies in the scope, to be read and to be written, by table."""
    own = f"{_SEES_ALL} OR tenant_id = (SELECT portal_company()) OR portal_own_company(tenant_id) IS NOT NULL"
    return {
        **dict.fromkeys(_OF_A_TENANT, own),
        # These lean on the policy of the table that the function asks.
        **dict.fromkeys(_OF_A_USER, f"{_SEES_ALL} OR portal_own_user(user_id) IS NOT NULL"),
        **dict.fromkeys(_OF_A_MESSAGE, f"{_SEES_ALL} OR portal_own_mail(message_id) IS NOT NULL"),
    }


def _inherited() -> dict[str, str]:
    """What else of the companies above is read: who they are; and, where it is asked for, what they hand down."""
    looks_up, stands_above = "(SELECT portal_looks_up())", "portal_above(tenant_id) IS NOT NULL"
    return {
        "tenants": f"starts_with({_SCOPE}, tenants.path)",
        "mail_configs": f"{looks_up} AND portal_selected_above(tenant_id) = id",
        "templates": f"{looks_up} AND published IS NOT NULL AND {stands_above}",
        "brandings": f"{looks_up} AND {stands_above}",
        "brand_hosts": f"{looks_up} AND approved_at IS NOT NULL AND {stands_above}",
    }


_SETTING = "current_setting('portal.scope', true)"
_BELOW = "tenants.path >= (SELECT portal_from()) AND tenants.path < (SELECT portal_until())"
_ABOVE = "tenants.path = ANY ((SELECT portal_above())::text[])"
_FORMERLY = {
    "portal_sees_all() RETURNS boolean": f"SELECT {_SETTING} = 'system' OR {_SETTING} ~ '^[^.]+[.]$'",
    "portal_from() RETURNS text": f"SELECT CASE {_SETTING} WHEN 'system' THEN '' WHEN '' THEN NULL ELSE {_SETTING} END",
    "portal_until() RETURNS text": (
        f"SELECT CASE {_SETTING} WHEN 'system' THEN '~' WHEN '' THEN NULL ELSE {_SETTING} || '~' END"
    ),
    "portal_above() RETURNS text[]": (
        f"SELECT array_agg(left({_SETTING}, n)) FROM generate_series(1, length({_SETTING})) AS n"  # noqa: S608 - ours
        f" WHERE substr({_SETTING}, n, 1) = '.'"
    ),
}


def _formerly_own() -> dict[str, str]:
    def reachable(by: str) -> str:
        return f"{_SEES_ALL} OR EXISTS (SELECT 1 FROM {by})"  # noqa: S608 - ours

    return {
        "tenants": f"{_SEES_ALL} OR ({_BELOW})",
        **{table: reachable(f"tenants WHERE tenants.id = {table}.tenant_id AND {_BELOW}") for table in _OF_A_TENANT},
        **{table: reachable(f"users WHERE users.id = {table}.user_id") for table in _OF_A_USER},
        **{table: reachable(f"messages WHERE messages.id = {table}.message_id") for table in _OF_A_MESSAGE},
    }


def _formerly_inherited() -> dict[str, str]:
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
