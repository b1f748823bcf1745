"""Knows how the portal starts on one's own machine: ready the database, say where it is, and serve it."""

import sys
from pathlib import Path
from typing import cast

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.cli.database import let_go, migrate
from portal.cli.keys import ensure_no_key_is_missing
from portal.cli.naming import services
from portal.cli.refusals import RefusedError
from portal.demo import Demo
from portal.demo.ports import is_free
from portal.i18n import gettext as _
from portal.settings import Settings


@click.command
@with_appcontext
def run() -> None:
    """Serve the portal on http://127.0.0.1:8000 (PORT chooses another port)."""
    settings = cast("Settings", current_app.extensions["portal.settings"])
    demo = cast("Demo | None", current_app.extensions.get("portal.demo"))
    _ensure_port_is_free(settings.port)
    if demo:
        demo.ensure_ports_are_free()
    migrate()
    ensure_no_key_is_missing()
    if demo:
        demo.load(services())
    _greet(settings, demo)
    let_go()
    _serve(Path(current_app.root_path).parent)


def _ensure_port_is_free(port: int) -> None:
    if not is_free(port):
        another = next((each for each in range(port + 1, 65536) if is_free(each)), 0)
        raise RefusedError(
            _(
                "Port %(port)s is taken by another program. Take another one: PORT=%(another)s make run",
                port=port,
                another=another,
            )
        )


def _greet(settings: Settings, demo: Demo | None) -> None:
    address = f"http://127.0.0.1:{settings.port}"
    click.echo("\n  " + _("Relaytree is at %(address)s (Ctrl+C ends it)", address=address) + "\n")
    if demo:
        _introduce(demo)
        click.echo("  " + _("Every mail arrives at %(address)s", address=f"{address}/demo/mailbox") + "\n")
    elif services().tenants.find_root() is None:
        click.echo("  " + _("This portal is empty. Set it up with: flask --app wsgi portal setup --help") + "\n")
    sys.stdout.flush()


def _introduce(demo: Demo) -> None:
    if demo.password is None:
        click.echo("  " + _("This portal held companies before: the demo's people were not added to them.") + "\n")
        return
    for person in demo.people:
        click.echo(f"    {person.email:<16} {person.role.value:<9} {person.company}")
    click.echo("  " + _("All of them sign in with the password %(password)s", password=demo.password.reveal()))
    if demo.wanted_password not in {None, demo.password}:
        click.echo("  " + _("(PORTAL_DEMO_PASSWORD counts only when the demo is loaded, into an empty portal)"))
    click.echo()


def _serve(root: Path) -> None:
    from gunicorn.app.wsgiapp import run as serve  # type: ignore[import-untyped]  # no types; only this command needs it

    # Started here, its worker is a fork that has the application loaded already: half the time of a new process.
    sys.argv = ["gunicorn", "--config", str(root / "gunicorn.conf.py"), "--chdir", str(root), "wsgi:app"]
    serve()
