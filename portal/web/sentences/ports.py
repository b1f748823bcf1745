"""Knows what is said of a port and a method together, and where they disagree. The scripts say the same words."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.domain.mail_config import Encryption
from portal.domain.ports import USUAL_PORTS, mended, port_in
from portal.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Pair:
    """A method on some ports, on all others where `ports` is empty. `{port}` in its texts stands for the number.

    `warning` is empty where the two agree; `mend` is the method that would.
    """

    method: Encryption
    ports: tuple[int, ...]
    text: str
    warning: str = ""
    mend: Encryption | None = None

    @property
    def for_scripts(self) -> Mapping[str, object]:
        return {
            "method": self.method.value,
            "ports": [str(port) for port in self.ports],
            "text": self.text,
            "warning": self.warning,
            "mend": self.mend.value if self.mend else "",
        }

    def on(self, port: str) -> tuple[str, str]:
        """Its text and its warning with the port as it was typed."""
        shown = port.strip()[:5] or "…"
        return self.text.replace("{port}", shown), self.warning.replace("{port}", shown)


def pairs() -> tuple[Pair, ...]:
    """Every pair that is worth a word of its own, and last the methods on any other port."""
    unusual = [
        Pair(method, (port,), _text(method, port), _warning(port, mend), mend)
        for port in USUAL_PORTS
        for method in Encryption
        if (mend := mended(port, method))
    ]
    in_the_open = Pair(Encryption.NONE, (25,), _text(Encryption.NONE, 25))
    return (*unusual, in_the_open, *(Pair(method, (), _text(method, 0)) for method in Encryption))


def pair_of(port: str, method: str) -> Pair:
    """What is to be said of what stands in a form. A method that is none is taken for STARTTLS, as is a new form's."""
    number = port_in(port)
    wanted = Encryption(method) if method in set(Encryption) else Encryption.STARTTLS
    return next(each for each in pairs() if each.method is wanted and (number in each.ports or not each.ports))


def _text(method: Encryption, port: int) -> str:
    match method:
        case Encryption.NONE if port == 25:
            return _(
                "Port 25 without encryption is common for servers that know you by your network address. "
                "Whoever stands on the way can read the mail."
            )
        case Encryption.NONE:
            return _("Nothing is encrypted: whoever stands on the way can read the mail.")
        case Encryption.STARTTLS:
            return _("On port {port} the connection is upgraded by STARTTLS, or nothing is sent.")
        case Encryption.TLS:
            return _("On port {port} the connection is encrypted from the first byte.")


def _warning(port: int, mend: Encryption) -> str:
    if mend is Encryption.TLS:
        return _("Port {port} usually expects encryption from the first byte and answers nothing else.")
    if port == 587:
        return _("Port {port} usually begins in the open and wants STARTTLS before anybody signs in.")
    return _("Port {port} usually begins in the open: encryption from the first byte gets no answer there.")
