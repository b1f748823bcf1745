"""Knows how a proposed change is said on its button."""

from portal.domain.proposals import Proposal, Remedy
from portal.i18n import gettext as _


def proposal_sentence(proposal: Proposal) -> str:
    """What the change is, as the end of “Apply: …”."""
    changes = proposal.changes
    match proposal.remedy:
        case Remedy.TLS_HERE:
            return _("encrypt from the first byte (SSL/TLS) on this port")
        case Remedy.STARTTLS_HERE:
            return _("encrypt by STARTTLS on this port")
        case Remedy.TLS_PORT:
            return _("use SSL/TLS on port %(port)s", port=changes["port"])
        case Remedy.STARTTLS_PORT:
            return _("use STARTTLS on port %(port)s", port=changes["port"])
        case Remedy.SIGN_IN:
            return _("sign in with user name and password")
        case Remedy.ANY_MECHANISM:
            return _("take the best way of signing in that the server offers")
        case Remedy.SENDER_IS_USER:
            return _("send as %(address)s", address=changes["from_address"])
        case Remedy.NAMED_HOST:
            return _("use the server's own name, %(host)s", host=changes["host"])
