"""One's own mail password: of the account that is linked to oneself alone, with the server it belongs to in sight."""

from http import HTTPStatus

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.domain.errors import ConflictError, InvalidError, NotFoundError
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields, whole_number
from portal.web.forms.mail_passwords import MailPasswordForm
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page, see_other

bp = Blueprint("my_mail_passwords", __name__, url_prefix="/me/mail/password")


@bp.get("")
@signed_in("the mail account linked to oneself alone")
def edit() -> ResponseReturnValue:
    return _show(None, HTTPStatus.OK)


@bp.post("")
@signed_in("the mail account linked to oneself alone")
def update() -> ResponseReturnValue:
    form = MailPasswordForm()
    version = whole_number(form.version.data)
    try:
        services().mail_passwords.change_own(current_actor(), password=form.typed, version=version)
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError:
        return _show(None, HTTPStatus.CONFLICT)
    except NotFoundError:
        return _none()
    flash(_("Success: your mail account has a new password. It counts from the next mail on."), "success")
    return see_other(url_for("my_mail.show"))


def _show(form: MailPasswordForm | None, status: HTTPStatus) -> Response:
    account = services().mail_ways.of_oneself(current_actor()).account
    if account is None:
        return _none()
    form = form or MailPasswordForm(formdata=None, data={"version": str(account.version)})
    changed = status is HTTPStatus.CONFLICT
    return page("my_mail_passwords/edit.html", status=status, account=account, form=form, changed_meanwhile=changed)


def _none() -> Response:
    flash(_("No mail account is linked to you alone, so there is no password for you to change."), "error")
    return see_other(url_for("my_mail.show"))
