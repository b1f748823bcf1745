"""Knows how the operator looks at the names that companies ask for, approves them, and takes them away."""

import click
from flask.cli import with_appcontext

from portal.cli.database import ensure_migrated
from portal.cli.naming import services
from portal.cli.refusals import RefusedError
from portal.domain.brand_hosts import BrandHost
from portal.domain.errors import InvalidError
from portal.i18n import gettext as _


@click.group()
def hosts() -> None:
    """Look after the names under which companies want this portal to answer."""


@hosts.command("list")
@click.option("--served", is_flag=True, help="Only the names that are answered, one a line, for scripts.")
@with_appcontext
def list_(*, served: bool) -> None:
    """Print every name that was asked for, those that wait first."""
    ensure_migrated()
    for host in services().brand_hosts.everybodys(None):
        if not served:
            click.echo(f"{_state(host):<9}  {host.name}  ({host.company})  {host.id}")
        elif host.is_served:
            click.echo(host.name)


@hosts.command
@click.argument("host")
@with_appcontext
def approve(host: str) -> None:
    """Let the portal answer to HOST: a name, or an id where several companies ask for the same name."""
    try:
        name = services().brand_hosts.approve(None, _found(host).id)
    except InvalidError as refused:
        company = refused.problems[0].values.get("company")
        if company is None:
            raise RefusedError(_("This is the portal's own name. Refuse it.")) from None
        raise RefusedError(_("%(company)s has this name. Take it away there first.", company=company)) from None
    click.echo(_("The portal answers to %(name)s now.", name=name))


@hosts.command
@click.argument("host")
@with_appcontext
def refuse(host: str) -> None:
    """Do not give HOST (a name, or an id), or take it away: the portal stops answering to it within seconds."""
    name = services().brand_hosts.refuse(None, _found(host).id)
    click.echo(_("The portal does not answer to %(name)s.", name=name))


def _found(text: str) -> BrandHost:
    """Raises RefusedError where nobody asked for it, or several did."""
    ensure_migrated()
    found = [each for each in services().brand_hosts.everybodys(None) if text.lower() in {each.name, str(each.id)}]
    if not found:
        raise RefusedError(_("Nobody asked for “%(text)s”. See: flask --app wsgi portal hosts list", text=text))
    if len(found) > 1:
        raise RefusedError(_("Several companies ask for this name. Say the id: portal hosts list"))
    return found[0]


def _state(host: BrandHost) -> str:
    if not host.is_served:
        return _("waits")
    return _("moved") if host.is_flagged else _("in use")
