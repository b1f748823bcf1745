"""Knows how due mails are taken in hand: whose turn it is, which way they go, what is noted first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.delivery import DUE, State
from portal.domain.diagnosis import Code
from portal.domain.errors import UnavailableError
from portal.domain.ids import MessageId, TenantId, id_at, new_id
from portal.domain.outgoing import Lane
from portal.domain.precedence import Resolution
from portal.domain.tenancy import Tenant
from portal.services.health import HealthWatch
from portal.services.pacing import companys_turn, next_turn
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.preparation import GROUP
from portal.services.resolution import Route
from portal.services.routing import Claim, Routing
from portal.services.settlement import Settlement
from portal.services.turns import Turns
from portal.store import hands, outbox, shapes, tenants, turns, usable_configs
from portal.store.db import SYSTEM, beside_others, unit_of_work
from portal.store.hands import Everyone, Mail
from portal.store.usable_configs import Usable
from portal.vault.vault import TenantVault

# So many connections one configuration is given at a time: a server that takes its time leaves senders for others,
# and mail to many leaves one of them for mail to one.
_CONNECTIONS, _BULK_CONNECTIONS = 2, 1
# A run begins with two groups of mails to many, one to be sent and one to be ready behind it; later ones come by one.
# A mail to one stands for itself.
_AT_FIRST = hands.MOST_TOGETHER
# So many mails that cannot go now are put back before other lanes are looked at.
_MOST_PUT_BACK = 100

_Search = Callable[[Session], Sequence[Mail]]


@dataclass(frozen=True, slots=True)
class Claiming:
    """`per_minute` is how many mails of one company may be taken in hand in a minute; 0 is no limit."""

    clock: Clock
    routing: Routing
    passwords: Passwords
    settlement: Settlement
    health: HealthWatch
    turns: Turns
    per_minute: int

    def next(self, owner: UUID, lanes: Sequence[Lane]) -> Claim | None:
        """Take the next mail of the first of these lanes that has one; companies take turns."""

        def found(session: Session) -> Sequence[Mail]:
            mails = (self.turns.next(session, lane, most=_AT_FIRST if lane is Lane.BULK else 1) for lane in lanes)
            return next((each for each in mails if each), [])

        return self._claim(owner, found, most=_MOST_PUT_BACK)

    def behind(self, claim: Claim) -> Claim | None:
        """Take the next mail of the same company and lane into the hands that have this one."""
        found = partial(self._found_behind, claim=claim, now=self.clock())
        return self._claim(claim.owner, found, most=1, behind=claim)

    def along(self, session: Session, claim: Claim, now: datetime) -> Claim | None:
        """The same in the transaction of a caller, who has learnt of nothing but the server of this claim.

        Raises AnotherWayError where the next mail goes through another one.
        """
        mails = self._found_behind(session, claim, now)
        if not mails:
            return None
        found = turns.recipients_of_first(session, claim.lane, claim.tenant_id, now, most=_most_behind(claim))
        # Somebody else may be taking the first of them.
        everyone = found if all(MessageId(each.id) in found for each in mails) else None
        return self._take(session, mails, claim.owner, behind=claim, keeps_way=True, everyone=everyone)

    @staticmethod
    def foresee_along(session: Session, claim: Claim, now: datetime) -> None:
        """Say what `along` will ask for at the same moment: it travels along with what is asked before that."""
        turns.foresee_first_of(session, claim.lane, claim.tenant_id, now, most=_most_behind(claim))
        tenants.foresee_with_key(session, claim.tenant_id)
        if claim.route.config_id is not None:
            usable_configs.foresee(session, claim.route.config_id)

    @staticmethod
    def _found_behind(session: Session, claim: Claim, now: datetime) -> Sequence[Mail]:
        return turns.first_of(session, claim.lane, claim.tenant_id, now, most=_most_behind(claim))

    def _claim(self, owner: UUID, found: _Search, *, most: int, behind: Claim | None = None) -> Claim | None:
        """Mails that cannot go now are put back one by one, so that others may write in between."""
        for _ in range(most):
            tried = self._try(owner, found, behind)
            if tried is None or isinstance(tried, Claim):
                return tried
        return None

    def _try(self, owner: UUID, found: _Search, behind: Claim | None) -> Claim | MessageId | None:
        """Take a mail and what goes along with it; or put it back, and return its id; or None where there is none.

        A bug that one mail meets here must not stop all the others: it counts, and that mail waits.
        """
        tried: list[MessageId] = []

        def work(session: Session) -> Claim | MessageId | None:
            mails = found(session)
            if not mails:
                return None
            tried.append(MessageId(mails[0].id))
            return self._take(session, mails, owner, behind=behind) or tried[-1]

        try:
            return beside_others(work)
        except (SQLAlchemyError, UnavailableError):
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

    def _take(
        self,
        session: Session,
        mails: Sequence[Mail],
        owner: UUID,
        *,
        behind: Claim | None,
        keeps_way: bool = False,
        everyone: Everyone | None = None,
    ) -> Claim | None:
        """Take the first of these mails in hand, and an attempt with it; or put it back and say why it cannot go.

        `everyone` are their recipients, where they were asked for before.
        """
        mail = mails[0]
        tenant, data_key = tenants.find_with_key(session, TenantId(mail.tenant_id)) or (None, b"")
        way = self.routing.way(session, mail, tenant, behind=behind.route if behind and keeps_way else None)
        if way.route and self._is_busy(session, mail, way.route, owner, behind):
            self.turns.pass_over(mail)
            return None
        everyone = everyone or hands.recipients_of(session, [each.id for each in mails])
        own = everyone[MessageId(mail.id)]
        if tenant is None or way.route is None:
            self._lease(mail, own, owner)
            self.settlement.let_go(mail, own, way.code)
        else:
            wait = self._has_to_wait(session, mail, way.config)
            if wait is None:
                is_alone = self._is_alone(way.config) or not _is_harmless(mail, everyone)
                along = [] if is_alone else self._going_along(session, mails[1:], everyone, way.route, tenant=tenant)
                vault = self.passwords.with_key(tenant.id, data_key, known=behind.own if behind else None)
                return self._begin(session, [mail, *along], everyone, way.route, owner=owner, own=vault)
            self._lease(mail, own, owner)
            self.settlement.postpone(mail, own, *wait)
        hands.put_back(session, mail, own)
        return None

    def _lease(self, mail: outbox.AnyMail, everyone: Sequence[outbox.AnyRecipient], owner: UUID) -> None:
        """Attempts, and crashes that they may end in, are counted before the work is done."""
        now = self.clock()
        mail.owner, mail.due_at = owner, None
        for recipient in everyone:
            if recipient.state in DUE and recipient.next_at <= now:
                outbox.move(recipient, State.LEASED)
                recipient.attempts += 1
                recipient.crash_count += 1

    def _going_along(
        self, session: Session, mails: Sequence[Mail], everyone: Everyone, route: Route, *, tenant: Tenant
    ) -> list[Mail]:
        """Those of these mails that take the same route, and are no poison."""
        known: dict[tuple[UUID | None, ...], Resolution] = {}
        along = []
        for mail in mails:
            key = mail.user_id, mail.named_config_id, mail.about_config_id
            resolution = known[key] = known.get(key) or self.routing.resolution(session, mail, tenant)
            choice = resolution.choice
            if choice and choice.config_id == route.config_id and _is_harmless(mail, everyone):
                mail.trace = shapes.of_trace(resolution.trace)
                along.append(mail)
        return along

    def _is_alone(self, config: Usable | None) -> bool:
        """Whether mails through a configuration go one by one: they are counted, or nobody knows whether it works."""
        is_counted = self.per_minute or (config is not None and config.draft.per_minute)
        return bool(is_counted) or self.health.is_in_doubt(config)

    @staticmethod
    def _is_busy(session: Session, mail: Mail, route: Route, owner: UUID, behind: Claim | None) -> bool:
        """Whether enough others have mail in hand for the same server.

        Whoever has some himself is one of the two, so there is one other at most.
        """
        is_bulk = mail.lane == Lane.BULK.value
        if behind and not is_bulk and behind.route.config_id == route.config_id:
            return False
        most = _BULK_CONNECTIONS if is_bulk else _CONNECTIONS
        return turns.owners_through(session, route.config_id, but=owner) >= most

    def _has_to_wait(self, session: Session, mail: Mail, config: Usable | None) -> tuple[datetime, Code] | None:
        """Until when a mail waits whose configuration or company keeps a pace, or is paused, and why."""
        now = self.clock()
        turn = next_turn(session, config, now)
        lane, tenant_id = Lane(mail.lane), TenantId(mail.tenant_id)
        if turn := turn or companys_turn(session, tenant_id, lane, now, most=self.per_minute):
            return turn, Code.OK
        return self.health.next_try(session, config)

    def _begin(
        self,
        session: Session,
        mails: Sequence[Mail],
        everyone: Everyone,
        route: Route,
        *,
        owner: UUID,
        own: TenantVault,
    ) -> Claim:
        """Note that an attempt is under way at each of these mails, in one go."""
        for mail in mails:
            recipients = everyone[MessageId(mail.id)]
            self._lease(mail, recipients, owner)
            mail.config_id, mail.config_version = route.config_id, route.version
            for recipient in outbox.in_hand(recipients):
                outbox.move(recipient, State.SENDING)
        now = self.clock()
        claims = [Claim(mail, id_at(now), owner, route, tuple(everyone[MessageId(mail.id)]), own) for mail in mails]
        begun = [hands.Begun(claim.attempt_id, claim.mail, now) for claim in claims]
        hands.take(session, begun, [recipient for claim in claims for recipient in claim.in_hand])
        return replace(claims[0], along=tuple(claims[1:]))


def _is_harmless(mail: Mail, everyone: Everyone) -> bool:
    """Whether a mail has neither crashed a sender nor left a copy that may have arrived: else it travels alone."""
    return mail.sealed_bytes is None and all(each.crash_count == 0 for each in everyone[MessageId(mail.id)])


def _most_behind(claim: Claim) -> int:
    return GROUP if claim.lane is Lane.BULK else 1
