"""A resending asks for a mail once more, with a new link where it carries one; or it calls the mail off."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ForbiddenError, InvalidError, NotFoundError, TooManyError
from portal.domain.ids import ContactId, MessageId, TenantId
from portal.domain.mail_log import LogPage
from portal.domain.outgoing import Purpose
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import see_other
from portal.web.sentences import limit_sentence, problem_sentence

bp = Blueprint("resendings", __name__, url_prefix="/t/<uuid:tenant_id>/mail-log/<uuid:message_id>")


@bp.post("/retry")
@requires(Permission.RESEND_MAIL)
def create(tenant_id: UUID, message_id: UUID) -> ResponseReturnValue:
    """Once more, as it was."""
    try:
        services().mail_log.retry(current_actor(), TenantId(tenant_id), MessageId(message_id))
    except InvalidError as refused:
        flash(problem_sentence(refused.problems[0]), "error")
    else:
        flash(_("The mail is tried again now."), "success")
    return _back(message_id)


@bp.post("/link")
@requires(Permission.RESEND_MAIL)
def update(tenant_id: UUID, message_id: UUID) -> ResponseReturnValue:
    """Another mail with a new link; the old one ends."""
    mail = services().mail_log.show(current_actor(), TenantId(tenant_id), MessageId(message_id))
    try:
        _send_link(mail)
    except TooManyError as limit:
        flash(limit_sentence(limit), "error")
    except ForbiddenError:
        flash(_("Only an owner can send this link."), "error")
    except (InvalidError, NotFoundError):
        flash(_("There is no need for a new link any more."), "error")
    else:
        flash(_("A new link is on its way to %(email)s.", email=mail.lines[0].recipient), "success")
    return _back(message_id)


@bp.post("/cancellation")
@requires(Permission.RESEND_MAIL)
def delete(tenant_id: UUID, message_id: UUID) -> ResponseReturnValue:
    try:
        services().mail_log.cancel(current_actor(), TenantId(tenant_id), MessageId(message_id))
    except InvalidError as refused:
        flash(problem_sentence(refused.problems[0]), "error")
    else:
        flash(_("The mail is called off."), "success")
    return _back(message_id)


def _send_link(mail: LogPage) -> None:
    """Raises InvalidError or NotFoundError where nobody waits for one, ForbiddenError, TooManyError."""
    actor, tenant, email = current_actor(), current_tenant(), mail.lines[0].recipient
    match mail.lines[0].purpose:
        case Purpose.INVITATION if mail.user_id is not None:
            services().invitations.invite_again(actor, tenant.id, mail.user_id)
        case Purpose.PASSWORD_RESET:
            services().password_changes.ask(email, address=request.remote_addr or "")
        case Purpose.CONTACT_CONFIRMATION:
            services().contacts.ask_again(actor, tenant.id, _contact_of(email))
        case _:
            raise NotFoundError


def _contact_of(email: str) -> ContactId:
    found = services().contacts.overview(current_actor(), current_tenant().id)
    waiting = [each.id for each in found if each.email == email and not each.is_verified]
    if not waiting:
        raise NotFoundError
    return waiting[0]


def _back(message_id: UUID) -> ResponseReturnValue:
    return see_other(url_for("mail_log.show", tenant_id=current_tenant().id, message_id=message_id))
