"""Knows who may do what: one table of grants, and the rule that what is foreign does not exist."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.domain.errors import ForbiddenError, NotFoundError, SuspendedError
from portal.domain.ids import UserId
from portal.domain.tenancy import Tenant


class Role(StrEnum):
    OWNER = "owner"
    STAFF = "staff"
    CUSTOMER = "customer"


class Permission(StrEnum):
    """resource:action"""

    VIEW_TREE = "tree:view"
    CREATE_TENANT = "tenant:create"
    EDIT_TENANT = "tenant:edit"
    SUSPEND_TENANT = "tenant:suspend"
    CLOSE_TENANT = "tenant:close"
    MOVE_TENANT = "tenant:move"
    VIEW_CONFIGS = "mail-config:view"
    EDIT_CONFIGS = "mail-config:edit"
    SELECT_CONFIG = "mail-config:select"
    TEST_CONFIGS = "mail-config:test"
    VIEW_TEMPLATES = "mail-template:view"
    EDIT_TEMPLATES = "mail-template:edit"
    VIEW_CONTACTS = "contact:view"
    EDIT_CONTACTS = "contact:edit"
    SEND_INVOICES = "invoice:send"
    RESEND_MAIL = "mail:resend"
    EXPORT_MAIL_LOG = "mail-log:export"
    VIEW_MAIL_LOG = "mail-log:view"
    VIEW_AUDIT_LOG = "audit-log:view"
    EXPORT_AUDIT_LOG = "audit-log:export"
    VIEW_USERS = "user:view"
    INVITE_USERS = "user:invite"
    EDIT_USERS = "user:edit"
    EDIT_PROFILES = "profile:edit"
    LINK_CONFIGS = "mail-config:link"
    SEND_OWN_TEST = "own-test:send"
    CHANGE_OWN_MAIL_PASSWORD = "own-mail-password:change"  # noqa: S105 - a permission, not a password


_LOOKS = frozenset(
    {
        Permission.VIEW_TREE,
        Permission.VIEW_CONFIGS,
        Permission.VIEW_TEMPLATES,
        Permission.VIEW_CONTACTS,
        Permission.VIEW_MAIL_LOG,
        Permission.VIEW_AUDIT_LOG,
        Permission.VIEW_USERS,
    }
)
_OWN_MAIL = frozenset({Permission.SEND_OWN_TEST, Permission.CHANGE_OWN_MAIL_PASSWORD})
_RUNS_MAIL = frozenset(
    {
        Permission.EDIT_CONFIGS,
        Permission.SELECT_CONFIG,
        Permission.TEST_CONFIGS,
        Permission.LINK_CONFIGS,
        Permission.EDIT_TEMPLATES,
        Permission.EDIT_CONTACTS,
        Permission.RESEND_MAIL,
        Permission.EXPORT_MAIL_LOG,
    }
)
_RUNS_PEOPLE = frozenset(
    {
        Permission.CREATE_TENANT,
        Permission.EDIT_TENANT,
        Permission.INVITE_USERS,
        Permission.EDIT_USERS,
        Permission.EDIT_PROFILES,
        Permission.EXPORT_AUDIT_LOG,
    }
)
_FROM_ABOVE = frozenset(
    {Permission.SUSPEND_TENANT, Permission.CLOSE_TENANT, Permission.MOVE_TENANT, Permission.SEND_INVOICES}
)

# What a role may do in its own tenant …
GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OWNER: _LOOKS | _RUNS_MAIL | _RUNS_PEOPLE | _OWN_MAIL,
        Role.STAFF: (_LOOKS - {Permission.VIEW_AUDIT_LOG}) | _RUNS_MAIL | _OWN_MAIL,
        Role.CUSTOMER: _OWN_MAIL,
    }
)
# … and in the tenants below it.
GRANTS_BELOW: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OWNER: _LOOKS | _RUNS_MAIL | _RUNS_PEOPLE | _FROM_ABOVE,
        Role.STAFF: frozenset(),
        Role.CUSTOMER: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: who he is, where he belongs, as what, and how he wants to be spoken to (see `people.User`)."""

    user_id: UserId
    tenant: Tenant
    role: Role
    email: str
    name: str
    language: str = ""
    zone: str = ""


def is_operator(actor: Actor) -> bool:
    """Whether the actor runs the whole portal: the owner of the company at its root."""
    return actor.tenant.is_root and actor.role is Role.OWNER


def ensure_operator(actor: Actor) -> None:
    """To everybody else what the operator looks after does not exist. Raises NotFoundError."""
    if not is_operator(actor):
        raise NotFoundError


def granted(actor: Actor, tenant: Tenant) -> frozenset[Permission]:
    """Everything the actor may do in a tenant; nothing at all where it is foreign or above."""
    if tenant.id == actor.tenant.id:
        return GRANTS[actor.role]
    if tenant.stands_under(actor.tenant):
        return GRANTS_BELOW[actor.role]
    return frozenset()


def granted_below(actor: Actor) -> frozenset[Permission]:
    """Everything the actor may do in the companies below his own, and so in those below any that he may enter."""
    return GRANTS_BELOW[actor.role]


def ensure_may(actor: Actor, permission: Permission, tenant: Tenant) -> None:
    """Refuse what the tables do not grant.

    Raises NotFoundError where the actor may do nothing at all, ForbiddenError where he may do other things, and
    SuspendedError for writes of somebody whose own tenant is suspended.
    """
    grants = granted(actor, tenant)
    if not grants:
        raise NotFoundError
    if permission not in grants:
        raise ForbiddenError(permission)
    if permission not in _LOOKS and actor.tenant.suspended:
        raise SuspendedError
