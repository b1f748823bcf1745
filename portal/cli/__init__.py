"""The door for the operator: `flask --app wsgi portal …`."""

from flask import Flask

from portal.cli.refusals import PortalGroup
from portal.cli.run import run
from portal.cli.send import send
from portal.cli.setup import setup
from portal.cli.tenants import tenants
from portal.cli.users import users


def register(app: Flask) -> None:
    """Open this door on an application."""
    portal = PortalGroup("portal", help="Run and look after the portal.")
    for command in (run, setup, users, send, tenants):
        portal.add_command(command)
    app.cli.add_command(portal)
