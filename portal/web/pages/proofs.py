"""A proof: somebody who is signed in shows once more who he is, before he does something grave."""

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.domain.errors import InvalidError, TooManyError
from portal.domain.secret import Secret
from portal.web.arriving import own_path
from portal.web.forms.fields import say_at_fields
from portal.web.forms.sign_ins import ProofForm
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page, see_other
from portal.web.sentences import limit_sentence

bp = Blueprint("proofs", __name__, url_prefix="/me/proof")
_AT_FORM = {"current": "current_password"}


@bp.get("")
@signed_in("oneself", leads_to_second_factor=True)
def new() -> ResponseReturnValue:
    return _show(ProofForm(formdata=None, next=own_path(request.args.get("next", ""))), HTTPStatus.OK)


@bp.post("")
@signed_in("oneself", leads_to_second_factor=True)
def create() -> ResponseReturnValue:
    form = ProofForm()
    if not form.validate():
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        services().proofs.prove(
            current_actor(),
            password=Secret(form.current_password.data or ""),
            code=form.one_time_password.data or "",
            reference=current_user.reference,
        )
    except InvalidError as refused:
        say_at_fields(form, [replace(each, field=_AT_FORM.get(each.field, each.field)) for each in refused.problems])
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooManyError as error:
        form.current_password.errors = [limit_sentence(error)]
        return _show(form, HTTPStatus.TOO_MANY_REQUESTS)
    return see_other(own_path(form.next.data or "") or url_for("sign_ins.home"))


def _show(form: ProofForm, status: HTTPStatus) -> Response:
    needs_code = services().second_factors.mine(current_actor()) is not None
    return page("proofs/new.html", status=status, form=form, needs_code=needs_code)
