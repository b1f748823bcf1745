"""Knows the sessions of people: how one begins, goes on and ends, and how their holder looks after them."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.errors import NotFoundError, UnavailableError
from portal.domain.ids import SignInId, TenantId, UserId, new_id
from portal.domain.people import UserStatus
from portal.domain.roles import Actor, Permission
from portal.domain.second_factor import Rule, is_required
from portal.domain.sign_ins import ABSOLUTE, HALF_WAY, IDLE, MOST, PROOF, SignIn, Stay, shortened
from portal.domain.tenancy import TenantStatus
from portal.services.audit import Audit, Subject
from portal.services.brand_shelf import BrandShelf
from portal.services.browsers import Browser, Browsers
from portal.services.places import Clock, enter
from portal.store import sign_ins, stays, users
from portal.store.db import SYSTEM, reading, unit_of_work

# last-seen is written at most this often, so that reading pages stays free of writes
_SEEN_STEP = timedelta(minutes=1)
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class SignIns:
    clock: Clock
    audit: Audit
    browsers: Browsers
    rule: Rule
    shelf: BrandShelf

    def begin(
        self, session: Session, user: users.UserRow, *, address: str, browser: Browser | None, host: str = ""
    ) -> str:
        """Open a session within the transaction that let somebody in; return its random reference.

        It counts under the name of the portal alone under which it began: a brand host, or its own name (empty).

        Where there are too many of his, the one that began first ends.
        """
        reference, now, newest = secrets.token_urlsafe(32), self.clock(), new_id()
        session.add(
            sign_ins.SignInRow(
                id=newest,
                user_id=user.id,
                reference_hash=sign_ins.hash_of(reference),
                created_at=now,
                seen_at=now,
                address=address[:45],
                browser=browser.name[:_LONGEST_NAME] if browser else "",
                proven_at=now,
                host=host,
            )
        )
        session.flush()
        sign_ins.end_oldest_of(session, UserId(user.id), newest, most=MOST)
        if browser is not None:
            self.browsers.see(session, user, browser)
        self._record(session, Event.SIGNED_IN, user, None)
        return reference

    def begin_half(self, session: Session, user: users.UserRow) -> str:
        """Note that somebody's password was right; return the reference with which he shows his second factor.

        There are no more of them than of sessions, however often whoever knows the password begins.
        """
        reference, newest = secrets.token_urlsafe(32), new_id()
        session.add(
            sign_ins.HalfSignInRow(
                id=newest,
                user_id=user.id,
                reference_hash=sign_ins.hash_of(reference),
                expires_at=self.clock() + HALF_WAY,
            )
        )
        session.flush()
        sign_ins.end_oldest_halves_of(session, UserId(user.id), newest, most=MOST)
        return reference

    def half(self, session: Session, reference: str) -> users.UserRow:
        """Who is half-way in. Raises NotFoundError once it took too long, or he was shut out."""
        row = sign_ins.find_half(session, sign_ins.hash_of(reference))
        if row is None or row.expires_at <= self.clock():
            raise NotFoundError
        user = users.get_row(session, UserId(row.user_id))
        if user.status != UserStatus.ACTIVE.value:
            raise NotFoundError
        return user

    def stay_of(self, reference: str, host: str = "", *, there: TenantId | None = None) -> Stay | None:
        """Who holds this session reference, or None once it ended, idled out or its holder was disabled.

        None also under another name of the portal than its own, and where that is not for his company any more.
        The company `there`, in which he wants to go on, is read along, so that nobody has to ask for it again.
        """
        with reading(SYSTEM) as session:
            known = stays.find(session, sign_ins.hash_of(reference), there)
            if known is None or known.host != host or not self._is_alive(known) or not known.is_active:
                return None
            if not self.shelf.admits(host, known.actor.tenant.path):
                return None
            if known.actor.tenant.status is TenantStatus.CLOSED:
                raise NotFoundError
            lacks = is_required(self.rule, known.actor.role) and not known.has_second_factor
            is_proven = self.clock() < known.proven_at + PROOF
        if known.seen_at + _SEEN_STEP < self.clock():
            with suppress(UnavailableError):  # whoever only reads may go on reading
                self._see(reference)
        return Stay(known.actor, is_proven=is_proven, lacks_second_factor=lacks)

    def mine(self, actor: Actor, reference: str) -> list[SignIn]:
        """Where the actor is signed in, latest first; `reference` is the session that asks."""
        now, this = self.clock(), sign_ins.hash_of(reference)
        with reading(actor.tenant.id) as session:
            rows = sign_ins.alive_of(session, actor.user_id, seen_after=now - IDLE, created_after=now - ABSOLUTE)
            return [_shown(row, this) for row in rows]

    def end(self, actor: Actor, reference: str) -> None:
        """Sign out of the session that asks."""
        with unit_of_work(actor.tenant.id) as session:
            sign_ins.end(session, sign_ins.hash_of(reference))
            self._record(session, Event.SIGNED_OUT, users.get_row(session, actor.user_id), actor)

    def end_one(self, actor: Actor, sign_in_id: SignInId) -> None:
        """End one of the actor's own sessions. Raises NotFoundError for anybody else's."""
        with unit_of_work(actor.tenant.id) as session:
            if not sign_ins.end_one_of(session, actor.user_id, sign_in_id):
                raise NotFoundError
            self._record(session, Event.SIGNED_OUT, users.get_row(session, actor.user_id), actor)

    def end_others(self, actor: Actor, reference: str) -> None:
        """End all of the actor's sessions but the one that asks."""
        with unit_of_work(actor.tenant.id) as session:
            sign_ins.end_all_of(session, actor.user_id, keep=sign_ins.hash_of(reference))
            self._record(session, Event.SIGN_INS_ENDED, users.get_row(session, actor.user_id), actor)

    def count_of(self, actor: Actor, tenant_id: TenantId, user_id: UserId) -> int:
        """In how many browsers one of a tenant's people is signed in. Raises NotFoundError."""
        now = self.clock()
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_USERS)
            user = users.get_of_tenant(session, tenant.id, user_id)
            alive = {"seen_after": now - IDLE, "created_after": now - ABSOLUTE}
            return len(sign_ins.alive_of(session, UserId(user.id), **alive))

    def end_all_of(self, actor: Actor, tenant_id: TenantId, user_id: UserId) -> None:
        """End every session of one of a tenant's people. Raises NotFoundError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_USERS)
            user = users.get_of_tenant(session, tenant.id, user_id)
            sign_ins.end_all_of(session, UserId(user.id))
            self._record(session, Event.SIGN_INS_ENDED, user, actor)

    def _is_alive(self, known: stays.Known) -> bool:
        now = self.clock()
        return now < known.seen_at + IDLE and now < known.created_at + ABSOLUTE

    def _see(self, reference: str) -> None:
        with unit_of_work(SYSTEM) as session:
            row = sign_ins.find(session, sign_ins.hash_of(reference))
            if row is not None:
                row.seen_at = self.clock()

    def _record(self, session: Session, event: Event, user: users.UserRow, actor: Actor | None) -> None:
        subject = Subject(user.id, user.email)
        self.audit.record(session, event, tenant_id=TenantId(user.tenant_id), subject=subject, actor=actor)


def _shown(row: sign_ins.SignInRow, this: bytes) -> SignIn:
    return SignIn(
        id=SignInId(row.id),
        browser=row.browser,
        place=shortened(row.address),
        since=row.created_at,
        seen_at=row.seen_at,
        is_this=row.reference_hash == this,
    )
