"""The door for the operator: `flask --app wsgi portal …`."""

from flask import Flask

from portal.cli import (
    audit,
    backup,
    doctor,
    explain,
    hosts,
    invoice,
    keys,
    queue,
    run,
    send,
    setup,
    tenants,
    users,
    worker,
)
from portal.cli.refusals import PortalGroup

_COMMANDS = (
    run.run,
    setup.setup,
    users.users,
    send.send,
    explain.explain,
    invoice.invoice,
    tenants.tenants,
    queue.queue,
    hosts.hosts,
    audit.audit,
    backup.backup,
    backup.restore,
    keys.keys,
    doctor.doctor,
    worker.worker,
    worker.beat,
)


def register(app: Flask) -> None:
    """Open this door on an application."""
    app.cli.add_command(door())


def door() -> PortalGroup:
    """All commands. Each one loads the application by itself, where it needs one."""
    portal = PortalGroup("portal", help="Run and look after the portal.")
    for command in _COMMANDS:
        portal.add_command(command)
    return portal
