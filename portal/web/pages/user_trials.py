"""A test as a user: it goes whichever way that user's mail goes now, and to whoever asked for it."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError, TooManyError
from portal.domain.ids import TenantId, UserId
from portal.domain.roles import Permission
from portal.web.forms.fields import say_at_fields
from portal.web.forms.trials import TrialForm, verb_from
from portal.web.identity import current_actor, services
from portal.web.mail_page import show_mail_of_user
from portal.web.policy import requires
from portal.web.responses import see_other
from portal.web.sentences import limit_sentence

bp = Blueprint("user_trials", __name__, url_prefix="/t/<uuid:tenant_id>/people/<uuid:user_id>/trials")


@bp.post("")
@requires(Permission.TEST_CONFIGS)
def create(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    form = TrialForm()
    try:
        trial_id = services().trials.request_for_user(
            current_actor(),
            TenantId(tenant_id),
            UserId(user_id),
            verb=verb_from(request.form.get("verb")),
            recipient=form.recipient.data or current_actor().email,
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return show_mail_of_user(UserId(user_id), form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooManyError as limit:
        form.recipient.errors = [limit_sentence(limit)]
        return show_mail_of_user(UserId(user_id), form=form, status=HTTPStatus.TOO_MANY_REQUESTS)
    return see_other(url_for("trials.show", tenant_id=tenant_id, trial_id=trial_id))
