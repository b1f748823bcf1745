"""The password of a mail account is changed by itself, apart from everything else about the account."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import ConfigId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.mail_passwords import MailPasswordForm
from portal.web.grave import others_inherit_it
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("mail_passwords", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/<uuid:config_id>/password")


@bp.get("")
@requires(Permission.EDIT_CONFIGS)
@freshly_proven(others_inherit_it)
def edit(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    config = services().mail_configs.get(current_actor(), current_tenant().id, ConfigId(config_id))
    form = MailPasswordForm(formdata=None)
    return page("mail_passwords/edit.html", tenant=current_tenant(), config=config, form=form)


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
@freshly_proven(others_inherit_it)
def update(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    tenant, form = current_tenant(), MailPasswordForm()
    config = services().mail_configs.get(current_actor(), tenant.id, ConfigId(config_id))
    try:
        services().mail_passwords.change(current_actor(), tenant.id, config.id, password=form.typed)
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("mail_passwords/edit.html", tenant=tenant, config=config, form=form)
    flash(_("Success: “%(name)s” has a new password. It counts from the next mail on.", name=config.name), "success")
    return see_other(url_for("mail_configs.index", tenant_id=tenant.id, select=config.id))
