"""Knows how long ago something was, in words."""

from datetime import datetime, timedelta

from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.i18n.times import day

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def ago(at: datetime, now: datetime) -> str:
    """Roughly how long before `now` it was; from a month on, the day."""
    passed = now - at
    if passed < _MINUTE:
        return _("just now")
    if passed < _HOUR:
        return _("%(number)s min ago", number=passed // _MINUTE)
    if passed < _DAY:
        return _("%(number)s h ago", number=passed // _HOUR)
    if passed < 30 * _DAY:
        return ngettext("%(number)s day ago", "%(number)s days ago", passed // _DAY)
    return day(at)
