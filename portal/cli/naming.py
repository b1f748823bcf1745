"""Knows how a company is named on the command line: by its id, or by the names on the way down to it."""

from contextlib import suppress
from typing import cast
from uuid import UUID

from flask import current_app

from portal.cli.database import ensure_migrated
from portal.cli.refusals import RefusedError
from portal.domain.errors import NotFoundError
from portal.domain.ids import TenantId, UserId
from portal.domain.roles import Actor, Permission, Role
from portal.domain.tenancy import Tenant
from portal.domain.tree import Branch
from portal.i18n import gettext as _
from portal.services import Services


def services() -> Services:
    return cast("Services", current_app.extensions["portal.services"])


def operator() -> Actor:
    """Whoever has the command line sees what the root's owner sees. Raises RefusedError in an empty portal."""
    ensure_migrated()
    root = services().tenants.find_root()
    if root is None:
        raise RefusedError(_("This portal is empty. Set it up first: flask --app wsgi portal setup --help"))
    return Actor(UserId(UUID(int=0)), root, Role.OWNER, "", _("the operator"))


def whole_tree() -> Branch:
    """Raises RefusedError in an empty portal."""
    actor = operator()
    return services().tenants.tree(actor, actor.tenant.id)


def tenant_named(text: str) -> Tenant:
    """The company with this id, or at this path such as `Pia Cloud/Rex Hosting`. Raises RefusedError."""
    actor = operator()
    with suppress(ValueError, NotFoundError):
        return services().tenants.get(actor, TenantId(UUID(text)), Permission.VIEW_TREE)
    found = services().tenants.find_named(actor, text)
    if found is None:
        raise RefusedError(_("There is no company “%(text)s”. See: flask --app wsgi portal tenants", text=text))
    return found


def user_of(company: Tenant, email: str) -> UserId:
    """Whoever of a company's people has this address. Raises RefusedError."""
    found = services().users.find_by_email(operator(), company.id, email)
    if found is None:
        raise RefusedError(_("Nobody in %(company)s has the address “%(email)s”.", company=company.name, email=email))
    return found.id
