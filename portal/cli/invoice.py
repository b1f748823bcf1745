"""Knows how an invoice is handed over on the command line."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.cli.naming import operator, services, tenant_named
from portal.domain.ids import InvoiceId, new_id
from portal.domain.invoices import TypedInvoice
from portal.i18n import gettext as _


@click.command
@click.argument("tenant")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--number", required=True, help="The invoice's number; it stands in the subject.")
@click.option("--note", default="", help="A few words that stand in the mail.")
@with_appcontext
def invoice(tenant: str, file: Path, number: str, note: str) -> None:
    """Send FILE, a PDF, to the billing contacts of TENANT (an id, or the names on the way)."""
    company = tenant_named(tenant)
    typed = TypedInvoice(number, note, file.name, file.read_bytes())
    services().invoices.send(operator(), company.id, InvoiceId(new_id()), typed)
    to = services().invoices.recipients(operator(), company.id)
    click.echo(_("On its way to: %(addresses)s.", addresses=", ".join(each.address for each in to)))
