"""Knows how somebody gets a second factor, uses it and loses it again: codes from an app, and ten for emergencies."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import TenantId, UserId
from portal.domain.limits import SECOND_FACTOR_PER_USER
from portal.domain.roles import Actor, Permission
from portal.domain.second_factor import OFFER, Offer, SecondFactor, Shown, is_app_code, normal
from portal.services.audit import Audit, Subject
from portal.services.notices import Notices
from portal.services.places import Clock, enter
from portal.services.recovery_codes import RecoveryCodes
from portal.services.seeds import Seeds
from portal.services.throttle import Throttle
from portal.store import second_factors, sign_ins, users
from portal.store.db import SYSTEM, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class SecondFactors:
    clock: Clock
    audit: Audit
    throttle: Throttle
    seeds: Seeds
    codes: RecoveryCodes
    notices: Notices

    def mine(self, actor: Actor) -> SecondFactor | None:
        with reading(actor.tenant.id) as session:
            return _state(session, actor.user_id)

    def of(self, actor: Actor, tenant_id: TenantId, user_id: UserId) -> SecondFactor | None:
        """What one of a tenant's people has. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_USERS)
            return _state(session, UserId(users.get_of_tenant(session, tenant.id, user_id).id))

    def offer(self, actor: Actor) -> None:
        """Make a seed for the actor. What he has goes on counting until he shows a code of the new one."""
        with unit_of_work(actor.tenant.id) as session:
            user = users.get_row(session, actor.user_id)
            row = second_factors.find(session, actor.user_id)
            if row is None:
                row = second_factors.SecondFactorRow(user_id=actor.user_id)
                session.add(row)
            row.offered_seed, row.offered_at = self.seeds.make(session, user), self.clock()

    def offered(self, actor: Actor) -> Offer:
        """What the actor's app needs to know. Raises NotFoundError where nothing is offered, or not any more."""
        with reading(actor.tenant.id) as session:
            _row, sealed = self._offered(session, actor)
            return self.seeds.offer(session, users.get_row(session, actor.user_id), sealed)

    def confirm(self, actor: Actor, code: str) -> tuple[str, ...]:
        """Let the offered seed count, for a code of it; return the recovery codes, which are shown this once.

        Raises NotFoundError as `offered`, InvalidError at the field `one_time_password`, TooManyError.
        """
        self.take_place(actor.user_id)
        with unit_of_work(actor.tenant.id) as session:
            row, sealed = self._offered(session, actor)
            user, now = users.get_row(session, actor.user_id), self.clock()
            step = self.seeds.step_of(session, user, sealed, normal(code), now=now, after=None)
            if step is None:
                raise InvalidError([Problem("one_time_password", "wrong")])
            row.seed, row.since, row.last_step = sealed, now, step
            row.offered_seed = row.offered_at = None
            sign_ins.end_halves_of(session, actor.user_id)
            self.throttle.forget(session, SECOND_FACTOR_PER_USER, str(actor.user_id))
            self._record(session, Event.SECOND_FACTOR_ADDED, user, actor)
            self.notices.tell(user, self.notices.letters.second_factor_added(name=user.name))
            return self.codes.renew(session, actor.user_id)

    def renew_codes(self, actor: Actor) -> tuple[str, ...]:
        """Make new recovery codes; the earlier ones end. Raises NotFoundError without a second factor."""
        with unit_of_work(actor.tenant.id) as session:
            if not second_factors.is_on(session, actor.user_id):
                raise NotFoundError
            user = users.get_row(session, actor.user_id)
            self._record(session, Event.RECOVERY_CODES_RENEWED, user, actor)
            self.notices.tell(user, self.notices.letters.recovery_codes_renewed(name=user.name))
            return self.codes.renew(session, actor.user_id)

    def remove(self, actor: Actor) -> None:
        """Give up one's own. Raises NotFoundError where there is none."""
        with unit_of_work(actor.tenant.id) as session:
            self._remove(session, users.get_row(session, actor.user_id), actor)

    def remove_lost(self, actor: Actor, tenant_id: TenantId, user_id: UserId) -> None:
        """Take a lost one from one of a tenant's people, whose sessions end with it. Never one's own.

        Raises NotFoundError, also where there is none, and InvalidError at the field `user`.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_USERS)
            user = users.get_of_tenant(session, tenant.id, user_id)
            if user.id == actor.user_id:
                raise InvalidError([Problem("user", "own-factor")])
            self._remove(session, user, actor)
            sign_ins.end_all_of(session, UserId(user.id))

    def remove_by_operator(self, user_id: UserId) -> None:
        """Take a lost one from whoever asked the operator in person. Raises NotFoundError where there is none."""
        with unit_of_work(SYSTEM) as session:
            self._remove(session, users.get_row(session, user_id), None)
            sign_ins.end_all_of(session, user_id)

    def take_place(self, user_id: UserId) -> None:
        """Count an attempt before its code is looked at, in a transaction of its own. Raises TooManyError."""
        with unit_of_work(SYSTEM) as session:
            self.throttle.take(session, SECOND_FACTOR_PER_USER, str(user_id))

    def check(self, session: Session, user: users.UserRow, typed: str) -> Shown | None:
        """What somebody showed, or None where it is neither a code of the moment nor a recovery code.

        Either is used up within the open transaction, which writes; the place was taken before (`take_place`).
        """
        row, code = second_factors.find(session, UserId(user.id)), normal(typed)
        if row is None or row.seed is None:
            return None
        if is_app_code(code):
            step = self.seeds.step_of(session, user, row.seed, code, now=self.clock(), after=row.last_step)
            row.last_step = row.last_step if step is None else step
            return self._taken(session, user, None if step is None else Shown.APP_CODE)
        if self.codes.use(session, UserId(user.id), code):
            self._tell_of_recovery(session, user)
            return self._taken(session, user, Shown.RECOVERY_CODE)
        return self._taken(session, user, None)

    def _taken(self, session: Session, user: users.UserRow, shown: Shown | None) -> Shown | None:
        if shown is None:
            self._record(session, Event.SECOND_FACTOR_REFUSED, user, None)
        else:
            self.throttle.forget(session, SECOND_FACTOR_PER_USER, str(user.id))
        return shown

    def _tell_of_recovery(self, session: Session, user: users.UserRow) -> None:
        self._record(session, Event.RECOVERY_CODE_USED, user, None)
        letter = self.notices.letters.recovery_code_used(
            name=user.name,
            time=self.clock().isoformat(),
            left=second_factors.count_codes(session, UserId(user.id)),
        )
        self.notices.tell(user, letter)

    def _offered(self, session: Session, actor: Actor) -> tuple[second_factors.SecondFactorRow, bytes]:
        row = second_factors.find(session, actor.user_id)
        if row is None or row.offered_seed is None or row.offered_at is None:
            raise NotFoundError
        if row.offered_at + OFFER <= self.clock():
            raise NotFoundError
        return row, row.offered_seed

    def _remove(self, session: Session, user: users.UserRow, actor: Actor | None) -> None:
        if not second_factors.is_on(session, UserId(user.id)):
            raise NotFoundError
        second_factors.remove(session, UserId(user.id))
        self._record(session, Event.SECOND_FACTOR_REMOVED, user, actor)
        self.notices.tell(user, self.notices.letters.second_factor_removed(name=user.name))

    def _record(self, session: Session, event: Event, user: users.UserRow, actor: Actor | None) -> None:
        subject = Subject(user.id, user.email)
        self.audit.record(session, event, tenant_id=TenantId(user.tenant_id), subject=subject, actor=actor)


def _state(session: Session, user_id: UserId) -> SecondFactor | None:
    row = second_factors.find(session, user_id)
    if row is None or row.seed is None or row.since is None:
        return None
    return SecondFactor(row.since, second_factors.count_codes(session, user_id))
