"""One's own test mail: asked for with one button, told in one plain sentence."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import TooManyError
from portal.domain.ids import TrialId
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page, see_other, wants_fragment
from portal.web.sentences import headline

bp = Blueprint("my_trials", __name__, url_prefix="/me/trials")


@bp.post("")
@signed_in("a test mail to one's own address")
def create() -> ResponseReturnValue:
    try:
        trial_id = services().trials.request_own(current_actor())
    except TooManyError as error:
        answer = page("my_trials/wait.html", status=HTTPStatus.TOO_MANY_REQUESTS, seconds=error.retry_after)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return see_other(url_for("my_trials.show", trial_id=trial_id))


@bp.get("/<uuid:trial_id>")
@signed_in("one's own test mail")
def show(trial_id: UUID) -> ResponseReturnValue:
    trial = services().trials.get_own(current_actor(), TrialId(trial_id))
    return page(
        "my_trials/_result.html" if wants_fragment() else "my_trials/show.html",
        trial=trial,
        headline=headline(trial),
        worker_is_missing=trial.worker_is_missing(services().clock()),
    )
