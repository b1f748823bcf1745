"""Knows how somebody gets another e-mail address: proven by a link that is mailed there, and told to the old one."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key
from portal.domain.audit import Change, Event
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import TenantId, UserId
from portal.domain.limits import EMAIL_CHANGE_PER_USER, INVITATIONS_PER_STRANGER_AND_DAY
from portal.domain.outgoing import Lane, Mailbox, Purpose
from portal.domain.roles import Actor
from portal.services.audit import Audit, Subject
from portal.services.links import Link, LinkPurpose, Links
from portal.services.notices import Notices
from portal.services.people import ensure_person
from portal.services.throttle import Throttle, short_key
from portal.store import users
from portal.store.db import SYSTEM, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class EmailChanges:
    audit: Audit
    throttle: Throttle
    links: Links
    notices: Notices

    def ask(self, actor: Actor, email: str) -> str:
        """Mail a link to the new address, and return its canonical spelling.

        An address that is somebody's is answered alike, and no mail goes there. Raises InvalidError, TooManyError.
        """
        address, _name = ensure_person(email, actor.name)
        if address_key(address) == address_key(actor.email):
            raise InvalidError([Problem("email", "own-already")])
        with unit_of_work(actor.tenant.id) as session:
            self.throttle.take(session, EMAIL_CHANGE_PER_USER, str(actor.user_id))
            self.throttle.take(session, INVITATIONS_PER_STRANGER_AND_DAY, short_key(address_key(address)))
            user = users.get_row(session, actor.user_id)
            self._record(session, Event.EMAIL_CHANGE_ASKED, user, {"email": (user.email, address)})
            if not users.email_is_taken(session, address):
                link = self.links.issue(session, actor.user_id, LinkPurpose.EMAIL_CHANGE, email=address)
                self._mail_link(user, address, link)
            return address

    def asked(self, token: str) -> tuple[str, str]:
        """The present address and the one that a link proves. Raises NotFoundError for a link that does not work."""
        with reading(SYSTEM) as session:
            address, user = self.links.new_address(session, token)
            return user.email, address

    def take(self, token: str) -> str:
        """Change the address of whoever asked for it, and tell the old one. Returns the new one.

        Raises NotFoundError for a link that does not work any more, or where somebody else was given the address.
        """
        with unit_of_work(SYSTEM) as session:
            address, user = self.links.new_address(session, token)
            if users.email_is_taken(session, address):
                raise NotFoundError
            self.links.use_up(session, UserId(user.id))
            self.notices.tell(user, self.notices.letters.email_changed(name=user.name, email=address))
            change = {"email": (user.email, address)}
            user.email, user.email_key, user.version = address, address_key(address), user.version + 1
            self._record(session, Event.EMAIL_CHANGED, user, change)
            return address

    def _mail_link(self, user: users.UserRow, address: str, link: Link) -> None:
        letter = self.notices.letters.email_change(name=user.name, url=link.url, valid_for=link.valid_for)
        self.notices.sending.send(
            tenant_id=TenantId(user.tenant_id),
            to=(Mailbox(address, user.name),),
            content=letter,
            purpose=Purpose.EMAIL_CHANGE,
            user_id=UserId(user.id),
            lane=Lane.INTERACTIVE,
            patience=link.valid_for,
        )

    def _record(self, session: Session, event: Event, user: users.UserRow, change: Change) -> None:
        subject = Subject(user.id, user.email)
        self.audit.record(session, event, tenant_id=TenantId(user.tenant_id), subject=subject, change=change)
