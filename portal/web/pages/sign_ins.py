"""A sign-in is a browser's stay in the portal: it begins with a password and ends when its holder says so."""

from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import TooManyError
from portal.domain.roles import Permission, granted
from portal.domain.secret import Secret
from portal.i18n import gettext as _
from portal.services.accounts import SecondFactorNeededError, SignInRefusedError
from portal.web.arriving import arrive
from portal.web.browsers import browser_now
from portal.web.forms.sign_ins import SecondStepForm, SignInForm
from portal.web.identity import come_half_way, find_actor, go_out, host_now, services
from portal.web.policy import public, signed_in
from portal.web.responses import own_path, page, see_other, unprocessable
from portal.web.resuming import carried

bp = Blueprint("sign_ins", __name__)
_TEMPLATE = "sign_ins/new.html"


@bp.get("/")
@public("the way in, and home for whoever is in")
def home() -> ResponseReturnValue:
    actor = find_actor()
    if actor is None:
        return redirect(url_for("sign_ins.new"), code=HTTPStatus.SEE_OTHER)
    if Permission.VIEW_CONFIGS in granted(actor, actor.tenant):
        return redirect(url_for("dashboards.show", tenant_id=actor.tenant.id), code=HTTPStatus.SEE_OTHER)
    return redirect(url_for("my_mail.show"), code=HTTPStatus.SEE_OTHER)


@bp.get("/sign-in")
@public("the way in")
def new() -> ResponseReturnValue:
    form = SignInForm(formdata=None, next=own_path(request.args.get("next", "")))
    return page(_TEMPLATE, form=form, refusal="", typed=[])


@bp.post("/sign-in")
@public("the way in")
def create() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return unprocessable(_TEMPLATE, form=form, refusal="", typed=carried())
    browser = browser_now()
    try:
        reference = services().accounts.sign_in(
            form.email.data or "",
            Secret(form.password.data or ""),
            address=request.remote_addr or "",
            browser=browser,
            host=host_now(),
        )
    except SecondFactorNeededError as half:
        come_half_way(half.reference)
        return page("second_steps/new.html", form=SecondStepForm.after(form), typed=carried())
    except SignInRefusedError:
        refusal = _("The e-mail address or the password is not right.")
        return unprocessable(_TEMPLATE, form=form, refusal=refusal, typed=carried())
    except TooManyError as error:
        minutes = max(1, round(error.retry_after / 60))
        refusal = _("Too many attempts. Try again in %(minutes)s min.", minutes=minutes)
        return page(_TEMPLATE, status=HTTPStatus.TOO_MANY_REQUESTS, form=form, refusal=refusal, typed=carried())
    return arrive(reference, browser, next_url=form.next.data or "", resumes=bool(form.resume.data))


@bp.post("/sign-out")
@signed_in("one's own session", leads_to_second_factor=True)
def delete() -> ResponseReturnValue:
    go_out()
    answer = see_other(url_for("sign_ins.new"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
