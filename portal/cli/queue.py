"""Knows how the operator looks at waiting mail, and lets go of what a restored database holds."""

import click
from flask.cli import with_appcontext

from portal.cli.naming import services
from portal.i18n import gettext as _


@click.group(invoke_without_command=True)
@click.pass_context
@with_appcontext
def queue(context: click.Context) -> None:
    """Say what waits, and what is held because the database was restored from an older copy."""
    if context.invoked_subcommand is None:
        for state, count in services().figures.of_queue().unsettled.items():
            click.echo(f"{state.value:<12} {count}")
        _tell_held()


@queue.command
@with_appcontext
def hold() -> None:
    """Hold all that waits now: for a database that was restored without its journal, before the portal starts."""
    services().rollback.hold()
    _tell_held()


@queue.command
@click.option("--yes", is_flag=True, help="Do it. Without this the command only says what would be sent.")
@with_appcontext
def release(*, yes: bool) -> None:
    """Send what is held since a restore, but for what the journal knows to have been sent."""
    if not _tell_held():
        return
    if not yes:
        click.echo(_("Nothing was sent. Say --yes to send it."))
        return
    held = services().rollback.release()
    click.echo(_("Let go: %(count)s.", count=held.recipients - held.known_sent))


def _tell_held() -> bool:
    held = services().rollback.held()
    if held.recipients == 0 or held.oldest is None:
        click.echo(_("Nothing is held because of a restore."))
        return False
    click.echo(
        _(
            "Held since the database was restored: %(held)s, the oldest of %(oldest)s.",
            held=held.recipients,
            oldest=held.oldest.isoformat(timespec="minutes"),
        )
    )
    click.echo(_("Of these the journal knows as sent: %(sent)s.", sent=held.known_sent))
    return True
