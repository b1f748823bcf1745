"""Knows how the operator looks at waiting mail, holds it, and lets go of it."""

import click
from flask.cli import with_appcontext

from portal.cli.naming import services
from portal.i18n import gettext as _
from portal.services.queue import Standing


@click.group(invoke_without_command=True)
@click.pass_context
@with_appcontext
def queue(context: click.Context) -> None:
    """Say what waits, and whether it is held."""
    if context.invoked_subcommand is None:
        for state, count in services().figures.of_queue().unsettled.items():
            click.echo(f"{state.value:<12} {count}")
        _tell(services().queue.standing(None))


@queue.command
@click.option(
    "--restored",
    is_flag=True,
    help="The database is an older copy, and its journal is not here: what waits now may have been sent since.",
)
@with_appcontext
def hold(*, restored: bool) -> None:
    """Hold the queue: no mail is taken in hand, whatever waits and whatever comes, until it is released."""
    if restored:
        services().rollback.hold()
    else:
        services().queue.hold(None)
    _tell(services().queue.standing(None))


@queue.command
@click.option("--yes", is_flag=True, help="Do it. Without this the command only says what would be sent.")
@with_appcontext
def release(*, yes: bool) -> None:
    """Send what is held, but for what the journal knows to have been sent."""
    if not _tell(services().queue.standing(None)):
        return
    if not yes:
        click.echo(_("Nothing was sent. Say --yes to send it."))
        return
    before = services().queue.release(None)
    if before.hold is not None:
        click.echo(_("The queue goes on."))
    if before.restored.recipients:
        click.echo(_("Let go: %(count)s.", count=before.restored.recipients - before.restored.known_sent))


def _tell(standing: Standing) -> bool:
    if not standing.is_held:
        click.echo(_("The queue is not held."))
        return False
    if standing.hold is not None:
        since = standing.hold.since.isoformat(timespec="minutes")
        held_by = standing.hold.held_by or _("the operator")
        click.echo(_("The whole queue is held since %(since)s, by %(who)s.", since=since, who=held_by))
    held = standing.restored
    if held.recipients and held.oldest is not None:
        _tell_restored(held.recipients, held.oldest.isoformat(timespec="minutes"), held.known_sent)
    return True


def _tell_restored(recipients: int, oldest: str, known_sent: int) -> None:
    told = _(
        "Held since the database was restored: %(held)s, the oldest of %(oldest)s.", held=recipients, oldest=oldest
    )
    click.echo(told)
    click.echo(_("Of these the journal knows as sent: %(sent)s.", sent=known_sent))
