"""An invitation brings somebody new into a company: it is sent by an owner and used up by its holder."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError, NotFoundError
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.domain.secret import Secret
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.passwords import NewPasswordForm
from portal.web.forms.users import InvitationForm
from portal.web.grave import invites_an_owner
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import public, requires
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("invitations", __name__)


@bp.get("/t/<uuid:tenant_id>/invitations/new")
@requires(Permission.INVITE_USERS)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    form = InvitationForm(formdata=None)
    form.offer_roles()
    return page("invitations/new.html", tenant=current_tenant(), form=form)


@bp.post("/t/<uuid:tenant_id>/invitations")
@requires(Permission.INVITE_USERS)
@freshly_proven(invites_an_owner)
def create(tenant_id: UUID) -> ResponseReturnValue:
    form = InvitationForm()
    form.offer_roles()
    if not form.validate():
        return unprocessable("invitations/new.html", tenant=current_tenant(), form=form)
    try:
        invited = services().invitations.invite(
            current_actor(),
            TenantId(tenant_id),
            email=form.email.data or "",
            name=form.name.data or "",
            role=form.role.data,
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("invitations/new.html", tenant=current_tenant(), form=form)
    close_url = url_for("users.index", tenant_id=tenant_id)
    if invited.link is not None:
        return page("invitations/link.html", tenant=current_tenant(), invited=invited, close_url=close_url)
    flash(_("The invitation is on its way to %(email)s.", email=invited.email), "success")
    return see_other(close_url)


@bp.get("/invitations/<token>")
@public("the link of an invitation is its own proof")
def edit(token: str) -> ResponseReturnValue:
    try:
        welcome = services().invitations.welcome(token)
    except NotFoundError:
        return _gone()
    return page("invitations/edit.html", token=token, welcome=welcome, form=NewPasswordForm(formdata=None))


@bp.post("/invitations/<token>")
@public("the link of an invitation is its own proof")
def update(token: str) -> ResponseReturnValue:
    try:
        welcome = services().invitations.welcome(token)
        form = NewPasswordForm()
        if not form.validate():
            return unprocessable("invitations/edit.html", token=token, welcome=welcome, form=form)
        services().invitations.accept(token, Secret(form.password.data or ""))
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("invitations/edit.html", token=token, welcome=welcome, form=form)
    except NotFoundError:
        return _gone()
    flash(_("Welcome. Sign in with your address and the password that you just chose."), "success")
    return see_other(url_for("sign_ins.new"))


def _gone() -> ResponseReturnValue:
    return page("invitations/gone.html", status=HTTPStatus.NOT_FOUND)
