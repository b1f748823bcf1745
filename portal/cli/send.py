"""Knows how a mail is sent from the command line, and says in words by which way it goes."""

import mimetypes
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.cli.naming import services, tenant_named, user_of
from portal.cli.refusals import RefusedError
from portal.cli.traces import rung_line
from portal.domain.errors import InvalidError, Problem
from portal.domain.outgoing import Attachment, Mailbox, Outgoing
from portal.domain.text import clean_text, text_problems
from portal.i18n import gettext as _

_LONGEST_SUBJECT = 998  # RFC 5322 §2.1.1: no line is longer
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command
@click.option(
    "--tenant", required=True, help="The company: its id, or the names on the way, as in “Pia Cloud/Rex Hosting”."
)
@click.option("--to", "recipients", multiple=True, required=True, help="An address; may be given several times.")
@click.option("--subject", required=True)
@click.option("--text", default="-", show_default=True, help="The text; - reads it from the standard input.")
@click.option(
    "--user", help="Whose mail it is: the address of somebody in the company. What is linked to him goes first."
)
@click.option("--html", type=_FILE, help="A file with the same in HTML; readers without HTML see the text.")
@click.option(
    "--attach", "files", type=_FILE, multiple=True, help="A file that goes along; may be given several times."
)
@click.option("--reports", is_flag=True, help="Ask the server to report what fails or is delayed further on.")
@with_appcontext
def send(
    tenant: str,
    recipients: tuple[str, ...],
    *,
    subject: str,
    text: str,
    user: str | None,
    html: Path | None,
    files: tuple[Path, ...],
    reports: bool,
) -> None:
    """Send a mail of a company or of one of its users, and say whose configuration sends it and why."""
    company = tenant_named(tenant)
    whose = user_of(company, user) if user else None
    content = Outgoing(
        subject=_cleaned("subject", subject),
        text=_cleaned("text", sys.stdin.read() if text == "-" else text),
        html=_html_in(html) if html else None,
        attachments=tuple(map(_attachment, files)),
        reports=reports,
    )
    to = tuple(Mailbox(address) for address in recipients)
    message_id, resolution = services().sending.send(tenant_id=company.id, to=to, content=content, user_id=whose)
    click.echo(_("Queued as %(message_id)s.", message_id=message_id))
    for rung in resolution.trace:
        click.echo(f"  {rung_line(rung)}")
    if resolution.choice is None:
        click.echo(_("Nothing applies: the mail is held until somebody chooses a configuration."))


def _html_in(path: Path) -> str:
    try:
        return _cleaned("html", path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise RefusedError(_("The HTML is not written in UTF-8.")) from None


def _attachment(path: Path) -> Attachment:
    media_type, encoding = mimetypes.guess_type(path.name)
    # A compressed file is not of the type that is inside.
    known = media_type if media_type and not encoding else "application/octet-stream"
    return Attachment(path.name, known, path.read_bytes())


def _cleaned(field: str, text: str) -> str:
    is_subject = field == "subject"
    try:
        cleaned = clean_text(text, multiline=not is_subject)
    except ValueError:
        raise InvalidError([Problem(field, "bad-character")]) from None
    if is_subject and (problems := text_problems(field, cleaned, longest=_LONGEST_SUBJECT)):
        raise InvalidError(problems)
    return cleaned
