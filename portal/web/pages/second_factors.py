"""One's own second factor: offered as a picture and a key, confirmed by a code, and given up again."""

from http import HTTPStatus

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.domain.errors import InvalidError, NotFoundError, Problem, TooManyError
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.second_factors import SecondFactorForm
from portal.web.identity import current_actor, current_stay, services
from portal.web.policy import signed_in
from portal.web.proving import freshly_proven
from portal.web.qr_code import qr_code
from portal.web.responses import page, see_other
from portal.web.sentences import limit_sentence

bp = Blueprint("second_factors", __name__, url_prefix="/me/second-factor")
_REASON = "one's own second factor"


@bp.get("")
@signed_in(_REASON, leads_to_second_factor=True)
def new() -> ResponseReturnValue:
    factor = services().security.second_factors.mine(current_actor())
    return page("second_factors/new.html", factor=factor, is_required=current_stay().lacks_second_factor)


@bp.post("")
@signed_in(_REASON, leads_to_second_factor=True)
@freshly_proven()
def create() -> ResponseReturnValue:
    services().security.second_factors.offer(current_actor())
    return see_other(url_for("second_factors.edit"))


@bp.get("/code")
@signed_in(_REASON, leads_to_second_factor=True)
@freshly_proven()
def edit() -> ResponseReturnValue:
    return _show(SecondFactorForm(formdata=None), HTTPStatus.OK)


@bp.post("/code")
@signed_in(_REASON, leads_to_second_factor=True)
@freshly_proven()
def update() -> ResponseReturnValue:
    form = SecondFactorForm()
    if not form.validate():
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        codes = services().security.second_factors.confirm(current_actor(), form.one_time_password.data or "")
    except InvalidError:
        say_at_fields(form, [Problem("one_time_password", "wrong")])
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooManyError as error:
        form.one_time_password.errors = [limit_sentence(error)]
        return _show(form, HTTPStatus.TOO_MANY_REQUESTS)
    except NotFoundError:
        return _gone()
    return page("recovery_codes/show.html", codes=codes, is_new_factor=True)


@bp.get("/removal")
@signed_in(_REASON)
@freshly_proven()
def show() -> ResponseReturnValue:
    return page("second_factors/removal.html")


@bp.post("/removal")
@signed_in(_REASON)
@freshly_proven()
def delete() -> ResponseReturnValue:
    try:
        services().security.second_factors.remove(current_actor())
        flash(_("Success: your second factor is removed. Your password alone lets you in."), "success")
    except NotFoundError:
        flash(_("You have no second factor."), "error")
    return see_other(url_for("security.show"))


def _show(form: SecondFactorForm, status: HTTPStatus) -> Response:
    try:
        offer = services().security.second_factors.offered(current_actor())
    except NotFoundError:
        return _gone()
    return page("second_factors/edit.html", status=status, form=form, key=offer.key, code=qr_code(offer.uri))


def _gone() -> Response:
    flash(_("The key waited for too long. Begin again: you get another one."), "error")
    return see_other(url_for("second_factors.new"))
