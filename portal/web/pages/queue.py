"""The queue of all companies, for whoever runs the portal: how it does, and every mail that waits in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Lane
from portal.domain.queue import OPEN, PAGE, QueueLine, Span, Tally
from portal.i18n import gettext as _
from portal.i18n.times import calendar_day, number
from portal.web.bar_chart import HEIGHT, WIDTH, Told, bars, summed
from portal.web.forms.mail_log import cursor_text
from portal.web.forms.queue import FEW_CONFIGS, MOST_CONFIGS, asked_in, configs_from, query_from, span_from
from portal.web.identity import current_actor, services
from portal.web.policy import operators
from portal.web.responses import page
from portal.web.sentences import carrier_name, lane_name, outcome, purpose_name, queue_step_name, state_name
from portal.web.sorting import REVERSED, sorting
from portal.web.times import ago
from portal.web.tones import state_tone

bp = Blueprint("queue", __name__, url_prefix="/queue")


@bp.get("")
@operators("the queue holds mail of every company")
def index() -> ResponseReturnValue:
    actor, asked = current_actor(), dict(asked_in(request.args))
    found = services().queued_mails.page(actor, query_from(request.args))
    return page(
        "queue/index.html",
        **_condition(),
        asked=asked,
        filters=_filters(asked),
        is_filtered=bool(asked.get("lane") or asked.get("state")),
        lane_name=lane_name,
        step_name=queue_step_name,
        purpose_name=purpose_name,
        tone=state_tone,
        reason=_reason,
        age=_age,
        **_deliveries(asked),
        **_backlogs(asked),
        **_mails(found, asked),
    )


def _condition() -> dict[str, Any]:
    condition = services().queue.condition(current_actor())
    figures, now = condition.figures, services().clock()
    by_state = figures.unsettled
    return {
        "condition": condition,
        "lanes": list(Lane),
        "due_since": {lane: now - timedelta(seconds=seconds) for lane, seconds in figures.oldest.items()},
        "counts": (
            (_("In hand"), figures.in_hand),
            (_("Waiting"), by_state.get(State.QUEUED, 0) + by_state.get(State.DEFERRED, 0)),
            (_("Held"), by_state.get(State.HELD, 0)),
            (_("Uncertain"), by_state.get(State.UNCERTAIN, 0)),
            (_("Set aside"), by_state.get(State.QUARANTINED, 0)),
            (_("Paused configurations"), figures.paused_configs),
        ),
    }


def _deliveries(asked: dict[str, str]) -> dict[str, Any]:
    span = span_from(request.args)
    tallies = services().queue.deliveries(current_actor(), span)
    spans = ((Span.DAY, _("24 hours")), (Span.FORTNIGHT, _("14 days")))
    return {
        "spans": [(text, _url({**asked, "span": each.value}), each is span) for each, text in spans],
        "bars": bars(tallies),
        "chart_size": (WIDTH, HEIGHT),
        "total": summed(tallies),
        "told": _told(tallies, span),
        "part_name": lambda at: _part_name(at, span),
    }


def _backlogs(asked: dict[str, str]) -> dict[str, Any]:
    shown = configs_from(request.args)
    found = services().queue.backlogs(current_actor(), most=shown)
    more = str(min(shown + 4 * FEW_CONFIGS, MOST_CONFIGS))
    has_more = len(found) > shown and shown < MOST_CONFIGS
    return {
        "backlogs": found[:shown],
        "more_configs_url": _url({**asked, "configs": more}) + "#configurations" if has_more else "",
        "carrier_name": carrier_name,
    }


def _mails(found: Sequence[QueueLine], asked: dict[str, str]) -> dict[str, Any]:
    lines, is_reversed = found[:PAGE], asked.get("order") == REVERSED
    following = {**asked, "after": cursor_text(lines[-1].mail.cursor)} if len(found) > PAGE else None
    return {
        "lines": lines,
        "is_reversed": is_reversed,
        "by_time": sorting(_mails_url, asked, "time", now="time", is_reversed=is_reversed),
        "first_url": _mails_url(asked) if request.args.get("after") else "",
        "next_url": _mails_url(following) if following else "",
    }


def _filters(asked: dict[str, str]) -> list[dict[str, Any]]:
    menus = (
        ("lane", _("Lane"), _("Every lane"), [(each.value, lane_name(each)) for each in Lane]),
        ("state", _("State"), _("Every state"), [(each.value, state_name(each)) for each in OPEN]),
    )
    return [
        {"name": name, "label": label, "options": [("", every), *options], "chosen": asked.get(name, "")}
        for name, label, every, options in menus
    ]


def _told(tallies: Sequence[Tally], span: Span) -> Told:
    total, most = summed(tallies), max(each.total for each in tallies)
    return Told(
        title=_("How attempts at delivery ended"),
        description=_(
            "%(delivered)s delivered, %(put_off)s put off, %(failed)s failed. The figures stand in the table below.",
            delivered=total.delivered,
            put_off=total.put_off,
            failed=total.failed,
        ),
        none=_("No mail was tried in this time."),
        axis=_("UTC; the highest bar is %(number)s", number=number(most)),
        legend=(
            ("delivered", _("%(number)s delivered", number=number(total.delivered))),
            (
                "put-off",
                _("%(number)s put off: tried again later, or waiting for somebody", number=number(total.put_off)),
            ),
            ("failed", _("%(number)s failed for good", number=number(total.failed))),
        ),
        columns=((_("From (UTC)"), ""), (_("Delivered"), ""), (_("Put off"), ""), (_("Failed"), "")),
        of_bar=lambda each: _(
            "%(time)s: %(delivered)s delivered, %(put_off)s put off, %(failed)s failed",
            time=_part_name(each.since, span),
            delivered=each.delivered,
            put_off=each.put_off,
            failed=each.failed,
        ),
    )


def _part_name(at: datetime, span: Span) -> str:
    return f"{at:%H:%M}" if span is Span.DAY else calendar_day(at.date())


def _reason(code: Code | None) -> str:
    return "" if code is None or code is Code.OK else outcome(code).sentence


def _age(at: datetime) -> str:
    return ago(at, services().clock())


def _url(asked: Mapping[str, str]) -> str:
    return url_for("queue.index", **asked)  # type: ignore[arg-type]  # texts


def _mails_url(asked: Mapping[str, str]) -> str:
    """The list of mails stands far below; whoever turned a page of it wants to see it."""
    return _url(asked) + "#mails"
