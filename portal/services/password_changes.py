"""Knows how somebody gets another password: by knowing the old one, or by a link mailed to his address."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key
from portal.domain.audit import Event
from portal.domain.errors import InvalidError, Problem
from portal.domain.ids import TenantId, UserId
from portal.domain.limits import PASSWORD_CHANGE_PER_USER, RESET_PER_ACCOUNT, RESET_PER_ADDRESS, network_of
from portal.domain.outgoing import Lane, Mailbox, Purpose
from portal.domain.people import UserStatus
from portal.domain.roles import Actor
from portal.domain.secret import Secret
from portal.services.audit import Audit, Subject
from portal.services.links import LinkPurpose, Links
from portal.services.passphrases import Passphrases
from portal.services.sending import Sending
from portal.services.system_mail import Letters
from portal.services.throttle import Throttle, short_key
from portal.store import sign_ins, tenants, users
from portal.store.db import SYSTEM, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class PasswordChanges:
    audit: Audit
    throttle: Throttle
    passphrases: Passphrases
    links: Links
    letters: Letters
    sending: Sending

    def ask(self, email: str, *, address: str) -> None:
        """Mail a link to whoever holds this address; nobody learns whether somebody does. Raises TooManyError."""
        typed = email.strip()
        with unit_of_work(SYSTEM) as session:
            self.throttle.take(session, RESET_PER_ADDRESS, short_key(network_of(address)))
        with unit_of_work(SYSTEM) as session:
            self.throttle.take(session, RESET_PER_ACCOUNT, short_key(address_key(typed)))
            row = users.find_row_by_email(session, typed)
            if row is not None and row.status == UserStatus.ACTIVE.value:
                self._mail_link(session, row)
            else:
                self._rehearse(session)

    def whose(self, token: str) -> str:
        """The address whose password a link changes. Raises NotFoundError for a link that no longer works."""
        with reading(SYSTEM) as session:
            return self.links.holder(session, token, LinkPurpose.PASSWORD_RESET).email

    def reset(self, token: str, password: Secret) -> None:
        """Set a new password by link; every session of the account ends. Raises NotFoundError, InvalidError."""
        with reading(SYSTEM) as session:
            about = _words_of(session, self.links.holder(session, token, LinkPurpose.PASSWORD_RESET))
        # Hashing is slow on purpose: no transaction is open meanwhile.
        hashed = self.passphrases.hashed(password, *about)
        with unit_of_work(SYSTEM) as session:
            row = self.links.holder(session, token, LinkPurpose.PASSWORD_RESET)
            self._set(session, row, hashed)
            sign_ins.end_all_of(session, UserId(row.id))

    def change(self, actor: Actor, *, current: Secret, password: Secret, reference: str) -> None:
        """Change one's own password; every other session ends. `reference` is the session that stays.

        Raises InvalidError, TooManyError.
        """
        with unit_of_work(actor.tenant.id) as session:
            self.throttle.take(session, PASSWORD_CHANGE_PER_USER, str(actor.user_id))
            known = users.get_row(session, actor.user_id).password_hash
        hashed = self.passphrases.hashed(password, actor.name, actor.email, actor.tenant.name)
        if not self.passphrases.matches(current, known):
            raise InvalidError([Problem("current", "wrong")])
        with unit_of_work(actor.tenant.id) as session:
            row = users.get_row(session, actor.user_id)
            if row.password_hash != known:
                raise InvalidError([Problem("current", "wrong")])  # it was changed while we compared
            self._set(session, row, hashed)
            sign_ins.end_all_of(session, actor.user_id, keep=sign_ins.hash_of(reference))

    def _mail_link(self, session: Session, row: users.UserRow) -> None:
        link = self.links.issue(session, UserId(row.id), LinkPurpose.PASSWORD_RESET)
        self.sending.send(
            tenant_id=TenantId(row.tenant_id),
            to=(Mailbox(row.email, row.name),),
            content=self.letters.password_reset(url=link.url, valid_for=link.valid_for),
            purpose=Purpose.PASSWORD_RESET,
            user_id=UserId(row.id),
            lane=Lane.INTERACTIVE,
            patience=link.valid_for,
        )
        self._record(session, Event.PASSWORD_RESET_ASKED, row)

    def _rehearse(self, session: Session) -> None:
        """Do the same work for somebody else and take it back, so that the time it takes tells nothing (T40)."""
        somebody = users.find_any_active(session)
        if somebody is not None:
            savepoint = session.begin_nested()
            self._mail_link(session, somebody)
            session.flush()
            savepoint.rollback()

    def _set(self, session: Session, row: users.UserRow, hashed: str) -> None:
        row.password_hash = hashed
        self.links.use_up(session, UserId(row.id))
        self._record(session, Event.PASSWORD_CHANGED, row)
        self.sending.send(
            tenant_id=TenantId(row.tenant_id),
            to=(Mailbox(row.email, row.name),),
            content=self.letters.password_changed(name=row.name),
            purpose=Purpose.PASSWORD_CHANGED,
            user_id=UserId(row.id),
        )

    def _record(self, session: Session, event: Event, row: users.UserRow) -> None:
        self.audit.record(session, event, tenant_id=TenantId(row.tenant_id), subject=Subject(row.id, row.email))


def _words_of(session: Session, row: users.UserRow) -> tuple[str, str, str]:
    return row.name, row.email, tenants.get(session, TenantId(row.tenant_id)).name
