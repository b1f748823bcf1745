"""Knows the people's accounts: who may come in, with which password, and for how long."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key
from portal.domain.audit import Event
from portal.domain.errors import InvalidError, PortalError, Problem
from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.limits import SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS, network_of
from portal.domain.people import User, UserStatus
from portal.domain.roles import Actor, Role
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.browsers import Browser, Browsers
from portal.services.passphrases import Passphrases
from portal.services.people import ensure_person
from portal.services.places import Clock
from portal.services.throttle import Throttle, short_key
from portal.store import sign_ins, tenants, users
from portal.store.db import SYSTEM, reading, unit_of_work

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# last-seen is written at most this often, so that reading pages stays free of writes
_SEEN_STEP = timedelta(minutes=1)


class SignInRefusedError(PortalError):
    """Unknown address, wrong password or disabled account: the answer is the same."""

    code = "sign-in-refused"


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody who may come in, and the hash that his password was compared with."""

    user_id: UserId
    password_hash: str


@dataclass(frozen=True, slots=True)
class Accounts:
    clock: Clock
    audit: Audit
    throttle: Throttle
    passphrases: Passphrases
    browsers: Browsers

    def sign_in(self, email: str, password: Secret, *, address: str, browser: Browser | None = None) -> str:
        """Return the random reference of a new session, to be kept in the browser's cookie.

        Whoever signs in with a `browser` in which he was not seen before is told by mail. `address` is the client's
        network address. Attempts are counted before the password is looked at.
        Raises TooManyError or SignInRefusedError.
        """
        with unit_of_work(SYSTEM) as session:
            self.throttle.take(session, SIGN_IN_PER_ADDRESS, short_key(network_of(address)))
            self.throttle.take(session, SIGN_IN_PER_ACCOUNT, short_key(address_key(email.strip())))
        # Hashing is slow on purpose: no transaction is open meanwhile.
        known = self._known(email.strip())
        is_right = self.passphrases.matches(password, known.password_hash if known else None)
        if known is None or not is_right:
            self._record_refusal(email.strip())
            raise SignInRefusedError
        better_hash = self.passphrases.refreshed(password, known.password_hash)
        return self._open(known, better_hash, address=address, browser=browser)

    def actor_of(self, reference: str) -> Actor | None:
        """Who holds this session reference, or None once it ended, idled out or its holder was disabled."""
        with reading(SYSTEM) as session:
            row = sign_ins.find(session, sign_ins.hash_of(reference))
            if row is None or not self._is_alive(row):
                return None
            user = users.get_row(session, UserId(row.user_id))
            if user.status != UserStatus.ACTIVE.value:
                return None
            tenant = tenants.get(session, TenantId(user.tenant_id))
            actor = _actor(user, tenant)
            is_stale = row.seen_at + _SEEN_STEP < self.clock()
        if is_stale:
            self._see(reference)
        return actor

    def sign_out(self, actor: Actor, reference: str) -> None:
        with unit_of_work(SYSTEM) as session:
            sign_ins.end(session, sign_ins.hash_of(reference))
            self._record(session, Event.SIGNED_OUT, actor.tenant.id, actor.user_id, actor.email, actor=actor)

    def add(self, tenant_id: TenantId, *, email: str, name: str, role: Role, password: Secret | None) -> User:
        """Give somebody an account, for the operator. Without a password it waits for a link. Raises InvalidError."""
        hashed = self.passphrases.hashed(password) if password else None
        with unit_of_work(tenant_id) as session:
            user = self.admit(session, tenant_id, email=email, name=name, role=role, password_hash=hashed)
            self._record(session, Event.USER_ADDED, tenant_id, user.id, user.email, actor=None)
            return user

    def admit(
        self,
        session: Session,
        tenant_id: TenantId,
        *,
        email: str,
        name: str,
        role: Role,
        password_hash: str | None = None,
    ) -> User:
        """Write a new person into an open transaction. Raises InvalidError."""
        address, called = ensure_person(email, name)
        if users.email_is_taken(session, address):
            raise InvalidError([Problem("email", "taken")])
        row = users.UserRow(
            id=new_id(),
            tenant_id=tenants.get(session, tenant_id).id,
            email=address,
            email_key=address_key(address),
            name=called,
            name_key=called.casefold(),
            role=role.value,
            status=(UserStatus.ACTIVE if password_hash else UserStatus.INVITED).value,
            password_hash=password_hash,
            created_at=self.clock(),
        )
        session.add(row)
        session.flush()
        return users.as_domain(row)

    @staticmethod
    def _known(email: str) -> _Known | None:
        with reading(SYSTEM) as session:
            row = users.find_row_by_email(session, email)
            if row is None or row.status != UserStatus.ACTIVE.value or row.password_hash is None:
                return None
            return _Known(UserId(row.id), row.password_hash)

    def _open(self, known: _Known, better_hash: str | None, *, address: str, browser: Browser | None) -> str:
        reference = secrets.token_urlsafe(32)
        now = self.clock()
        with unit_of_work(SYSTEM) as session:
            user = users.get_row(session, known.user_id)
            if user.password_hash != known.password_hash:
                raise SignInRefusedError  # it was changed while we compared
            user.password_hash = better_hash or user.password_hash
            self.throttle.forget(session, SIGN_IN_PER_ACCOUNT, short_key(user.email_key))
            self.throttle.give_back(session, SIGN_IN_PER_ADDRESS, short_key(network_of(address)))
            session.add(
                sign_ins.SignInRow(
                    id=new_id(),
                    user_id=user.id,
                    reference_hash=sign_ins.hash_of(reference),
                    created_at=now,
                    seen_at=now,
                    address=address[:45],
                )
            )
            if browser is not None:
                self.browsers.see(session, user, browser)
            self._record(session, Event.SIGNED_IN, TenantId(user.tenant_id), user.id, user.email, actor=None)
        return reference

    def _is_alive(self, row: sign_ins.SignInRow) -> bool:
        now = self.clock()
        return now < row.seen_at + IDLE and now < row.created_at + ABSOLUTE

    def _see(self, reference: str) -> None:
        with unit_of_work(SYSTEM) as session:
            row = sign_ins.find(session, sign_ins.hash_of(reference))
            if row is not None:
                row.seen_at = self.clock()

    def _record_refusal(self, email: str) -> None:
        """In the log of whoever has the address; where nobody has, in the root's and without it: it may be a password.

        Either way one event is written, so that the time it takes tells nothing (T40).
        """
        with unit_of_work(SYSTEM) as session:
            row, root = users.find_row_by_email(session, email), tenants.find_root(session)
            if row is not None:
                self._record(session, Event.SIGN_IN_REFUSED, TenantId(row.tenant_id), row.id, row.email, actor=None)
            elif root is not None:
                self._record(session, Event.SIGN_IN_REFUSED, root.id, None, "", actor=None)

    def _record(
        self,
        session: Session,
        event: Event,
        tenant_id: TenantId,
        user_id: UUID | None,
        email: str,
        *,
        actor: Actor | None,
    ) -> None:
        subject = Subject(user_id, email)
        self.audit.record(session, event, tenant_id=tenant_id, subject=subject, actor=actor)


def _actor(user: users.UserRow, tenant: Tenant) -> Actor:
    return Actor(UserId(user.id), tenant, Role(user.role), user.email, user.name, user.language or "", user.zone or "")
