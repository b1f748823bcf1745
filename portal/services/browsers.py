"""Knows in which browsers somebody was seen before, and tells him of a sign-in with another one."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.outgoing import Lane, Mailbox, Purpose
from portal.services.places import Clock
from portal.services.sending import Sending
from portal.services.system_mail import Letters
from portal.store import browsers, users

# As long as browsers keep a cookie (RFC 6265bis §5.5: at most 400 days).
REMEMBERED = timedelta(days=400)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser shows of itself: the mark that we gave it earlier, if any, and what it is called."""

    mark: str
    name: str
    address: str


def new_mark() -> str:
    """A mark that nobody guesses; it says nothing about anybody."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Browsers:
    clock: Clock
    letters: Letters
    sending: Sending

    def see(self, session: Session, user: users.UserRow, browser: Browser) -> None:
        """Note a sign-in. Whoever was seen before, but not in this browser, is told by mail.

        Within the transaction of the sign-in, which goes on whatever becomes of the mail.
        """
        user_id, now = UserId(user.id), self.clock()
        mark = _hash(user_id, browser.mark)
        known = browsers.find(session, user_id, mark)
        if known is not None:
            known.seen_at = now
            return
        is_first = browsers.count_of(session, user_id) == 0
        session.add(browsers.BrowserRow(id=new_id(), user_id=user_id, mark_hash=mark, seen_at=now))
        session.flush()
        browsers.forget_all_but(session, user_id, most=_MOST)
        if not is_first:
            self._tell(user, browser)

    def is_known(self, session: Session, user_id: UserId, browser: Browser) -> bool:
        """Whether somebody was seen in this browser before."""
        return browsers.find(session, user_id, _hash(user_id, browser.mark)) is not None

    def _tell(self, user: users.UserRow, browser: Browser) -> None:
        letter = self.letters.new_sign_in(
            name=user.name,
            time=self.clock().isoformat(),
            browser=browser.name,
            address=browser.address,
        )
        self.sending.send(
            tenant_id=TenantId(user.tenant_id),
            to=(Mailbox(user.email, user.name),),
            content=letter,
            purpose=Purpose.NEW_SIGN_IN,
            user_id=UserId(user.id),
            lane=Lane.INTERACTIVE,
            patience=timedelta(hours=24),
        )


def _hash(user_id: UserId, mark: str) -> bytes:
    """Another one for each person, so that nobody sees who shares a browser."""
    return hashlib.sha256(user_id.bytes + mark.encode("utf-8", "replace")).digest()
