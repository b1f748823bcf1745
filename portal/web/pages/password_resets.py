"""A password reset is the way back in for whoever forgot: by a link mailed to the address of the account."""

from http import HTTPStatus

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError, NotFoundError
from portal.domain.secret import Secret
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.passwords import ForgottenPasswordForm, NewPasswordForm
from portal.web.identity import services
from portal.web.policy import public
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("password_resets", __name__, url_prefix="/password-resets")


@bp.get("/new")
@public("the way back in")
def new() -> ResponseReturnValue:
    return page("password_resets/new.html", form=ForgottenPasswordForm(formdata=None))


@bp.post("")
@public("the way back in")
def create() -> ResponseReturnValue:
    """The answer is the same whether anybody has this address or not."""
    form = ForgottenPasswordForm()
    if not form.validate():
        return unprocessable("password_resets/new.html", form=form)
    services().password_changes.ask(form.email.data or "", address=request.remote_addr or "")
    return page("password_resets/show.html")


@bp.get("/<token>")
@public("the link of a reset is its own proof")
def edit(token: str) -> ResponseReturnValue:
    try:
        email = services().password_changes.whose(token)
    except NotFoundError:
        return _gone()
    return page("password_resets/edit.html", token=token, email=email, form=NewPasswordForm(formdata=None))


@bp.post("/<token>")
@public("the link of a reset is its own proof")
def update(token: str) -> ResponseReturnValue:
    try:
        email = services().password_changes.whose(token)
        form = NewPasswordForm()
        if not form.validate():
            return unprocessable("password_resets/edit.html", token=token, email=email, form=form)
        services().password_changes.reset(token, Secret(form.password.data or ""))
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("password_resets/edit.html", token=token, email=email, form=form)
    except NotFoundError:
        return _gone()
    flash(_("Your password is changed. Sign in with the new one."), "success")
    return see_other(url_for("sign_ins.new"))


def _gone() -> ResponseReturnValue:
    return page("password_resets/gone.html", status=HTTPStatus.NOT_FOUND)
