"""The audit log says who did what in a company, and what it changed."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.audit import Entry, Event
from portal.domain.errors import NotFoundError
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.services.audit import PAGE
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page
from portal.web.sentences import event_sentence, field_name

bp = Blueprint("audit_log", __name__, url_prefix="/t/<uuid:tenant_id>/audit-log")
# More digits than any log has entries, and fewer than a database's numbers have.
_MOST_DIGITS = 15
_BY_THE_ACCOUNT_ITSELF = frozenset({Event.SIGNED_IN, Event.USER_JOINED, Event.PASSWORD_CHANGED})


@bp.get("")
@requires(Permission.VIEW_AUDIT_LOG)
def index(tenant_id: UUID) -> ResponseReturnValue:
    before = _number(request.args.get("before", ""))
    entries = services().audit.page(current_actor(), TenantId(tenant_id), before=before)
    shown = entries[:PAGE]
    older = url_for("audit_log.index", tenant_id=tenant_id, before=shown[-1].number) if len(entries) > PAGE else ""
    return page(
        "audit_log/index.html",
        tenant=current_tenant(),
        entries=shown,
        newest_url=url_for("audit_log.index", tenant_id=tenant_id) if before is not None else "",
        older_url=older,
        done_by=_done_by,
        event_sentence=event_sentence,
        differences=_differences,
    )


def _number(text: str) -> int | None:
    """Raises NotFoundError for what is no number of an entry."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotFoundError
    return int(text)


def _done_by(entry: Entry) -> str:
    """Who did it. What people do to their own accounts has no other actor than the account."""
    return entry.actor_name or (entry.subject_name if entry.event in _BY_THE_ACCOUNT_ITSELF else _("Portal"))


def _differences(entry: Entry) -> list[tuple[str, str, str]]:
    """Each field that changed: its name, its value before and after, in words where a value has some."""
    changed = {name: values for name, values in entry.fields.items() if any(values)}
    return [(field_name(name), _said(before), _said(after)) for name, (before, after) in changed.items()]


def _said(value: str) -> str:
    words = {"True": _("yes"), "False": _("no"), "changed": _("changed")}
    return words.get(value, value)
