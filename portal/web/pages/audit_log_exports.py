"""An export is the audit log to take along: for a spreadsheet, or with all that its hashes are over; it is noted."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.domain.audit import Sealed
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.cells import harmless
from portal.web.forms.audit_log import query_from
from portal.web.identity import current_actor, services
from portal.web.policy import requires
from portal.web.sentences import event_sentence, field_name, said_value

bp = Blueprint("audit_log_exports", __name__, url_prefix="/t/<uuid:tenant_id>/audit-log/export")


@bp.post("")
@requires(Permission.EXPORT_AUDIT_LOG)
def create(tenant_id: UUID) -> ResponseReturnValue:
    """As lines of JSON where the form says so, else as a table."""
    entries = services().audit.export(current_actor(), TenantId(tenant_id), query_from(request.form))
    if request.form.get("format") == "jsonl":
        return _attached("".join(map(_line, entries)), "application/jsonl", "audit-log.jsonl")
    return _attached(_table(entries), "text/csv", "audit-log.csv")


def _attached(text: str, mimetype: str, filename: str) -> Response:
    answer = Response(text, content_type=f"{mimetype}; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer


def _line(sealed: Sealed) -> str:
    return json.dumps(sealed.as_json(), ensure_ascii=False) + "\n"


def _table(entries: Iterable[Sealed]) -> str:
    """With a mark at the beginning by which spreadsheets know UTF-8."""
    table = StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(
        [_("Number"), _("Time"), _("Who"), _("On whose behalf"), _("What"), _("To what"), _("Changes"), _("Hash")]
    )
    writer.writerows([harmless(cell) for cell in _cells(sealed)] for sealed in entries)
    return "\ufeff" + table.getvalue()


def _cells(sealed: Sealed) -> Iterator[str]:
    entry = sealed.entry
    yield str(entry.number)
    yield entry.at.isoformat()
    yield entry.impersonator_name or entry.done_by or _("Portal")
    yield entry.done_by if entry.impersonator_name else ""
    yield event_sentence(entry.event)
    yield entry.subject_name
    yield "; ".join(
        f"{field_name(name)}: {said_value(name, before)} → {said_value(name, after)}"
        for name, (before, after) in entry.fields.items()
        if before or after
    )
    yield sealed.hash.hex() if sealed.hash else ""
