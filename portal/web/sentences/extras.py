"""Knows the words for the extra configurations: their names, and what each of them is for."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.domain.extra_options import ExtraOption
from portal.i18n import gettext as _

Word = Callable[[], str]


def extra_name(option: ExtraOption) -> str:
    return _NAMES[option]()


def extra_explanation(option: ExtraOption) -> str:
    return _EXPLANATIONS[option]()


_NAMES: Mapping[ExtraOption, Word] = MappingProxyType(
    {
        ExtraOption.SSL: lambda: "SSL",
        ExtraOption.TLS: lambda: "TLS",
        ExtraOption.MECHANISM: lambda: _("AUTH mechanism"),
        ExtraOption.HELO_NAME: lambda: _("HELO name"),
        ExtraOption.ENVELOPE_FROM: lambda: _("Envelope sender"),
        ExtraOption.REPLY_TO: lambda: _("Reply-to address"),
        ExtraOption.TRUST: lambda: _("Certificate trust"),
        ExtraOption.PER_MINUTE: lambda: _("Messages per minute"),
    }
)
_EXPLANATIONS: Mapping[ExtraOption, Word] = MappingProxyType(
    {
        ExtraOption.SSL: lambda: _("For port 465: choose SSL and set it to Y. Everything is encrypted from the start."),
        ExtraOption.TLS: lambda: _(
            "For port 587: choose TLS and set it to Y. The connection is encrypted before anything of yours is said."
        ),
        ExtraOption.MECHANISM: lambda: _(
            "How the user name and the password are handed over, where a server is picky."
        ),
        ExtraOption.HELO_NAME: lambda: _("The name under which the portal introduces itself to the server."),
        ExtraOption.ENVELOPE_FROM: lambda: _("The address to which undeliverable mail comes back."),
        ExtraOption.REPLY_TO: lambda: _("The address to which people's answers go."),
        ExtraOption.TRUST: lambda: _(
            "A private authority's certificate (from BEGIN to END), or the SHA-256 fingerprint of one certificate."
        ),
        ExtraOption.PER_MINUTE: lambda: _("How many mails a minute the provider takes. The rest waits for its turn."),
    }
)
