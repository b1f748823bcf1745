"""One's own password, changed by whoever knows the old one."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.domain.errors import InvalidError
from portal.domain.secret import Secret
from portal.i18n import gettext as _
from portal.web.forms.passwords import OwnPasswordForm
from portal.web.forms.problems import tell
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("passwords", __name__, url_prefix="/me/password")


@bp.get("")
@signed_in("one's own password")
def edit() -> ResponseReturnValue:
    return page("passwords/edit.html", form=OwnPasswordForm(formdata=None))


@bp.post("")
@signed_in("one's own password")
def update() -> ResponseReturnValue:
    form = OwnPasswordForm()
    if not form.validate():
        return unprocessable("passwords/edit.html", form=form)
    try:
        services().password_changes.change(
            current_actor(),
            current=Secret(form.current_password.data),
            password=Secret(form.password.data),
            reference=current_user.reference,
        )
    except InvalidError as refused:
        tell(form, refused.problems, current="current_password")
        return unprocessable("passwords/edit.html", form=form)
    flash(_("Your password is changed. You are signed out everywhere else."), "success")
    return see_other(url_for("my_mail.show"))
