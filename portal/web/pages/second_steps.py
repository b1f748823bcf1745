"""The second step of a sign-in: a code from the app, or one of the recovery codes."""

from http import HTTPStatus

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError, Problem, TooManyError
from portal.i18n import gettext as _
from portal.services.accounts import SignInRefusedError
from portal.web.arriving import arrive
from portal.web.browsers import browser_now
from portal.web.forms.fields import say_at_fields
from portal.web.forms.sign_ins import SecondStepForm
from portal.web.identity import half_way, host_now, services
from portal.web.policy import public
from portal.web.responses import own_path, page, see_other, unprocessable
from portal.web.resuming import carried
from portal.web.sentences import limit_sentence

bp = Blueprint("second_steps", __name__, url_prefix="/sign-in/code")
_TEMPLATE = "second_steps/new.html"


@bp.get("")
@public("the second step of the way in")
def new() -> ResponseReturnValue:
    if not services().security.second_steps.is_open(half_way()):
        return _too_late()
    form = SecondStepForm(formdata=None, next=own_path(request.args.get("next", "")))
    return page(_TEMPLATE, form=form, typed=[])


@bp.post("")
@public("the second step of the way in")
def create() -> ResponseReturnValue:
    form, browser = SecondStepForm(), browser_now()
    if not form.validate():
        return unprocessable(_TEMPLATE, form=form, typed=carried())
    try:
        reference = services().security.second_steps.finish(
            half_way(),
            form.one_time_password.data or "",
            address=request.remote_addr or "",
            browser=browser,
            host=host_now(),
        )
    except NotFoundError:
        return _too_late()
    except SignInRefusedError:
        say_at_fields(form, [Problem("one_time_password", "wrong")])
        return unprocessable(_TEMPLATE, form=form, typed=carried())
    except TooManyError as error:
        form.one_time_password.errors = [limit_sentence(error)]
        return page(_TEMPLATE, status=HTTPStatus.TOO_MANY_REQUESTS, form=form, typed=carried())
    return arrive(reference, browser, next_url=form.next.data or "", resumes=bool(form.resume.data))


def _too_late() -> ResponseReturnValue:
    flash(_("That took too long. Sign in again."), "error")
    return see_other(url_for("sign_ins.new"))
