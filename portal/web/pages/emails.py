"""One's own e-mail address: another one is asked for here, and counts once its holder opened a link."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.i18n import gettext as _
from portal.web.forms.emails import OwnEmailForm
from portal.web.forms.fields import say_at_fields
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("emails", __name__, url_prefix="/me/email")


@bp.get("")
@signed_in("one's own address")
@freshly_proven()
def edit() -> ResponseReturnValue:
    return page("emails/edit.html", form=OwnEmailForm(formdata=None))


@bp.post("")
@signed_in("one's own address")
@freshly_proven()
def update() -> ResponseReturnValue:
    """The answer is the same whether anybody else has this address or not."""
    form = OwnEmailForm()
    if not form.validate():
        return unprocessable("emails/edit.html", form=form)
    try:
        address = services().security.email_changes.ask(current_actor(), form.email.data or "")
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("emails/edit.html", form=form)
    flash(_("A link is on its way to %(email)s. Open it within 30 minutes.", email=address), "success")
    return see_other(url_for("security.show"))
