"""The mail log says of every mail of a company what became of it and why."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.diagnosis import Code, Finding
from portal.domain.ids import ConfigId, MessageId, TenantId
from portal.domain.mail_log import PAGE, LogGroup, LogQuery
from portal.domain.outgoing import Purpose
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.mail_log import FILTERS, asked_in, cursor_text
from portal.web.identity import current_actor, current_tenant, services
from portal.web.log_question import asked_query
from portal.web.log_rows import Cells, log_rows
from portal.web.policy import requires
from portal.web.responses import page, wants_json
from portal.web.sentences import (
    fact_sentence,
    log_group_name,
    note_sentence,
    outcome,
    plain_outcome,
    purpose_name,
    rung_sentence,
    step_name,
)
from portal.web.sorting import REVERSED, sorting
from portal.web.tones import state_tone

bp = Blueprint("mail_log", __name__, url_prefix="/t/<uuid:tenant_id>/mail-log")


@bp.get("")
@requires(Permission.VIEW_MAIL_LOG)
def index(tenant_id: UUID) -> ResponseReturnValue:
    """As a page, or for whoever accepts JSON and prefers it, as that."""
    query = asked_query(request.args)
    found = services().mail_log.page(current_actor(), TenantId(tenant_id), query) if query else []
    lines, asked = found[:PAGE], asked_in(request.args)
    next_url = _url({**asked, "after": cursor_text(lines[-1].cursor)}) if len(found) > PAGE else ""
    is_reversed = asked.get("order") == REVERSED
    if wants_json():
        mails = [line.as_json() for line in lines]
        return jsonify({"mails": mails, "newer" if is_reversed else "older": next_url or None})
    choices = services().mail_log.choices(current_actor(), TenantId(tenant_id), query or LogQuery())
    return page(
        "mail_log/index.html",
        tenant=current_tenant(),
        lines=lines,
        asked=asked,
        filters=_filters(asked, choices.configs),
        sees_below=choices.sees_below,
        is_filtered=any(asked.get(name) for name in FILTERS),
        is_reversed=is_reversed,
        by_time=sorting(_url, asked, "time", now="time", is_reversed=is_reversed, falls=True),
        first_url=_url(asked) if request.args.get("after") else "",
        next_url=next_url,
        cells=Cells,
        log_rows=partial(log_rows, reason=_reason),
    )


@bp.get("/<uuid:message_id>")
@requires(Permission.VIEW_MAIL_LOG)
def show(tenant_id: UUID, message_id: UUID) -> ResponseReturnValue:
    mail = services().mail_log.show(current_actor(), TenantId(tenant_id), MessageId(message_id))
    return page(
        "mail_log/show.html",
        tenant=current_tenant(),
        mail=mail,
        tone=state_tone,
        reason=_reason,
        purpose_name=purpose_name,
        rung_sentence=rung_sentence,
        note_sentence=note_sentence,
        step_items=_step_items,
    )


def _url(asked: Mapping[str, str]) -> str:
    return url_for("mail_log.index", tenant_id=current_tenant().id, **asked)  # type: ignore[arg-type]  # texts


def _filters(asked: Mapping[str, str], configs: Mapping[ConfigId, str]) -> list[dict[str, Any]]:
    menus = (
        ("state", _("State"), _("Every state"), [(each.value, log_group_name(each)) for each in LogGroup]),
        ("purpose", _("Purpose"), _("Every purpose"), [(each.value, purpose_name(each.value)) for each in Purpose]),
        ("config", _("Configuration"), _("Every configuration"), [(str(each), name) for each, name in configs.items()]),
    )
    return [
        {"name": name, "label": label, "options": [("", every), *options], "chosen": asked.get(name, "")}
        for name, label, every, options in menus
    ]


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
