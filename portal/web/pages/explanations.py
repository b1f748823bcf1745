"""An explanation says which way a mail would go now and why, and which way if something were different."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from portal.domain.explanation import Explanation, Question, WhatIf
from portal.domain.ids import TenantId, UserId
from portal.domain.people import UserQuery
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.explanations import ExplanationForm, Offers, linked
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
    form = ExplanationForm.read(request.args, _offers(TenantId(tenant_id)))
    question = _question(TenantId(tenant_id), form)
    if question is None:
        if wants_json():
            return jsonify({"errors": {each.name: list(map(str, each.errors)) for each in form if each.errors}}), 422
        return unprocessable("explanations/show.html", **_around(form), now=None, then=None)
    explain = services().explanations.explain
    now = explain(current_actor(), TenantId(tenant_id), question)
    what_if = form.what_if
    then = explain(current_actor(), TenantId(tenant_id), question, what_if) if what_if != _AS_IT_IS else None
    if wants_json():
        return jsonify({"now": now.as_json(), "then": then.as_json() if then else None})
    return page("explanations/show.html", **_around(form), now=_Told(now), then=_Told(then) if then else None)


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
    if "@" in typed or len(typed) != len(str(tenant_id)):
        found = services().users.find_by_email(current_actor(), tenant_id, typed)
        return found.id if found else None
    user = services().users.get(current_actor(), tenant_id, UserId(find_id(typed) or UUID(int=0)))
    form.user.data = user.email
    return user.id


def _offers(tenant_id: TenantId) -> Offers:
    actor = current_actor()
    groups = linked(line.profile for line in services().profiles.overview(actor, tenant_id))
    configs = [line.config for line in services().mail_configs.overview(actor, tenant_id).lines]
    return Offers(groups, configs, default_name(current_tenant()))


def _around(form: ExplanationForm) -> dict[str, Any]:
    tenant = current_tenant()
    people = services().users.page(current_actor(), tenant.id, UserQuery())
    return {"tenant": tenant, "form": form, "people": [line.user for line in people.lines]}
