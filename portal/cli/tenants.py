"""Knows how the tree of companies is printed."""

import click
from flask.cli import with_appcontext

from portal.cli.naming import whole_tree
from portal.domain.tree import Branch
from portal.i18n import gettext as _


@click.command
@with_appcontext
def tenants() -> None:
    """Print the tree of companies with their ids."""
    _print(whole_tree(), depth=0)


def _print(branch: Branch, *, depth: int) -> None:
    tenant = branch.tenant
    words = [tenant.kind.value.replace("_", "-"), branch.active_name or _("Provider default")]
    if tenant.suspended:
        words.append(_("suspended"))
    click.echo(f"{tenant.id}  {'  ' * depth}{tenant.name}  ({', '.join(words)})")
    for child in branch.branches:
        _print(child, depth=depth + 1)
