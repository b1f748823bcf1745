"""Knows how an empty portal begins: its root company and whoever owns it."""

import click
from flask.cli import with_appcontext

from portal.cli.database import migrate
from portal.cli.naming import services
from portal.cli.refusals import RefusedError
from portal.domain.errors import ConflictError
from portal.i18n import gettext as _
from portal.services.tenants import FirstOwner


@click.command
@click.option("--tenant-name", required=True, help="The company at the top of the tree.")
@click.option("--email", required=True, help="The address of its first owner.")
@click.option("--name", required=True, help="The name of its first owner.")
@with_appcontext
def setup(tenant_name: str, email: str, name: str) -> None:
    """Begin: create the company at the top and its first owner, and print a link for him to sign in."""
    migrate()
    try:
        tenant, link = services().tenants.set_up_with_owner(name=tenant_name, owner=FirstOwner(email, name))
    except ConflictError:
        raise RefusedError(_("This portal is set up already. See: flask --app wsgi portal tenants")) from None
    click.echo(_("%(company)s is set up. %(name)s signs in with this link, once:", company=tenant.name, name=name))
    click.echo(link)
