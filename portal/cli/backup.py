"""Knows how the operator backs the portal up and brings it back."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.cli.database import knows_revision, let_go, migrate
from portal.cli.naming import services
from portal.cli.refusals import RefusedError
from portal.i18n import gettext as _
from portal.services.backups import BackupError, Reason


@click.command
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--verify", is_flag=True, help="Only read FILE to its end and say whether it can be restored.")
@with_appcontext
def backup(file: Path, *, verify: bool) -> None:
    """Write the whole database into FILE, sealed with the newest of PORTAL_KEYS. The portal may run meanwhile.

    The keys are not in it. Keep them somewhere else, and keep them: without them nobody opens FILE.
    """
    try:
        if verify:
            services().backups.verify(file, knows=knows_revision)
            click.echo(_("%(file)s is whole and can be restored.", file=file))
        else:
            size = services().backups.make(file)
            click.echo(_("%(file)s: %(size)s bytes.", file=file, size=size))
    except (BackupError, OSError) as refusal:
        raise RefusedError(_sentence(refusal, file)) from None


@click.command
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Put it in the place of the database that is there, which is kept.")
@with_appcontext
def restore(file: Path, *, replace: bool) -> None:
    """Bring the database back from FILE. What waits in it is held until `portal queue release`."""
    if services().readiness.delivers():  # without a look at the database, which would make an empty one
        raise RefusedError(_("The portal is running. Stop it first."))
    try:
        kept = services().backups.restore(file, knows=knows_revision, replace=replace)
    except (BackupError, OSError) as refusal:
        raise RefusedError(_sentence(refusal, file)) from None
    migrate()
    services().rollback.hold()
    let_go()
    if kept:
        click.echo(_("The database that was there is %(kept)s now.", kept=kept))
    click.echo(_("Restored. What waits in it is held; see: flask --app wsgi portal queue"))


def _sentence(refusal: BackupError | OSError, file: Path) -> str:
    if isinstance(refusal, OSError):
        return _("%(file)s: %(reason)s.", file=file, reason=refusal.strerror or refusal)
    sentences = {
        Reason.NOT_SQLITE: _("Only a SQLite database is backed up by this command; use the tools of yours."),
        Reason.NO_DATABASE: _("There is no database yet."),
        Reason.SEAL_BROKEN: _("%(file)s does not open: %(why)s.", file=file, why=refusal),
        Reason.UNUSABLE: _("%(file)s holds no sound database of this portal.", file=file),
        Reason.NEWER: _("%(file)s was made by a newer version of this portal. Update it first.", file=file),
        Reason.EXISTS: _("There is a database already. Say --replace to put it aside."),
    }
    return sentences[refusal.reason]
