"""The demo: a cast of people in a tree of companies, and a mail server on loopback whose mailbox is a page."""

import dataclasses
from http import HTTPStatus
from ipaddress import ip_address, ip_network

from flask import Flask, Response, request

from portal.demo.ports import PortTakenError, kept_ports
from portal.demo.stage import Demo, folder_of
from portal.settings import Settings

__all__ = ["Demo", "PortTakenError", "is_loopback", "opened", "register"]

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_EXTENSION = "portal.demo"


def opened(settings: Settings) -> Settings:
    """The same settings, with the way to the demo mail server open. Raises BadSettingError."""
    return dataclasses.replace(
        settings,
        egress_networks=(*settings.egress_networks, *_LOOPBACK),
        egress_ports=settings.egress_ports | frozenset(kept_ports(folder_of(settings))),
    )


def register(app: Flask, settings: Settings) -> None:
    """Set the stage, if this is a demo: everybody knows its passwords, so it answers this machine alone."""
    if not settings.demo:
        return
    app.extensions[_EXTENSION] = Demo.of(settings)
    # Before every other function: a stranger does not even learn that his form lacks a token.
    app.before_request_funcs.setdefault(None, []).insert(0, _refuse_strangers)


def _refuse_strangers() -> Response | None:
    if is_loopback(request.remote_addr or ""):
        return None
    return Response(
        "The demo answers the machine it runs on, and no other.\n", HTTPStatus.FORBIDDEN, mimetype="text/plain"
    )


def is_loopback(address: str) -> bool:
    """Whether this is an address of this machine alone; a name never is."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
