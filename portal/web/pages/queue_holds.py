"""A hold on the whole queue: no mail is taken in hand until whoever runs the portal lets it go on."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.i18n import gettext as _
from portal.web.identity import current_actor, services
from portal.web.policy import operators
from portal.web.responses import page, see_other

bp = Blueprint("queue_holds", __name__, url_prefix="/queue")


@bp.post("/hold")
@operators("the queue holds mail of every company")
def create() -> ResponseReturnValue:
    services().queue.hold(current_actor())
    flash(_("The whole queue is held."), "success")
    return see_other(url_for("queue.index"))


@bp.get("/release")
@operators("the queue holds mail of every company")
def show() -> ResponseReturnValue:
    """What would leave, before it does."""
    condition = services().queue.condition(current_actor())
    if not condition.standing.is_held:
        return see_other(url_for("queue.index"))
    return page("queue_holds/show.html", standing=condition.standing, due=sum(condition.figures.due.values()))


@bp.post("/release")
@operators("the queue holds mail of every company")
def delete() -> ResponseReturnValue:
    before = services().queue.release(current_actor())
    flash(_("The queue goes on.") if before.is_held else _("The queue was not held."), "success")
    return see_other(url_for("queue.index"))
