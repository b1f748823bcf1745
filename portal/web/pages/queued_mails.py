"""One mail of the queue: held, let go, tried again or called off by whoever runs the portal."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import MessageId
from portal.domain.queue import QueueStep
from portal.i18n import gettext as _
from portal.web.forms.queue import asked_in, step_from
from portal.web.identity import current_actor, services
from portal.web.policy import operators
from portal.web.responses import see_other
from portal.web.sentences import problem_sentence

bp = Blueprint("queued_mails", __name__, url_prefix="/queue/mails/<uuid:message_id>")


@bp.post("")
@operators("the queue holds mail of every company")
def update(message_id: UUID) -> ResponseReturnValue:
    try:
        step = step_from(request.form)
        is_new = services().queued_mails.take(current_actor(), MessageId(message_id), step)
    except InvalidError as refused:
        flash(problem_sentence(refused.problems[0]), "error")
    else:
        flash(_done(step) if is_new else _("That had been done before."), "success")
    return see_other(url_for("queue.index", **asked_in(request.args), _anchor="mails"))  # type: ignore[arg-type]  # texts


def _done(step: QueueStep) -> str:
    match step:
        case QueueStep.HOLD:
            return _("The mail is held.")
        case QueueStep.RELEASE:
            return _("The mail is let go.")
        case QueueStep.RETRY:
            return _("The mail is tried again now.")
        case QueueStep.CANCEL:
            return _("The mail is called off.")
