"""Knows how a due mail is taken in hand: whose turn it is, which way it goes, what is noted first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.delivery import DUE, State
from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId, new_id
from portal.domain.outgoing import Lane, Mailbox
from portal.domain.precedence import Resolution
from portal.domain.tenancy import Tenant
from portal.services.health import HealthWatch
from portal.services.pacing import companys_turn, next_turn
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.resolution import PasswordNeededError, Resolver, Route
from portal.services.settlement import Settlement
from portal.services.turns import Turns
from portal.store import mail_configs, outbox, shapes, tenants, turns
from portal.store.db import SYSTEM, beside_others, reading, unit_of_work
from portal.vault.vault import TenantVault

# So many connections one configuration is given at a time: a server that takes its time leaves senders for others,
# and mail to many leaves one of them for mail to one.
_CONNECTIONS, _BULK_CONNECTIONS = 2, 1
# So many mails that cannot go now are put back before other lanes are looked at.
_MOST_PUT_BACK = 100

_Search = Callable[[Session], outbox.MessageRow | None]


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail in somebody's hands: all that was decided in the transaction that took it.

    `everyone` stands in its header, `addresses` are those whom this attempt is for. `content` is sealed, and so are
    the `exact` bytes of a copy that may have arrived; `own` opens both.
    """

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


