"""Knows how it is said what takes over after a change."""

from portal.domain.impact import Takeover
from portal.i18n import gettext as _
from portal.i18n import ngettext


def takeover_sentence(takeover: Takeover) -> str:
    """Who uses what from then on."""
    counts = []
    if takeover.companies:
        counts.append(ngettext("%(number)s company", "%(number)s companies", takeover.companies))
    if takeover.people:
        counts.append(ngettext("%(number)s person", "%(number)s people", takeover.people))
    who = " · ".join(counts)
    if takeover.choice is None:
        return _("%(who)s: nothing applies, mail is held", who=who)
    if takeover.choice.config_id is None:
        return _("%(who)s: the instance default", who=who)
    if takeover.name:
        return _("%(who)s: “%(name)s”", who=who, name=takeover.name)
    return _("%(who)s: what stands above", who=who)
