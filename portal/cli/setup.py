"""Knows how an empty portal begins: its root company and whoever owns it."""

import click
from flask.cli import with_appcontext

from portal.cli.database import migrate
from portal.cli.naming import services
from portal.cli.refusals import RefusedError
from portal.domain.errors import ConflictError
from portal.domain.roles import Role
from portal.i18n import gettext as _
from portal.services.people import ensure_person


@click.command
@click.option("--tenant-name", required=True, help="The company at the top of the tree.")
@click.option("--email", required=True, help="The address of its first owner.")
@click.option("--name", required=True, help="The name of its first owner.")
@with_appcontext
def setup(tenant_name: str, email: str, name: str) -> None:
    """Begin: create the company at the top and its first owner, and print a link for him to sign in."""
    # Judged before anything is written: a root without an owner would lock everybody out.
    address, called = ensure_person(email, name)
    migrate()
    try:
        tenant = services().tenants.set_up(name=tenant_name)
    except ConflictError:
        raise RefusedError(_("This portal is set up already. See: flask --app wsgi portal tenants")) from None
    owner = services().accounts.add(tenant.id, email=address, name=called, role=Role.OWNER, password=None)
    click.echo(
        _("%(company)s is set up. %(name)s signs in with this link, once:", company=tenant.name, name=owner.name)
    )
    click.echo(services().invitations.link_for(owner.id))
