"""The mail log says of every mail of a company what became of it and why."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Finding
from portal.domain.errors import NotFoundError
from portal.domain.ids import MessageId, TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.services.outbox import PAGE
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page
from portal.web.sentences import (
    fact_sentence,
    note_sentence,
    outcome,
    plain_outcome,
    purpose_name,
    rung_sentence,
    step_name,
)

bp = Blueprint("mail_log", __name__, url_prefix="/t/<uuid:tenant_id>/mail-log")
_MOST_PAGES = 100_000
_TONES = {
    State.SENT: "good",
    State.FAILED: "bad",
    State.EXPIRED: "bad",
    State.QUARANTINED: "bad",
    State.DEFERRED: "warn",
    State.HELD: "warn",
    State.UNCERTAIN: "warn",
}


@bp.get("")
@requires(Permission.VIEW_MAIL_LOG)
def index(tenant_id: UUID) -> ResponseReturnValue:
    number = _page_number(request.args.get("page", "1"))
    lines = services().outbox.page(current_actor(), TenantId(tenant_id), offset=(number - 1) * PAGE)
    return page(
        "mail_log/index.html",
        tenant=current_tenant(),
        lines=lines[:PAGE],
        number=number,
        newer_url=url_for("mail_log.index", tenant_id=tenant_id, page=number - 1) if number > 1 else "",
        older_url=url_for("mail_log.index", tenant_id=tenant_id, page=number + 1) if len(lines) > PAGE else "",
        tone=_tone,
        reason=_reason,
        purpose_name=purpose_name,
    )


@bp.get("/<uuid:message_id>")
@requires(Permission.VIEW_MAIL_LOG)
def show(tenant_id: UUID, message_id: UUID) -> ResponseReturnValue:
    mail = services().outbox.show(current_actor(), TenantId(tenant_id), MessageId(message_id))
    return page(
        "mail_log/show.html",
        tenant=current_tenant(),
        mail=mail,
        tone=_tone,
        reason=_reason,
        purpose_name=purpose_name,
        rung_sentence=rung_sentence,
        note_sentence=note_sentence,
        step_items=_step_items,
    )


def _page_number(text: str) -> int:
    """Raises NotFoundError for what is no page."""
    if not (text.isascii() and text.isdigit() and len(text) < len(str(_MOST_PAGES))):
        raise NotFoundError
    return max(1, int(text))


def _tone(state: State) -> str:
    return _TONES.get(state, "neutral")


def _reason(code: Code, *, is_own: bool) -> str:
    """Why it stands as it stands; of an inherited configuration only the category is told."""
    if code is Code.OK:
        return ""
    return outcome(code).sentence if is_own or current_tenant().is_root else plain_outcome(code)


def _step_items(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    return [
        {
            "state": finding.status.value,
            "name": step_name(finding.step),
            "fact": fact_sentence(finding),
            "time": _("%(number)s ms", number=finding.milliseconds),
        }
        for finding in findings
    ]
