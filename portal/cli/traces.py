"""Knows how the way of a mail is worded on the command line."""

from portal.domain.precedence import Reason, Rung, Source
from portal.i18n import gettext as _


def rung_line(rung: Rung) -> str:
    """Who was asked, and what the answer was: an arrow leads to the one that is used."""
    if rung.reason is None:
        return _taken(rung)
    match rung.reason:
        case Reason.NONE_NAMED:
            return _("– no configuration was named")
        case Reason.NOT_LINKED:
            return _("– no configuration is linked to %(place)s", place=rung.place)
        case Reason.IN_NO_PROFILE:
            return _("– the user is in no profile")
        case Reason.STAYS_ON_DEFAULT:
            return _("– %(place)s has no active configuration of its own", place=rung.place)
        case Reason.ITS_SUBJECT:
            return _("– %(place)s: the mail is about this very configuration", place=rung.place)
        case Reason.NOT_CONFIGURED:
            return _("– the portal has no configuration of last resort")


def _taken(rung: Rung) -> str:
    match rung.source:
        case Source.NAMED:
            return _("→ the configuration that was named")
        case Source.USER | Source.PROFILE:
            return _("→ the configuration linked to %(place)s", place=rung.place)
        case Source.TENANT | Source.PROVIDER_DEFAULT:
            return _("→ the active configuration of %(place)s", place=rung.place)
        case Source.INSTANCE:
            return _("→ the portal's configuration of last resort")
