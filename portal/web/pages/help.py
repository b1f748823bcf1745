"""Help is one page: each part of the portal, what to do when a test fails, ports, providers, and what icons mean."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from portal.domain.causes import Cause
from portal.domain.diagnosis import Code
from portal.domain.ports import USUAL_PORTS
from portal.domain.providers import PROVIDERS
from portal.web.identity import services
from portal.web.policy import signed_in
from portal.web.responses import page
from portal.web.sentences import encryption_name, outcome, port_label
from portal.web.sentences.causes import told_cause
from portal.web.sentences.chapters import chapters
from portal.web.sentences.icons import icon_meanings
from portal.web.sentences.providers import provider_note, user_name_note

bp = Blueprint("help", __name__, url_prefix="/help")

# What a mail server or the way to it can be to blame for, in the order in which a session meets it. What the portal
# itself decides explains itself where it happens.
_SHOWN = tuple(
    code
    for code in Code
    if code.value.partition(".")[0] in {"net", "proto", "srv", "tls", "auth", "sender", "rcpt", "msg", "result"}
)


@bp.get("")
@signed_in("help is for everybody, and the same for all")
def show() -> ResponseReturnValue:
    today = services().clock().date()
    return page(
        "help/show.html",
        chapters=chapters(frozenset(current_app.blueprints)),
        icons=icon_meanings(),
        outcomes=[outcome(code) for code in _SHOWN],
        causes=[told_cause(cause) for cause in Cause],
        ports=[(port, port_label(port)) for port in USUAL_PORTS],
        providers=PROVIDERS,
        stale={each.name for each in PROVIDERS if each.is_stale(today)},
        encryption_name=encryption_name,
        provider_note=provider_note,
        user_name_note=user_name_note,
    )
