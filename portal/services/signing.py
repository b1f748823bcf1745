"""Knows whose word counts for the sender of a mail: that of the configuration, or that of a template allowed there."""

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.outgoing import Outgoing
from portal.domain.sender import Signature, effective_domains, signed
from portal.services.resolution import Route
from portal.store import sender_policies, tenants


def signature_of(session: Session, tenant_id: TenantId, outgoing: Outgoing, route: Route) -> Signature:
    """Decide the sender of a tenant's mail that takes this route.

    Whoever wrote the template is judged, not whoever's mail it is. A template from above never signs over the
    configuration of a company below its author, which chose that configuration's sender for itself.
    """
    if outgoing.sender is None:
        return signed(route.draft, wanted=None, reply_to=outgoing.reply_to, inherited=True)
    author = outgoing.author or tenant_id
    inherited = route.config_id is None or route.owner != author
    return signed(
        route.draft,
        wanted=None if _stands_below(session, route.owner, author) else outgoing.sender,
        reply_to=outgoing.reply_to,
        inherited=inherited,
        allowed=allowed_domains(session, author) if inherited else (),
    )


def allowed_domains(session: Session, tenant_id: TenantId) -> frozenset[str]:
    """The domains that a tenant's senders may have over an inherited configuration, as things stand above it now."""
    tenant = tenants.find(session, tenant_id)
    if tenant is None:
        return frozenset()
    return effective_domains(sender_policies.sender_domains(session, tenants.lineage(session, tenant)))


def _stands_below(session: Session, owner_id: TenantId | None, author_id: TenantId) -> bool:
    if owner_id is None or owner_id == author_id:
        return False
    owner, author = tenants.find(session, owner_id), tenants.find(session, author_id)
    return owner is not None and author is not None and owner.stands_under(author)
