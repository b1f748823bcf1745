"""One's own preferences: in which language the portal speaks, and at the time of which zone."""

from http import HTTPStatus

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.people import User
from portal.i18n import current_voice, speaking
from portal.i18n import gettext as _
from portal.i18n.catalogs import voice_in
from portal.web.forms.fields import say_at_fields, whole_number
from portal.web.forms.preferences import PreferencesForm
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page, see_other

bp = Blueprint("preferences", __name__, url_prefix="/me/preferences")


@bp.get("")
@signed_in("how one is spoken to")
def edit() -> ResponseReturnValue:
    return _show(_form_of(services().preferences.get(current_actor())))


@bp.post("")
@signed_in("how one is spoken to")
def update() -> ResponseReturnValue:
    user = services().preferences.get(current_actor())
    form = PreferencesForm()
    wanted = form.preferences(user)
    try:
        services().preferences.change(current_actor(), wanted, version=whole_number(form.version.data))
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError:
        return _show(_form_of(user), HTTPStatus.CONFLICT)
    with speaking(voice_in(wanted.language or current_voice().language)):  # the next page speaks like that already
        flash(_("Saved: this is how the portal speaks to you from now on."), "success")
    return see_other(url_for("my_mail.show"))


def _form_of(user: User) -> PreferencesForm:
    data = {"language": user.language, "zone": user.zone, "version": str(user.version)}
    return PreferencesForm(formdata=None, data=data)


def _show(form: PreferencesForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
    form.offer_preferences()
    changed = status is HTTPStatus.CONFLICT
    return page("preferences/edit.html", status=status, form=form, changed_meanwhile=changed)
