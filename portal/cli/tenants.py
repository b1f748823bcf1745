"""Knows how the tree of companies is printed."""

import click
from flask.cli import with_appcontext

from portal.cli.naming import operator, services, tenant_named, whole_tree
from portal.domain.tree import Branch
from portal.i18n import gettext as _


@click.group(invoke_without_command=True)
@click.pass_context
@with_appcontext
def tenants(context: click.Context) -> None:
    """Print the tree of companies with their ids."""
    if context.invoked_subcommand is None:
        _print(whole_tree(), depth=0)


@tenants.command
@click.argument("tenant")
@click.option("--below", required=True, help="The company that is to stand above it from now on.")
@click.option("--yes", is_flag=True, help="Do it. Without this the command only says whose mail would change its way.")
@with_appcontext
def move(tenant: str, below: str, *, yes: bool) -> None:
    """Put TENANT (an id, or the names on the way) and everyone below it under another company."""
    company, parent = tenant_named(tenant), tenant_named(below)
    impact = services().impacts.of_move(operator(), company.id, parent.id)
    click.echo(
        _(
            "Another way for the mail of: companies %(companies)s, people %(people)s, waiting mails %(waiting)s.",
            companies=impact.companies,
            people=impact.people,
            waiting=impact.waiting,
        )
    )
    if not yes:
        click.echo(_("Nothing was moved. Say --yes to do it."))
        return
    services().moving.move(operator(), company.id, parent.id, version=company.version)
    click.echo(_("%(name)s stands below %(parent)s now.", name=company.name, parent=parent.name))


def _print(branch: Branch, *, depth: int) -> None:
    tenant = branch.tenant
    words = [tenant.kind.value.replace("_", "-"), branch.active_name or _("Provider default")]
    if tenant.suspended:
        words.append(_("suspended"))
    click.echo(f"{tenant.id}  {'  ' * depth}{tenant.name}  ({', '.join(words)})")
    for child in branch.branches:
        _print(child, depth=depth + 1)
