"""Knows the people's accounts: who may come in, with which password, and for how long."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key
from portal.domain.audit import Change, Event
from portal.domain.errors import InvalidError, PortalError, Problem
from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.limits import SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS, network_of
from portal.domain.people import User, UserStatus
from portal.domain.roles import Actor, Role
from portal.domain.secret import Secret
from portal.services.audit import Audit, Subject
from portal.services.browsers import Browser, Browsers
from portal.services.passphrases import Passphrases
from portal.services.people import ensure_person
from portal.services.places import Clock
from portal.services.sign_ins import SignIns
from portal.services.throttle import Throttle, short_key
from portal.store import second_factors, tenants, users
from portal.store.db import SYSTEM, reading, unit_of_work

_NOBODY = UUID(int=0)


class SignInRefusedError(PortalError):
    """Unknown address, wrong password or disabled account: the answer is the same."""

    code = "sign-in-refused"


class SecondFactorNeededError(PortalError):
    """The password was right, and the account has a second factor: `reference` is good for showing that alone."""

    code = "second-factor-needed"

    def __init__(self, reference: str) -> None:
        super().__init__()
        self.reference = reference


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody who has an account that is open, his password's hash, and whether he may come in under this name."""

    user_id: UserId
    password_hash: str
    is_admitted: bool


@dataclass(frozen=True, slots=True)
class Accounts:
    clock: Clock
    audit: Audit
    throttle: Throttle
    passphrases: Passphrases
    browsers: Browsers
    sign_ins: SignIns

    def sign_in(
        self, email: str, password: Secret, *, address: str, browser: Browser | None = None, host: str = ""
    ) -> str:
        """Return the random reference of a new session, to be kept in the browser's cookie.

        Whoever signs in with a `browser` in which he was not seen before is told by mail. `address` is the client's
        network address. Attempts are counted before the password is looked at; those from a browser in which the
        account's holder was seen before are counted apart, so that nobody can lock him out of it. Under a brand `host`
        whoever does not belong there is answered like a wrong password.
        Raises TooManyError, SignInRefusedError, or SecondFactorNeededError where the password was right.
        """
        with unit_of_work(SYSTEM) as session:
            self.throttle.take(session, SIGN_IN_PER_ADDRESS, short_key(network_of(address)))
            guess = self._counted_as(session, email.strip(), browser)
            self.throttle.take(session, SIGN_IN_PER_ACCOUNT, guess)
        # Hashing is slow on purpose: no transaction is open meanwhile.
        known = self._known(email.strip(), host)
        is_right = self.passphrases.matches(password, known.password_hash if known else None)
        if known is None or not is_right or not known.is_admitted:
            self._record_refusal(email.strip(), host)
            raise SignInRefusedError
        better_hash = self.passphrases.refreshed(password, known.password_hash)
        reference, is_half = self._open(known, better_hash, guess, address=address, browser=browser, host=host)
        if is_half:
            raise SecondFactorNeededError(reference)
        return reference

    def actor_of(self, reference: str) -> Actor | None:
        """Who holds this session reference, or None once it ended, idled out or its holder was disabled."""
        stay = self.sign_ins.stay_of(reference)
        return stay.actor if stay else None

    def add(self, tenant_id: TenantId, *, email: str, name: str, role: Role, password: Secret | None) -> User:
        """Give somebody an account, for the operator. Without a password it waits for a link. Raises InvalidError."""
        hashed = self.passphrases.hashed(password, name, email, self._name_of(tenant_id)) if password else None
        with unit_of_work(tenant_id) as session:
            user = self.admit(session, tenant_id, email=email, name=name, role=role, password_hash=hashed)
            self._record(session, Event.USER_ADDED, tenant_id, user.id, user.email)
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

    def _counted_as(self, session: Session, email: str, browser: Browser | None) -> str:
        """The key under which an attempt is counted. Both ways take the same statements for everybody (T40)."""
        row, key = users.find_row_by_email(session, email), address_key(email)
        if browser is not None and self.browsers.is_known(session, UserId(row.id if row else _NOBODY), browser):
            return short_key(f"{key} {browser.mark}")
        return short_key(key)

    @staticmethod
    def _name_of(tenant_id: TenantId) -> str:
        with reading(SYSTEM) as session:
            return tenants.get(session, tenant_id).name

    def _known(self, email: str, host: str) -> _Known | None:
        with reading(SYSTEM) as session:
            row = users.find_row_by_email(session, email)
            is_admitted = not host or self._is_admitted(session, row, host)
            if row is None or row.status != UserStatus.ACTIVE.value or row.password_hash is None:
                return None
            return _Known(UserId(row.id), row.password_hash, is_admitted)

    def _is_admitted(self, session: Session, row: users.UserRow | None, host: str) -> bool:
        """Whether a brand host is for somebody's company. The statement is the same for nobody (T40)."""
        tenant = tenants.find(session, TenantId(row.tenant_id if row else _NOBODY))
        return tenant is not None and self.sign_ins.shelf.admits(host, tenant.path)

    def _open(
        self,
        known: _Known,
        better_hash: str | None,
        guess: str,
        *,
        address: str,
        browser: Browser | None,
        host: str,
    ) -> tuple[str, bool]:
        """Return a reference, and whether it is that of somebody half-way in."""
        with unit_of_work(SYSTEM) as session:
            user = users.get_row(session, known.user_id)
            if user.password_hash != known.password_hash:
                raise SignInRefusedError  # it was changed while we compared
            user.password_hash = better_hash or user.password_hash
            self.throttle.forget(session, SIGN_IN_PER_ACCOUNT, guess)
            self.throttle.give_back(session, SIGN_IN_PER_ADDRESS, short_key(network_of(address)))
            if second_factors.is_on(session, known.user_id):
                return self.sign_ins.begin_half(session, user), True
            return self.sign_ins.begin(session, user, address=address, browser=browser, host=host), False

    def _record_refusal(self, email: str, host: str) -> None:
        """In the log of whoever has the address; where nobody has, in the root's and without it: it may be a password.

        Either way one event is written, so that the time it takes tells nothing (T40). Under a brand host the event
        names it, for there the right password may be refused, too.
        """
        change = {"brand_host": ("", host)} if host else None
        with unit_of_work(SYSTEM) as session:
            row, root = users.find_row_by_email(session, email), tenants.find_root(session)
            if row is not None:
                self._record(session, Event.SIGN_IN_REFUSED, TenantId(row.tenant_id), row.id, row.email, change=change)
            elif root is not None:
                self._record(session, Event.SIGN_IN_REFUSED, root.id, None, "", change=change)

    def _record(
        self,
        session: Session,
        event: Event,
        tenant_id: TenantId,
        user_id: UUID | None,
        email: str,
        *,
        change: Change | None = None,
    ) -> None:
        subject = Subject(user_id, email)
        self.audit.record(session, event, tenant_id=tenant_id, subject=subject, change=change)
