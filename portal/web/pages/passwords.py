"""One's own password, changed by whoever knows the old one."""

from dataclasses import replace

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.domain.errors import InvalidError, Problem
from portal.domain.secret import Secret
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.passwords import OwnPasswordForm
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("passwords", __name__, url_prefix="/me/password")


@bp.get("")
@signed_in("one's own password")
@freshly_proven()
def edit() -> ResponseReturnValue:
    return page("passwords/edit.html", form=OwnPasswordForm(formdata=None))


@bp.post("")
@signed_in("one's own password")
@freshly_proven()
def update() -> ResponseReturnValue:
    form = OwnPasswordForm()
    if not form.validate():
        return unprocessable("passwords/edit.html", form=form)
    try:
        services().password_changes.change(
            current_actor(),
            current=Secret(form.current_password.data or ""),
            password=Secret(form.password.data or ""),
            reference=current_user.reference,
        )
    except InvalidError as refused:
        say_at_fields(form, [_at_form(problem) for problem in refused.problems])
        return unprocessable("passwords/edit.html", form=form)
    flash(_("Your password is changed. You are signed out everywhere else."), "success")
    return see_other(url_for("my_mail.show"))


def _at_form(problem: Problem) -> Problem:
    """Every field that holds a password has the word in its name."""
    return replace(problem, field="current_password") if problem.field == "current" else problem
