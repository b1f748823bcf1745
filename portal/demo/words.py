"""Knows the demo's own words: how Rex invites, and in whose name he may do so through Pia's server."""

from portal.domain.outgoing import Purpose
from portal.domain.roles import Actor
from portal.domain.templates import Wording
from portal.services import Services

_DOMAIN = "rex-hosting.test"
_INVITATION = Wording(
    subject="{{inviter}} would like you on board at {{company}}",
    header="Rex Hosting",
    text=(
        "Good day,\n\n"
        "{{inviter}} asks you to help look after {{company}}. Choose a password here; the link works once, "
        "and for {{hours}} hours:\n\n"
        "{{url}}\n\n"
        "Not for you? Then there is nothing to do."
    ),
    footer="Rex Hosting · mail that arrives",
    from_name="Rex Hosting Support",
    from_address=f"support@{_DOMAIN}",
)


def load(services: Services, *, provider: Actor, reseller: Actor) -> None:
    """Let the provider allow the reseller's domain, and the reseller publish his own invitation."""
    for actor in (provider, reseller):
        version = services.sender_policies.get(actor, actor.tenant.id).version
        services.sender_policies.change(actor, actor.tenant.id, domains=_DOMAIN, language="", version=version)
    services.templates.save(
        reseller, reseller.tenant.id, Purpose.INVITATION, "en", _INVITATION, version=0, publish=True
    )