@dataclass(frozen=True, slots=True)
class Claiming:
    """`per_minute` is how many mails of one company may be taken in hand in a minute; 0 is no limit."""

    clock: Clock
    resolver: Resolver
    passwords: Passwords
    settlement: Settlement
    health: HealthWatch
    turns: Turns
    per_minute: int

    def next(self, owner: UUID, lanes: Sequence[Lane]) -> Claim | None:
        """Take the next mail of the first of these lanes that has one; companies take turns."""
        waiting = [lane for lane in lanes if self.has_work(lane)]
        if not waiting:
            return None

        def found(session: Session) -> outbox.MessageRow | None:
            mails = (self.turns.next(session, lane) for lane in waiting)
            return next((mail for mail in mails if mail is not None), None)

        return self._claim(owner, found, most=_MOST_PUT_BACK)

    def has_work(self, lane: Lane) -> bool:
        """Looked at without the write lock: most of the time there is nothing."""
        with reading(SYSTEM) as session:
            return turns.tenant_after(session, lane, None, self.clock()) is not None

    def behind(self, claim: Claim) -> Claim | None:
        """Take the next mail of the same company and lane into the same hands."""

        def found(session: Session) -> outbox.MessageRow | None:
            return turns.first_of(session, claim.lane, claim.tenant_id, self.clock())

        return self._claim(claim.owner, found, most=1)

    def still_goes(self, session: Session, message: outbox.MessageRow, route: Route) -> bool:
        """Whether the mail would take the very same route if it were decided now."""
        tenant = tenants.find(session, TenantId(message.tenant_id))
        if tenant is None or tenant.suspended:
            return False
        choice = self._resolution(session, message, tenant).choice
        if choice is None or choice.config_id != route.config_id:
            return False
        return route.config_id is None or mail_configs.version_of(session, route.config_id) == route.version

    def _claim(self, owner: UUID, found: _Search, *, most: int) -> Claim | None:
        """Mails that cannot go now are put back one by one, so that others may write in between."""
        for _ in range(most):
            tried = self._try(owner, found)
            if tried is None or isinstance(tried, Claim):
                return tried
        return None

    def _try(self, owner: UUID, found: _Search) -> Claim | MessageId | None:
        """Take a mail; or put it back, and return its id; or None where there is none.

        A bug that one mail meets here must not stop all the others: it counts, and that mail waits.
        """
        tried: list[MessageId] = []

        def work(session: Session) -> Claim | MessageId | None:
            message = found(session)
            if message is None:
                return None
            tried.append(MessageId(message.id))
            return self._take(session, message, owner) or MessageId(message.id)

        try:
            return beside_others(work)
        except SQLAlchemyError:
            raise
        except Exception:
            if tried:
                self._set_aside(tried[-1])
            raise

    def _set_aside(self, message_id: MessageId) -> None:
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, message_id)
            self._lease(message, outbox.recipients_of(session, message_id), new_id())
            self.settlement.take_up(session, [message])

    def _take(self, session: Session, message: outbox.MessageRow, owner: UUID) -> Claim | None:
        """Take a mail in hand, and an attempt with it; put it back where it cannot go, and say why."""
        code, route = self._route(session, message)
        if route is not None:
            turns.lock_server(session, route.config_id)
            if self._is_busy(session, message, route, owner):
                self.turns.pass_over(message)
                return None
        everyone = outbox.recipients_of(session, MessageId(message.id))
        self._lease(message, everyone, owner)
        if route is None:
            self.settlement.let_go(message, everyone, code)
            return None
        if self._has_to_wait(session, message, everyone, route):
            return None
        return self._begin(session, message, everyone, route, owner=owner)

    def _lease(self, message: outbox.MessageRow, everyone: Sequence[outbox.RecipientRow], owner: UUID) -> None:
        """Attempts, and crashes that they may end in, are counted before the work is done."""
        now = self.clock()
        message.owner, message.due_at = owner, None
        for recipient in everyone:
            if State(recipient.state) in DUE and recipient.next_at <= now:
                outbox.move(recipient, State.LEASED)
                recipient.attempts += 1
                recipient.crash_count += 1

    def _route(self, session: Session, message: outbox.MessageRow) -> tuple[Code, Route | None]:
        tenant = tenants.find(session, TenantId(message.tenant_id))
        if tenant is None or tenant.suspended:  # closed, or resting with everyone below
            return Code.SUSPENDED, None
        resolution = self._resolution(session, message, tenant)
        message.trace = shapes.of_trace(resolution.trace)
        if resolution.choice is None:
            return Code.NO_CONFIG, None
        if message.sealed_bytes is None:  # else it says through what the uncertain copy went
            message.config_id = resolution.choice.config_id
        try:
            route = self.resolver.route(session, resolution.choice)
        except PasswordNeededError:
            return Code.PASSWORD_NEEDED, None
        if _was_through_another(message, route):
            return Code.ROUTE_CHANGED, None
        return Code.OK, route

    @staticmethod
    def _is_busy(session: Session, message: outbox.MessageRow, route: Route, owner: UUID) -> bool:
        """Whether enough others have mail in hand for the same server."""
        most = _BULK_CONNECTIONS if message.lane == Lane.BULK.value else _CONNECTIONS
        return turns.owners_through(session, route.config_id, but=owner) >= most

    def _has_to_wait(
        self, session: Session, message: outbox.MessageRow, everyone: Sequence[outbox.RecipientRow], route: Route
    ) -> bool:
        """Put a mail back whose configuration keeps a pace, or is paused."""
        lane, tenant_id, now = Lane(message.lane), TenantId(message.tenant_id), self.clock()
        turn = next_turn(session, route, now)
        turn = turn or companys_turn(session, tenant_id, lane, now, most=self.per_minute)
        if turn:
            self.settlement.postpone(message, everyone, turn)
            return True
        if pause := self.health.next_try(session, route.config_id):
            until, code = pause
            self.settlement.postpone(message, everyone, until, code)
            return True
        return False

    def _resolution(self, session: Session, message: outbox.MessageRow, tenant: Tenant) -> Resolution:
        named = ConfigId(message.named_config_id) if message.named_config_id else None
        # A named configuration that was deleted meanwhile is absent: only absence passes the question on.
        if named and mail_configs.find_row(session, tenant.id, named) is None:
            named = None
        user_id = UserId(message.user_id) if message.user_id else None
        about = ConfigId(message.about_config_id) if message.about_config_id else None
        return self.resolver.for_mail_of(session, tenant, named, user_id=user_id, about=about)

    def _begin(
        self,
        session: Session,
        message: outbox.MessageRow,
        everyone: Sequence[outbox.RecipientRow],
        route: Route,
        *,
        owner: UUID,
    ) -> Claim:
        message.config_id, message.config_version = route.config_id, route.version
        attempt = outbox.AttemptRow(
            id=new_id(),
            message_id=message.id,
            started_at=self.clock(),
            finished_at=None,
            config_id=route.config_id,
            config_version=route.version,
            code=Code.UNKNOWN.value,
            findings=[],
        )
        session.add(attempt)
        leased = [each for each in everyone if each.state == State.LEASED.value]
        for recipient in leased:
            outbox.move(recipient, State.SENDING)
        return Claim(
            message_id=MessageId(message.id),
            attempt_id=attempt.id,
            owner=owner,
            tenant_id=TenantId(message.tenant_id),
            lane=Lane(message.lane),
            route=route,
            header_id=message.message_id,
            queued_at=message.created_at,
            everyone=tuple(Mailbox(each.address, each.name) for each in everyone),
            addresses=tuple(each.address for each in leased),
            content=message.content or b"",
            exact=message.sealed_bytes,
            own=self.passwords.of_tenant(session, TenantId(message.tenant_id)),
        )


def _was_through_another(message: outbox.MessageRow, route: Route) -> bool:
    """After an uncertain outcome only the same configuration may repeat the mail; else a person decides."""
    if message.sealed_bytes is None:
        return False
    return (message.config_id, message.config_version) != (route.config_id, route.version)
