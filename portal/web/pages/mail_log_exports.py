"""An export is the mail log as a table for spreadsheets; that somebody took it along stands in the audit log."""

import csv
from collections.abc import Iterator
from io import StringIO
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.domain.ids import TenantId
from portal.domain.mail_log import LogLine
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.cells import harmless
from portal.web.identity import current_actor, services
from portal.web.log_question import asked_query
from portal.web.policy import requires
from portal.web.sentences import purpose_name, state_name

bp = Blueprint("mail_log_exports", __name__, url_prefix="/t/<uuid:tenant_id>/mail-log/export")


@bp.post("")
@requires(Permission.EXPORT_MAIL_LOG)
def create(tenant_id: UUID) -> ResponseReturnValue:
    query = asked_query(request.form)
    lines = list(services().mail_log.export(current_actor(), TenantId(tenant_id), query)) if query else []
    answer = Response(_table(lines), mimetype="text/csv", headers={"X-Content-Type-Options": "nosniff"})
    answer.headers.set("Content-Disposition", "attachment", filename="mail-log.csv")
    return answer


def _table(lines: list[LogLine]) -> str:
    """With a mark at the beginning by which spreadsheets know UTF-8."""
    table = StringIO()
    writer = csv.writer(table)
    writer.writerow([_("Time"), _("Company"), _("Purpose"), _("Subject"), _("To"), _("State"), _("Settled"), _("Mail")])
    writer.writerows(map(list, map(_cells, lines)))
    return "\ufeff" + table.getvalue()


def _cells(line: LogLine) -> Iterator[str]:
    settled = line.settled_at.isoformat() if line.settled_at else ""
    yield from map(
        harmless,
        (
            line.created_at.isoformat(),
            line.tenant_name,
            purpose_name(line.purpose),
            line.subject,
            line.recipient,
            state_name(line.state),
            settled,
            str(line.message_id),
        ),
    )
