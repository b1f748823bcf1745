"""A proof: somebody who is signed in shows once more who he is, before he does something grave."""

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.domain.errors import InvalidError, TooManyError
from portal.domain.secret import Secret
from portal.web.forms.fields import say_at_fields
from portal.web.forms.sign_ins import ProofForm
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.proving import show_proof
from portal.web.responses import own_path, page, see_other
from portal.web.resuming import carried
from portal.web.sentences import limit_sentence

bp = Blueprint("proofs", __name__, url_prefix="/me/proof")
_AT_FORM = {"current": "current_password"}


@bp.get("")
@signed_in("oneself", leads_to_second_factor=True)
def new() -> ResponseReturnValue:
    return show_proof(ProofForm(formdata=None, next=own_path(request.args.get("next", ""))), HTTPStatus.OK, [])


@bp.post("")
@signed_in("oneself", leads_to_second_factor=True)
def create() -> ResponseReturnValue:
    form = ProofForm()
    if not form.validate():
        return show_proof(form, HTTPStatus.UNPROCESSABLE_ENTITY, carried())
    try:
        services().security.proofs.prove(
            current_actor(),
            password=Secret(form.current_password.data or ""),
            code=form.one_time_password.data or "",
            reference=current_user.reference,
        )
    except InvalidError as refused:
        say_at_fields(form, [replace(each, field=_AT_FORM.get(each.field, each.field)) for each in refused.problems])
        return show_proof(form, HTTPStatus.UNPROCESSABLE_ENTITY, carried())
    except TooManyError as error:
        form.current_password.errors = [limit_sentence(error)]
        return show_proof(form, HTTPStatus.TOO_MANY_REQUESTS, carried())
    url = own_path(form.next.data or "")
    if url and form.resume.data:
        return page("proofs/resume.html", url=url, typed=carried())
    return see_other(url or url_for("sign_ins.home"))
