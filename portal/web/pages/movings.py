"""A moving puts a company and everyone below it under another parent, after telling whose mail changes its way."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.domain.tenancy import Tenant, TenantStatus
from portal.i18n import gettext as _
from portal.services.moving import MOST_TARGETS, Target
from portal.web.confirming import problem_with, typed_confirmation
from portal.web.forms.fields import find_id, id_from, whole_number
from portal.web.forms.tree import words_in
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other
from portal.web.sentences import problem_sentence

bp = Blueprint("movings", __name__, url_prefix="/t/<uuid:tenant_id>/moving")


@bp.get("")
@requires(Permission.MOVE_TENANT)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    """First the question where to, then, with a `parent`, what that would touch."""
    parent_id = find_id(request.args.get("parent"))
    return page("movings/new.html", **_asked(TenantId(parent_id) if parent_id else None))


@bp.post("")
@requires(Permission.MOVE_TENANT)
def create(_tenant_id: UUID) -> ResponseReturnValue:
    tenant, actor = current_tenant(), current_actor()
    parent_id = TenantId(id_from(request.form.get("parent")))
    if problem := problem_with(services().impacts.of_move(actor, tenant.id, parent_id), tenant.name):
        return _again(parent_id, confirmation_problem=problem)
    try:
        moved = services().moving.move(actor, tenant.id, parent_id, version=whole_number(request.form.get("version")))
    except InvalidError as refused:
        return _again(parent_id, problem=problem_sentence(refused.problems[0]))
    except ConflictError:
        said = _("Somebody changed this company meanwhile. Look again at what its move touches.")
        return _again(parent_id, problem=said, status=HTTPStatus.CONFLICT)
    flash(_("Success: %(name)s stands below %(parent)s now.", name=moved.name, parent=_name_of(parent_id)), "success")
    return see_other(url_for("tenants.show", tenant_id=moved.parent_id))


def _again(
    parent_id: TenantId,
    *,
    problem: str = "",
    confirmation_problem: str = "",
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> ResponseReturnValue:
    asked = _asked(parent_id) | {"problem": problem, "confirmation_problem": confirmation_problem}
    return page("movings/new.html", status=status, **asked, typed=typed_confirmation())


def _asked(parent_id: TenantId | None) -> dict[str, Any]:
    actor, tenant = current_actor(), current_tenant()
    words = words_in(request.values.get("q"))
    targets = services().moving.targets(actor, tenant.id, words=words)
    parent = services().tenants.get(actor, parent_id, Permission.CREATE_TENANT) if parent_id else None
    return {
        "tenant": tenant,
        "words": words,
        "targets": _offered(targets[:MOST_TARGETS], parent),
        "most": MOST_TARGETS if len(targets) > MOST_TARGETS else 0,
        "parent_id": str(parent_id or ""),
        "parent_name": parent.name if parent else "",
        "comes_to_rest": parent is not None and parent.suspended and not tenant.suspended,
        "is_woken": parent is not None and not parent.suspended and _rests_from_above(tenant),
        "impact": services().impacts.of_move(actor, tenant.id, parent_id) if parent_id else None,
        "names_to_check": services().moving.names_to_check(actor, tenant.id) if parent_id else [],
        "lost_domains": services().moving.lost_domains(actor, tenant.id, parent_id) if parent_id else [],
        "problem": "",
        "confirmation_problem": "",
    }


def _offered(targets: Sequence[Target], parent: Tenant | None) -> list[tuple[str, str]]:
    """What was chosen stays to be chosen, whatever was looked for since."""
    offered = [(str(each.tenant.id), " › ".join(each.way)) for each in targets]
    if parent is None or any(each.tenant.id == parent.id for each in targets):
        return offered
    return [(str(parent.id), parent.name), *offered]


def _rests_from_above(tenant: Tenant) -> bool:
    return tenant.suspended and tenant.status is not TenantStatus.SUSPENDED


def _name_of(parent_id: TenantId) -> str:
    return services().tenants.get(current_actor(), parent_id, Permission.CREATE_TENANT).name
