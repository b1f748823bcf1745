"""Knows how a configuration for the demo mail server is filled in, so that a newcomer needs one click and no manual."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.demo.ports import LOOPBACK, Ports
from portal.domain.config_rules import Typed
from portal.domain.mail_config import Encryption, TrustKind
from portal.domain.secret import Secret
from portal.i18n import gettext as _

# No secret at all: the demo mail server stands on loopback and throws nothing away but mail.
MAIL_PASSWORD = "relaytree-demo"  # noqa: S105 - printed and documented


@dataclass(frozen=True, slots=True)
class Preset:
    """What one click fills in. `password` is empty where nobody signs in."""

    label: str
    typed: Typed
    password: Secret


def presets(ports: Ports, authority: str) -> Mapping[str, Preset]:
    """One preset per door of the demo mail server; `authority` is the PEM of its throw-away authority."""
    starttls = _typed(ports.starttls, Encryption.STARTTLS, authority)
    tls = _typed(ports.tls, Encryption.TLS, authority)
    plain = replace(_typed(ports.plain, Encryption.NONE, ""), signs_in=False, username="")
    return {
        "starttls": Preset(_("Demo server with STARTTLS"), starttls, Secret(MAIL_PASSWORD)),
        "tls": Preset(_("Demo server with TLS from the start"), tls, Secret(MAIL_PASSWORD)),
        "plain": Preset(_("Demo server without encryption"), plain, Secret("")),
    }


def _typed(port: int, encryption: Encryption, authority: str) -> Typed:
    return Typed(
        host=LOOPBACK,
        port=str(port),
        encryption=encryption.value,
        username="demo",
        from_address="portal@demo.test",
        trust_kind=(TrustKind.PRIVATE_CA if authority else TrustKind.SYSTEM).value,
        trust_pem=authority,
    )
