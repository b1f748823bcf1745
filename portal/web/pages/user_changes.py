"""A change of several people at once is told in numbers, asked for once more, and then made."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import ConfigId, ProfileId, TenantId
from portal.domain.people import User
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web.forms.users import Change, ChangeVerb, change_from, users_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable
from portal.web.sentences import problem_sentence

bp = Blueprint("user_changes", __name__, url_prefix="/t/<uuid:tenant_id>/people/changes")


@bp.get("")
@requires(Permission.LINK_CONFIGS)
def new(tenant_id: UUID) -> ResponseReturnValue:
    ticked = users_from(request.args.getlist("user"))
    if not ticked or not request.args.get("change"):
        flash(_("Tick at least one person and choose what to do."), "error")
        return see_other(url_for("users.index", tenant_id=tenant_id))
    change = change_from(request.args.get("change"))
    people = services().users.some(current_actor(), TenantId(tenant_id), ticked)
    return page("user_changes/new.html", **_asked(change, people))


@bp.post("")
@requires(Permission.LINK_CONFIGS)
def create(tenant_id: UUID) -> ResponseReturnValue:
    change = change_from(request.form.get("change"))
    people = services().users.some(current_actor(), TenantId(tenant_id), users_from(request.form.getlist("user")))
    try:
        number = _made(change, TenantId(tenant_id), people)
    except InvalidError as refused:
        problem = problem_sentence(refused.problems[0])
        return unprocessable("user_changes/new.html", **_asked(change, people), problem=problem)
    flash(_said(change, number), "success")
    return see_other(url_for("users.index", tenant_id=tenant_id))


def _made(change: Change, tenant_id: TenantId, people: list[User]) -> int:
    """Make the change and return for how many it was one."""
    actor, ids, target = current_actor(), [user.id for user in people], change.target or UUID(int=0)
    match change.verb:
        case ChangeVerb.LINK:
            return services().linked_configs.link_users(actor, tenant_id, ids, ConfigId(target))
        case ChangeVerb.UNLINK:
            return services().linked_configs.link_users(actor, tenant_id, ids, None)
        case ChangeVerb.JOIN:
            return services().profiles.add_members(actor, tenant_id, ProfileId(target), ids)
        case ChangeVerb.LEAVE:
            return services().profiles.remove_members(actor, tenant_id, ProfileId(target), ids)
        case ChangeVerb.DISABLE:
            return services().users.disable(actor, tenant_id, ids)
        case ChangeVerb.ENABLE:
            return services().users.enable(actor, tenant_id, ids)


def _asked(change: Change, people: list[User]) -> dict[str, Any]:
    tenant = current_tenant()
    return {
        "tenant": tenant,
        "change": change,
        "people": people,
        "linked": sum(user.linked_config_id is not None for user in people),
        "target": _target_name(change, tenant.id),
        "close_url": url_for("users.index", tenant_id=tenant.id),
    }


def _target_name(change: Change, tenant_id: TenantId) -> str:
    """What the configuration or the profile is called. Raises NotFoundError."""
    if change.target is None:
        return ""
    if change.verb is ChangeVerb.LINK:
        return services().mail_configs.get(current_actor(), tenant_id, ConfigId(change.target)).name
    return services().profiles.get(current_actor(), tenant_id, ProfileId(change.target)).name


def _said(change: Change, number: int) -> str:
    match change.verb:
        case ChangeVerb.LINK:
            return ngettext("Success: linked to %(number)s person.", "Success: linked to %(number)s people.", number)
        case ChangeVerb.UNLINK:
            return ngettext(
                "Success: unlinked from %(number)s person.", "Success: unlinked from %(number)s people.", number
            )
        case ChangeVerb.JOIN:
            return ngettext("Success: added %(number)s person.", "Success: added %(number)s people.", number)
        case ChangeVerb.LEAVE:
            return ngettext("Success: removed %(number)s person.", "Success: removed %(number)s people.", number)
        case ChangeVerb.DISABLE:
            return ngettext("Success: disabled %(number)s person.", "Success: disabled %(number)s people.", number)
        case ChangeVerb.ENABLE:
            return ngettext("Success: let %(number)s person in.", "Success: let %(number)s people in.", number)
