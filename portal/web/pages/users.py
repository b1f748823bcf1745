"""A user is a person with an account: one address, one company, one role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import TenantId, UserId
from portal.domain.people import User, UserQuery, UserSort, UserStatus
from portal.domain.profiles import Profile
from portal.domain.roles import Permission, Role
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields, whole_number
from portal.web.forms.users import UserForm, query_from
from portal.web.grave import makes_an_owner
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other, unprocessable
from portal.web.sentences import role_name, sort_name, user_status_name
from portal.web.sorting import Sorting, sorting
from portal.web.user_rows import Cells, user_rows

_ASKED = ("q", "role", "status", "profile", "sort", "order")


@dataclass(frozen=True, slots=True)
class Filter:
    """One menu above the list. `chosen` is the value in the address, or None."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: object


bp = Blueprint("users", __name__, url_prefix="/t/<uuid:tenant_id>/people")


@bp.get("")
@requires(Permission.VIEW_USERS)
def index(tenant_id: UUID) -> ResponseReturnValue:
    actor, query = current_actor(), query_from(request.args)
    people = services().users.page(actor, TenantId(tenant_id), query)
    asked = {name: value for name, value in request.args.items() if value and name in _ASKED}
    return page(
        "users/index.html",
        tenant=current_tenant(),
        query=query,
        people=people,
        filters=_filters(query, people.profiles),
        opened=request.args.get("menu", ""),
        asked=asked,
        sorting=_sorting(query, asked),
        cells=Cells,
        user_rows=user_rows,
    )


@bp.get("/<uuid:user_id>")
@requires(Permission.EDIT_USERS)
def show(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    user = services().users.get(current_actor(), TenantId(tenant_id), UserId(user_id))
    known = {name: getattr(user, name) for name in ("name", "language", "zone", "version")}
    form = UserForm(formdata=None, data={**known, "role": user.role.value})
    form.offer()
    return page("users/edit.html", form=form, **_around(user))


@bp.post("/<uuid:user_id>")
@requires(Permission.EDIT_USERS)
@freshly_proven(makes_an_owner)
def edit(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    user = services().users.get(current_actor(), TenantId(tenant_id), UserId(user_id))
    form = UserForm()
    form.offer()
    try:
        if not form.validate():
            return unprocessable("users/edit.html", form=form, **_around(user))
        user = services().users.edit(
            current_actor(),
            user.tenant_id,
            user.id,
            name=form.name.data or "",
            role=form.role.data,
            version=whole_number(form.version.data),
            preferences=form.preferences(user),
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("users/edit.html", form=form, **_around(user))
    except ConflictError:
        form.version.data = str(user.version)
        return page("users/edit.html", status=HTTPStatus.CONFLICT, form=form, theirs=user, **_around(user))
    flash(_("Saved “%(name)s”.", name=user.name), "success")
    return see_other(url_for("users.index", tenant_id=tenant_id))


@bp.post("/<uuid:user_id>/invitation")
@requires(Permission.INVITE_USERS)
def update(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Send somebody who has not come yet a new link."""
    close_url = url_for("users.index", tenant_id=tenant_id)
    try:
        invited = services().invitations.invite_again(current_actor(), TenantId(tenant_id), UserId(user_id))
    except InvalidError:
        flash(_("Nothing was sent: this person has come in already."), "error")
        return see_other(close_url)
    if invited.link is not None:
        return page("invitations/link.html", tenant=current_tenant(), invited=invited, close_url=close_url)
    flash(_("A new link is on its way to %(email)s.", email=invited.email), "success")
    return see_other(close_url)


def _sorting(query: UserQuery, asked: Mapping[str, str]) -> dict[str, Sorting]:
    tenant_id = current_tenant().id

    def url(question: Mapping[str, str]) -> str:
        return url_for("users.index", tenant_id=tenant_id, **question)  # type: ignore[arg-type]  # texts

    now, turned = query.sort.value, query.is_reversed
    return {each.value: sorting(url, asked, each.value, now=now, is_reversed=turned) for each in UserSort}


def _filters(query: UserQuery, profiles: Sequence[Profile]) -> list[Filter]:
    groups = [(str(each.id), each.name) for each in profiles]
    filters = [
        Filter(
            "role", _("Role"), [("", _("Every role")), *((each.value, role_name(each)) for each in Role)], query.role
        ),
        Filter(
            "status",
            _("Status"),
            [("", _("Every status")), *((each.value, user_status_name(each)) for each in UserStatus)],
            query.status,
        ),
        Filter("profile", _("Profile"), [("", _("Every profile")), *groups], query.profile_id),
        Filter("sort", _("Order"), [(each.value, sort_name(each)) for each in UserSort], query.sort),
    ]
    return [each for each in filters if len(each.options) > 1]


def _around(user: User) -> dict[str, Any]:
    return {"tenant": current_tenant(), "user": user, "is_oneself": user.id == current_actor().user_id}
