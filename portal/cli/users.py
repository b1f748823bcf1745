"""Knows how the operator lets people in: new ones, and those whose own mail does not work."""

import click

from portal.cli.naming import operator, services, tenant_named
from portal.cli.refusals import PortalGroup, RefusedError
from portal.domain.addresses import address_key
from portal.domain.errors import NotFoundError
from portal.domain.people import User
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.i18n import gettext as _

users = PortalGroup("users", help="Let people in.")


@users.command()
@click.option(
    "--tenant", required=True, help="The company: its id, or the names on the way, as in “Pia Cloud/Rex Hosting”."
)
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option(
    "--password",
    prompt=True,
    prompt_required=False,
    hide_input=True,
    confirmation_prompt=True,
    help="Ask for a password; without it a link is printed with which the person chooses one.",
)
def add(tenant: str, email: str, name: str, role: str, password: str | None) -> None:
    """Give somebody an account."""
    user = services().accounts.add(
        tenant_named(tenant).id,
        email=email,
        name=name,
        role=Role(role),
        password=Secret(password) if password is not None else None,
    )
    click.echo(_("%(name)s has an account: %(email)s", name=user.name, email=user.email))
    if password is None:
        click.echo(services().invitations.link_for(user.id))


@users.command()
@click.option("--tenant", required=True, help="The company: its id, or the names on the way.")
@click.option("--email", required=True)
def link(tenant: str, email: str) -> None:
    """Print a link with which somebody chooses a password, for when no mail reaches him."""
    click.echo(services().invitations.link_for(_person(tenant, email).id))


@users.command()
@click.option("--tenant", required=True, help="The company: its id, or the names on the way.")
@click.option("--email", required=True)
def remove_second_factor(tenant: str, email: str) -> None:
    """Take a lost second factor from somebody, after you made sure whom you talk to."""
    user = _person(tenant, email)
    try:
        services().security.second_factors.remove_by_operator(user.id)
    except NotFoundError:
        raise RefusedError(_("%(name)s has no second factor.", name=user.name)) from None
    click.echo(_("%(name)s has no second factor any more, and every session is ended.", name=user.name))


def _person(tenant: str, email: str) -> User:
    company = tenant_named(tenant)
    people = services().invitations.people(operator(), company.id)
    found = [user for user in people if address_key(user.email) == address_key(email.strip())]
    if not found:
        raise RefusedError(_("Nobody in %(company)s has the address %(email)s.", company=company.name, email=email))
    return found[0]
