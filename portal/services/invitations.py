"""Knows how somebody new comes in: invited by mail, or by a link that the inviter passes on himself."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key
from portal.domain.audit import Event
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import TenantId, UserId
from portal.domain.limits import INVITATIONS_PER_STRANGER_AND_DAY, INVITATIONS_PER_TENANT_AND_DAY
from portal.domain.outgoing import Lane, Mailbox, Purpose
from portal.domain.people import User, UserStatus
from portal.domain.precedence import Resolution
from portal.domain.roles import Actor, Permission, Role
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.services.accounts import Accounts
from portal.services.audit import Audit, Subject
from portal.services.links import Link, LinkPurpose, Links
from portal.services.passphrases import Passphrases
from portal.services.people import ensure_person
from portal.services.places import enter
from portal.services.sending import Sending
from portal.services.system_mail import Letters
from portal.services.throttle import Throttle, short_key
from portal.store import tenants, users
from portal.store.db import SYSTEM, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation on its way. `link` is set when no configuration could mail it: show it once to the inviter."""

    email: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Welcome:
    """What an invitation's page tells its holder."""

    tenant_name: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Invitations:
    audit: Audit
    accounts: Accounts
    throttle: Throttle
    passphrases: Passphrases
    links: Links
    letters: Letters
    sending: Sending

    def invite(self, actor: Actor, tenant_id: TenantId, *, email: str, name: str, role: str) -> Invited:
        """Invite somebody into a tenant. An address that has an account answers the same; its holder is told.

        Raises InvalidError, TooManyError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.INVITE_USERS)
            return self.admit(session, actor, tenant, email=email, name=name, role=_ensure_role(role))

    def admit(self, session: Session, actor: Actor, tenant: Tenant, *, email: str, name: str, role: Role) -> Invited:
        """Invite somebody within an open transaction, such as the one that plants his company.

        Raises InvalidError, TooManyError.
        """
        address, called = ensure_person(email, name)
        self._take_place(session, actor, address)
        self._record(session, actor, tenant, Event.USER_INVITED, Subject(None, address))
        with unit_of_work(SYSTEM):  # he may belong to any company, and is told through what applies there
            holder = users.find_row_by_email(session, address)
            if holder is not None:
                self._tell_holder(holder, tenant)
                return Invited(address, None)
        user = self.accounts.admit(session, tenant.id, email=address, name=called, role=role)
        return self._mail(session, actor, tenant, user)

    def invite_again(self, actor: Actor, tenant_id: TenantId, user_id: UserId) -> Invited:
        """Send somebody who has not come yet a new link; the old one ends.

        Raises NotFoundError, InvalidError, TooManyError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.INVITE_USERS)
            user = users.as_domain(users.get_of_tenant(session, tenant.id, user_id))
            if user.status is not UserStatus.INVITED:
                raise InvalidError([Problem("user", "already-joined")])
            self._take_place(session, actor, user.email)
            self._record(session, actor, tenant, Event.USER_INVITED, Subject(user.id, user.email))
            return self._mail(session, actor, tenant, user)

    def people(self, actor: Actor, tenant_id: TenantId) -> list[User]:
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_USERS)
            return users.of_tenant(session, tenant.id)

    def welcome(self, token: str) -> Welcome:
        """Who is invited whereto. Raises NotFoundError for a link that does not work any more."""
        with reading(SYSTEM) as session:
            row = self.links.holder(session, token, LinkPurpose.INVITATION)
            return Welcome(tenants.get(session, TenantId(row.tenant_id)).name, row.email, row.name)

    def accept(self, token: str, password: Secret) -> None:
        """Come in: choose a password. Raises NotFoundError, InvalidError."""
        welcome = self.welcome(token)
        # Hashing is slow on purpose: no transaction is open meanwhile.
        hashed = self.passphrases.hashed(password, welcome.name, welcome.email, welcome.tenant_name)
        with unit_of_work(SYSTEM) as session:
            row = self.links.holder(session, token, LinkPurpose.INVITATION)
            row.password_hash, row.status = hashed, UserStatus.ACTIVE.value
            self.links.use_up(session, UserId(row.id))
            subject = Subject(row.id, row.email)
            self.audit.record(session, Event.USER_JOINED, tenant_id=TenantId(row.tenant_id), subject=subject)

    def admit_by_operator(self, session: Session, tenant: Tenant, *, email: str, name: str) -> str:
        """Write an owner into an open transaction and return his link; no mail is needed for it."""
        address, called = ensure_person(email, name)
        user = self.accounts.admit(session, tenant.id, email=address, name=called, role=Role.OWNER)
        subject = Subject(user.id, user.email)
        self.audit.record(session, Event.USER_ADDED, tenant_id=tenant.id, subject=subject)
        return self.links.issue(session, user.id, LinkPurpose.INVITATION).url

    def link_for(self, user_id: UserId) -> str:
        """A one-time link for the operator to pass on to somebody whose mail does not work.

        Raises NotFoundError, for somebody who is shut out, too.
        """
        with unit_of_work(SYSTEM) as session:
            row = users.get_row(session, user_id)
            if row.status == UserStatus.DISABLED.value:
                raise NotFoundError
            is_new = row.status == UserStatus.INVITED.value
            purpose = LinkPurpose.INVITATION if is_new else LinkPurpose.PASSWORD_RESET
            subject = Subject(row.id, row.email)
            self.audit.record(session, Event.USER_LINK_SHOWN, tenant_id=TenantId(row.tenant_id), subject=subject)
            return self.links.issue(session, user_id, purpose).url

    def _take_place(self, session: Session, actor: Actor, address: str) -> None:
        self.throttle.take(session, INVITATIONS_PER_TENANT_AND_DAY, str(actor.tenant.id))
        self.throttle.take(session, INVITATIONS_PER_STRANGER_AND_DAY, short_key(address_key(address)))

    def _mail(self, session: Session, actor: Actor, tenant: Tenant, user: User) -> Invited:
        link = self.links.issue(session, user.id, LinkPurpose.INVITATION)
        resolution = self._send(actor, tenant, user, link)
        if resolution.choice is not None:
            return Invited(user.email, None)
        self._record(session, actor, tenant, Event.USER_LINK_SHOWN, Subject(user.id, user.email))
        return Invited(user.email, link.url)

    def _send(self, actor: Actor, tenant: Tenant, user: User, link: Link) -> Resolution:
        letter = self.letters.invitation(
            tenant_name=tenant.name, inviter=actor.name, url=link.url, valid_for=link.valid_for
        )
        return self.sending.send(
            tenant_id=tenant.id,
            to=(Mailbox(user.email, user.name),),
            content=letter,
            purpose=Purpose.INVITATION,
            user_id=user.id,
            lane=Lane.INTERACTIVE,
            patience=link.valid_for,
            requested_by=actor,
        )[1]

    def _tell_holder(self, holder: users.UserRow, tenant: Tenant) -> None:
        self.sending.send(
            tenant_id=TenantId(holder.tenant_id),
            to=(Mailbox(holder.email, holder.name),),
            content=self.letters.already_known(tenant_name=tenant.name),
            purpose=Purpose.NOTICE,
            user_id=UserId(holder.id),
        )

    def _record(self, session: Session, actor: Actor, tenant: Tenant, event: Event, subject: Subject) -> None:
        self.audit.record(session, event, tenant_id=tenant.id, subject=subject, actor=actor)


def _ensure_role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise InvalidError([Problem("role", "not-offered")]) from None
