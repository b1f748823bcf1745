"""An explanation says which way a mail would go now and why, and which way if something were different."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.domain.explanation import Explanation, Offer, Question, WhatIf
from portal.domain.ids import TenantId, UserId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.explanations import ExplanationForm
from portal.web.forms.fields import find_id
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, unprocessable, wants_json
from portal.web.selecting import default_name
from portal.web.sentences import answer_sentence, obstacle_sentence, sender_sentences, step_sentence

bp = Blueprint("explanations", __name__, url_prefix="/t/<uuid:tenant_id>/explanation")
_AS_IT_IS = WhatIf()


@bp.get("")
@requires(Permission.VIEW_CONFIGS)
def show(tenant_id: UUID) -> ResponseReturnValue:
    """As a page, or for whoever accepts JSON and prefers it, as that."""
    offer = services().explanations.offer(current_actor(), TenantId(tenant_id))
    form = ExplanationForm.read(request.args, offer, default_name(current_tenant()))
    question = _question(TenantId(tenant_id), form)
    if question is None:
        if wants_json():
            return jsonify({"errors": {each.name: list(map(str, each.errors)) for each in form if each.errors}}), 422
        return unprocessable("explanations/show.html", **_around(form, offer), now=None, then=None)
    explain = services().explanations.explain
    what_if = form.what_if
    # What is imagined comes first: with it is read what the other one needs.
    then = explain(current_actor(), TenantId(tenant_id), question, what_if) if what_if != _AS_IT_IS else None
    now = explain(current_actor(), TenantId(tenant_id), question)
    if wants_json():
        return jsonify({"now": now.as_json(), "then": then.as_json() if then else None})
    return page("explanations/show.html", **_around(form, offer), now=_Told(now), then=_Told(then) if then else None)


class _Told:
    """An explanation in words."""

    def __init__(self, told: Explanation) -> None:
        self.answer = answer_sentence(told)
        self.obstacle = obstacle_sentence(told)
        self.sender = sender_sentences(told)
        self.steps = [(step.standing.value, step_sentence(step)) for step in told.ladder]


def _question(tenant_id: TenantId, form: ExplanationForm) -> Question | None:
    """None where somebody or something cannot be found; the form then says what."""
    question = Question(purpose=form.asked_purpose)
    try:
        question = replace(question, sender=form.wanted_sender)
    except ValueError:
        form.sender.errors = [_("That is not an e-mail address.")]
    typed = (form.user.data or "").strip()
    user_id = _user_in(tenant_id, form, typed) if typed else None
    if typed and user_id is None:
        form.user.errors = [_("Nobody here has this address.")]
    return None if form.user.errors or form.sender.errors else replace(question, user_id=user_id)


def _user_in(tenant_id: TenantId, form: ExplanationForm, typed: str) -> UserId | None:
    """By address as people type it, or by id as links have it. Raises NotFoundError for an id of nobody here."""
    is_address = "@" in typed or len(typed) != len(str(tenant_id))
    who = typed if is_address else UserId(find_id(typed) or UUID(int=0))
    found = services().explanations.person(current_actor(), tenant_id, who)
    if found is None and not is_address:
        raise NotFoundError
    if found is not None and not is_address:
        form.user.data = found.email
    return found.id if found else None


def _around(form: ExplanationForm, offer: Offer) -> dict[str, Any]:
    return {"tenant": current_tenant(), "form": form, "people": offer.people}
