"""Knows which requests are graver than their address says: about what others inherit, and those that make owners."""

from flask import request

from portal.domain.ids import ConfigId, UserId
from portal.domain.roles import Role
from portal.web.identity import current_actor, current_tenant, services


def others_inherit_it() -> bool:
    """Whether the configuration in the address serves companies below. Raises NotFoundError."""
    config_id = ConfigId((request.view_args or {})["config_id"])
    return services().mail_passwords.is_inherited(current_actor(), current_tenant().id, config_id)


def replaces_what_others_inherit() -> bool:
    """Whether a configuration that serves companies below gets another password. Raises NotFoundError."""
    return bool(request.form.get("password")) and others_inherit_it()


def invites_an_owner() -> bool:
    return request.form.get("role") == Role.OWNER.value


def makes_an_owner() -> bool:
    """Whether the person in the address becomes an owner. Raises NotFoundError."""
    user_id = UserId((request.view_args or {})["user_id"])
    user = services().users.get(current_actor(), current_tenant().id, user_id)
    return invites_an_owner() and user.role is not Role.OWNER
