"""Knows which way a waiting mail takes as things stand now, and whether it would still take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId, new_id
from portal.domain.outgoing import Lane, Mailbox
from portal.domain.precedence import Resolution
from portal.domain.tenancy import Tenant
from portal.services.resolution import PasswordNeededError, Resolver, Route
from portal.store import mail_configs, outbox, shapes, tenants, usable_configs
from portal.store.hands import Mail, Recipient
from portal.vault.vault import TenantVault


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail in somebody's hands: all that was decided in the transaction that took it.

    `everyone` stands in its header, `addresses` are those whom this attempt is for. `content` is sealed, and so are
    the `exact` bytes of a copy that may have arrived; `own` opens both. `along` were taken with it, to follow it over
    the same connection.
    """

    mail: Mail
    message_id: MessageId
    attempt_id: UUID
    owner: UUID
    tenant_id: TenantId
    lane: Lane
    route: Route
    header_id: str
    queued_at: datetime
    everyone: tuple[Mailbox, ...]
    addresses: tuple[str, ...]
    content: bytes
    exact: bytes | None
    own: TenantVault
    along: tuple["Claim", ...] = ()


@dataclass(frozen=True, slots=True)
class Routing:
    resolver: Resolver

    def route(self, session: Session, mail: Mail, tenant: Tenant | None) -> tuple[Code, Route | None]:
        """The way of a mail, made usable; or None, and why it has none. Both are noted at the mail."""
        if tenant is None or tenant.suspended:  # closed, or resting with everyone below
            return Code.SUSPENDED, None
        resolution = self.resolution(session, mail, tenant)
        mail.trace = shapes.of_trace(resolution.trace)
        if resolution.choice is None:
            return Code.NO_CONFIG, None
        if mail.sealed_bytes is None:  # else it says through what the uncertain copy went
            mail.config_id = resolution.choice.config_id
        try:
            route = self.resolver.route(session, resolution.choice)
        except PasswordNeededError:
            return Code.PASSWORD_NEEDED, None
        if _was_through_another(mail, route):
            return Code.ROUTE_CHANGED, None
        return Code.OK, route

    def still_go(self, session: Session, claims: Sequence[Claim]) -> list[Claim]:
        """Those that would take the very same route if it were decided now; each question is asked once."""
        known: dict[tuple[UUID | None, ...], bool] = {}
        found = []
        for claim in claims:
            mail, route = claim.mail, claim.route
            key = mail.tenant_id, mail.user_id, mail.named_config_id, mail.about_config_id, route.config_id
            if key not in known:
                known[key] = self._still_goes(session, claim)
            if known[key]:
                found.append(claim)
        return found

    def _still_goes(self, session: Session, claim: Claim) -> bool:
        tenant = tenants.find(session, claim.tenant_id)
        if tenant is None or tenant.suspended:
            return False
        choice, route = self.resolution(session, claim.mail, tenant).choice, claim.route
        if choice is None or choice.config_id != route.config_id:
            return False
        return route.config_id is None or usable_configs.version_of(session, route.config_id) == route.version

    def resolution(self, session: Session, mail: Mail, tenant: Tenant) -> Resolution:
        named = ConfigId(mail.named_config_id) if mail.named_config_id else None
        # A named configuration that was deleted meanwhile is absent: only absence passes the question on.
        if named and mail_configs.find_row(session, tenant.id, named) is None:
            named = None
        user_id = UserId(mail.user_id) if mail.user_id else None
        about = ConfigId(mail.about_config_id) if mail.about_config_id else None
        return self.resolver.for_mail_of(session, tenant, named, user_id=user_id, about=about)


def claim_of(mail: Mail, recipients: Sequence[Recipient], route: Route, owner: UUID, own: TenantVault) -> Claim:
    """What is known of a mail at the moment at which it is taken."""
    return Claim(
        mail=mail,
        message_id=MessageId(mail.id),
        attempt_id=new_id(),
        owner=owner,
        tenant_id=TenantId(mail.tenant_id),
        lane=Lane(mail.lane),
        route=route,
        header_id=mail.message_id,
        queued_at=mail.created_at,
        everyone=tuple(Mailbox(each.address, each.name) for each in recipients),
        addresses=tuple(each.address for each in outbox.in_hand(recipients)),
        content=mail.content or b"",
        exact=mail.sealed_bytes,
        own=own,
    )


def _was_through_another(mail: Mail, route: Route) -> bool:
    """After an uncertain outcome only the same configuration may repeat the mail; else a person decides."""
    if mail.sealed_bytes is None:
        return False
    return (mail.config_id, mail.config_version) != (route.config_id, route.version)
