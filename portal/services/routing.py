"""Knows which way a waiting mail takes as things stand now, and whether it would still take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId
from portal.domain.outgoing import Lane, Mailbox
from portal.domain.precedence import Resolution
from portal.domain.tenancy import Tenant
from portal.services.resolution import PasswordNeededError, Resolver, Route
from portal.store import mail_configs, outbox, shapes, turns, usable_configs
from portal.store.hands import Mail, Recipient
from portal.store.usable_configs import Usable
from portal.vault.vault import TenantVault


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail in somebody's hands: all that was decided in the transaction that took it.

    `recipients` are as they were written then; while all of them are `in_hand` nobody else changes one. `own` opens
    what is sealed. `along` were taken with it, to follow it over the same connection.
    """

    mail: Mail
    attempt_id: UUID
    owner: UUID
    route: Route
    recipients: tuple[Recipient, ...]
    own: TenantVault
    along: tuple["Claim", ...] = ()

    @property
    def message_id(self) -> MessageId:
        return MessageId(self.mail.id)

    @property
    def tenant_id(self) -> TenantId:
        return TenantId(self.mail.tenant_id)

    @property
    def lane(self) -> Lane:
        return Lane(self.mail.lane)

    @property
    def everyone(self) -> tuple[Mailbox, ...]:
        """Those who stand in its header."""
        return tuple(Mailbox(each.address, each.name) for each in self.recipients)

    @property
    def in_hand(self) -> list[Recipient]:
        """Those whom this attempt is for."""
        return outbox.in_hand(self.recipients)

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(each.address for each in self.in_hand)


class AnotherWayError(Exception):
    """Whoever waits for two servers at once may wait for somebody who waits for him."""


@dataclass(frozen=True, slots=True)
class Way:
    """The route of a mail, with its configuration where that is not the operator's; or why it has none."""

    code: Code
    route: Route | None = None
    config: Usable | None = None


@dataclass(frozen=True, slots=True)
class Routing:
    resolver: Resolver

    def way(self, session: Session, mail: Mail, tenant: Tenant | None, *, behind: Route | None = None) -> Way:
        """Which way a mail takes; why, and through what, is noted at the mail.

        Nobody else takes mail for that server, or learns of it, until the transaction ends. Raises AnotherWayError
        where that is not the way of the mail `behind` which it goes, in a transaction that learns of the latter's.
        """
        if tenant is None or tenant.suspended:  # closed, or resting with everyone below
            return Way(Code.SUSPENDED)
        resolution = self.resolution(session, mail, tenant)
        mail.trace = shapes.of_trace(resolution.trace)
        choice = resolution.choice
        if choice is None:
            return Way(Code.NO_CONFIG)
        if mail.sealed_bytes is None:  # else it says through what the uncertain copy went
            mail.config_id = choice.config_id
        if behind and choice.config_id != behind.config_id:
            raise AnotherWayError
        config = self._alone_with(session, choice.config_id)
        try:
            route = self.resolver.route_through(config) if config else self.resolver.route(session, choice)
        except PasswordNeededError:
            return Way(Code.PASSWORD_NEEDED)
        if _was_through_another(mail, route):
            return Way(Code.ROUTE_CHANGED)
        return Way(Code.OK, route, config)

    @staticmethod
    def _alone_with(session: Session, config_id: ConfigId | None) -> Usable | None:
        if config_id is None:
            turns.lock_instance_default(session)
            return None
        return usable_configs.usable(session, config_id, alone=True)

    def still_go(self, session: Session, claims: Sequence[Claim], tenant: Tenant, version: int | None) -> list[Claim]:
        """Those of a company that would take the very same route if it were decided now; none is asked twice.

        `version` is that of the configuration it has selected.
        """
        known: dict[tuple[UUID | None, ...], bool] = {}
        found = []
        for claim in claims:
            mail, route = claim.mail, claim.route
            key = mail.user_id, mail.named_config_id, mail.about_config_id, route.config_id
            if key not in known:
                known[key] = self._still_goes(session, claim, tenant, version)
            if known[key]:
                found.append(claim)
        return found

    def _still_goes(self, session: Session, claim: Claim, tenant: Tenant, version: int | None) -> bool:
        if tenant.suspended:
            return False
        choice, route = self.resolution(session, claim.mail, tenant).choice, claim.route
        if choice is None or choice.config_id != route.config_id:
            return False
        if route.config_id is None:
            return True
        if route.config_id != tenant.active_config_id:
            version = usable_configs.version_of(session, route.config_id)
        return version == route.version

    def resolution(self, session: Session, mail: Mail, tenant: Tenant) -> Resolution:
        named = ConfigId(mail.named_config_id) if mail.named_config_id else None
        # A named configuration that was deleted meanwhile is absent: only absence passes the question on.
        if named and mail_configs.find_row(session, tenant.id, named) is None:
            named = None
        user_id = UserId(mail.user_id) if mail.user_id else None
        about = ConfigId(mail.about_config_id) if mail.about_config_id else None
        return self.resolver.for_mail_of(session, tenant, named, user_id=user_id, about=about)


def _was_through_another(mail: Mail, route: Route) -> bool:
    """After an uncertain outcome only the same configuration may repeat the mail; else a person decides."""
    if mail.sealed_bytes is None:
        return False
    return (mail.config_id, mail.config_version) != (route.config_id, route.version)
