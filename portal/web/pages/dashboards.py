"""A company's dashboard answers at a glance: what sends its mail, is it healthy, and what needs somebody."""

from dataclasses import replace
from functools import partial
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain.dashboards import DAYS, Dashboard, Matter
from portal.domain.ids import TenantId
from portal.domain.mail_config import InheritedDefault, MailConfig
from portal.domain.queue import Tally
from portal.domain.roles import Permission, granted
from portal.i18n import current_voice
from portal.i18n import gettext as _
from portal.i18n.times import day, number
from portal.web.bar_chart import HEIGHT, WIDTH, Told, bars, summed
from portal.web.identity import current_actor, current_tenant, services
from portal.web.needs import NeedLine, line_of
from portal.web.policy import requires
from portal.web.responses import page
from portal.web.times import ago

bp = Blueprint("dashboards", __name__, url_prefix="/t/<uuid:tenant_id>/dashboard")

# Whoever is suspended looks at everything and writes nothing.
_LEADS_TO_FORMS = (Matter.PASSWORD_NEEDED, Matter.PAUSED, Matter.FAILS, Matter.NEVER_TRIED)


@bp.get("")
@requires(Permission.VIEW_CONFIGS)
def show(tenant_id: UUID) -> ResponseReturnValue:
    board = services().dashboards.of(current_actor(), TenantId(tenant_id), zone=current_voice().zone)
    return page(
        "dashboards/show.html",
        tenant=current_tenant(),
        board=board,
        answer=_answer(board),
        needs=_lines(board),
        bars=bars(board.days),
        total=summed(board.days),
        chart_size=(WIDTH, HEIGHT),
        picture=_told(board.days),
        part_name=day,
        ago=partial(ago, now=services().clock()),
        may_test=not current_actor().tenant.suspended,
        may_add=_may_add(),
    )


def _may_add() -> bool:
    actor = current_actor()
    return Permission.EDIT_CONFIGS in granted(actor, current_tenant()) and not actor.tenant.suspended


def _answer(board: Dashboard) -> str:
    """What the company's mail leaves through, and as whom; of what is inherited no more than may be known."""
    company = board.tenant.name
    if board.selected is not None:
        values = {"company": company, "config": board.selected.name, "sender": _sender(board.selected)}
        return _("Mail of %(company)s leaves through “%(config)s” as %(sender)s.", **values)
    default = board.default
    if default is None or not default.exists:
        return _("Mail of %(company)s waits: nothing is set up yet that could send it.", company=company)
    return _inherited(company, default)


def _inherited(company: str, default: InheritedDefault) -> str:
    values = {"company": company, "sender": default.sender or "", "parent": default.parent_name}
    if not default.parent_name:
        return _("Mail of %(company)s leaves through the instance default as %(sender)s.", **values)
    if default.sender is None:
        return _("Mail of %(company)s leaves through the Provider default of %(parent)s.", **values)
    return _("Mail of %(company)s leaves through the Provider default of %(parent)s as %(sender)s.", **values)


def _sender(config: MailConfig) -> str:
    draft = config.draft
    return f"{draft.from_name} <{draft.from_address}>" if draft.from_name else draft.from_address


def _lines(board: Dashboard) -> list[NeedLine]:
    lines = [(need.matter, line_of(need, board.tenant)) for need in board.needs]
    if not current_actor().tenant.suspended:
        return [line for _matter, line in lines]
    return [replace(line, url="") if matter in _LEADS_TO_FORMS else line for matter, line in lines]


def _told(days: tuple[Tally, ...]) -> Told:
    total, most = summed(days), max(each.total for each in days)
    return Told(
        title=_("What became of the mail of each day"),
        description=_(
            "%(delivered)s delivered, %(waiting)s waiting, %(failed)s failed. The figures stand in the table below.",
            delivered=number(total.delivered),
            waiting=number(total.put_off),
            failed=number(total.failed),
        ),
        none=_("No mail in the last %(number)s days.", number=DAYS),
        axis=_("The highest bar is %(number)s", number=number(most)),
        legend=(
            ("delivered", _("%(number)s delivered", number=number(total.delivered))),
            ("put-off", _("%(number)s still waiting or held", number=number(total.put_off))),
            ("failed", _("%(number)s failed for good", number=number(total.failed))),
        ),
        columns=((_("Day"), ""), (_("Delivered"), ""), (_("Waiting"), ""), (_("Failed"), "")),
        of_bar=_of_bar,
    )


def _of_bar(each: Tally) -> str:
    return _(
        "%(time)s: %(delivered)s delivered, %(waiting)s waiting, %(failed)s failed",
        time=day(each.since),
        delivered=number(each.delivered),
        waiting=number(each.put_off),
        failed=number(each.failed),
    )
