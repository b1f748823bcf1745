"""Knows what contacts of each kind are called."""

from portal.domain.contacts import ContactKind
from portal.i18n import gettext as _


def contact_kind_name(kind: ContactKind) -> str:
    match kind:
        case ContactKind.BILLING:
            return _("Invoices")
        case ContactKind.TECHNICAL:
            return _("Technical matters")
        case ContactKind.ABUSE:
            return _("Complaints about mail")
