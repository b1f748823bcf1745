"""The audit log says who did what in a company, and what it changed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.audit import PAGE, Entry, EventGroup
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.audit_log import FILTERS, asked_in, number_from, query_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page
from portal.web.sentences import event_group_name, event_sentence, field_name, said_value
from portal.web.sorting import sorting

bp = Blueprint("audit_log", __name__, url_prefix="/t/<uuid:tenant_id>/audit-log")


@bp.get("")
@requires(Permission.VIEW_AUDIT_LOG)
def index(tenant_id: UUID) -> ResponseReturnValue:
    before, asked = number_from(request.args.get("before")), asked_in(request.args)
    query = query_from(request.args)
    entries = services().audit.page(current_actor(), TenantId(tenant_id), query, before=before)
    shown = entries[:PAGE]
    by_time = sorting(_url, asked, "time", now="time", is_reversed=query.is_reversed, falls=True)
    return page(
        "audit_log/index.html",
        tenant=current_tenant(),
        entries=shown,
        asked=asked,
        kinds=_kinds(asked),
        is_filtered=any(asked.get(name) for name in FILTERS),
        is_reversed=query.is_reversed,
        by_time=by_time,
        first_url=_url(asked) if before is not None else "",
        next_url=_url({**asked, "before": str(shown[-1].number)}) if len(entries) > PAGE else "",
        done_by=_done_by,
        event_sentence=event_sentence,
        differences=_differences,
    )


def _url(asked: Mapping[str, str]) -> str:
    return url_for("audit_log.index", tenant_id=current_tenant().id, **asked)  # type: ignore[arg-type]  # texts


def _kinds(asked: Mapping[str, str]) -> dict[str, Any]:
    options = [("", _("Every kind")), *((group.value, event_group_name(group)) for group in EventGroup)]
    return {"options": options, "chosen": asked.get("kind", "")}


def _done_by(entry: Entry) -> str:
    return entry.done_by or _("Portal")


def _differences(entry: Entry) -> list[tuple[str, str, str]]:
    """Each field that changed: its name, its value before and after, in words where a value has some."""
    changed = {name: values for name, values in entry.fields.items() if any(values)}
    return [
        (field_name(name), said_value(name, before), said_value(name, after))
        for name, (before, after) in changed.items()
    ]
