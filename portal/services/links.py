"""Knows the links that stand in mails: built from the address of their reader's company, never from a request."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.domain.errors import NotFoundError
from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.people import UserStatus
from portal.services.places import Clock
from portal.services.portal_urls import PortalUrls
from portal.store import sign_ins, users


class LinkPurpose(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - a purpose, not a password
    EMAIL_CHANGE = "email-change"


_VALID_FOR = {
    LinkPurpose.INVITATION: timedelta(hours=48),
    LinkPurpose.PASSWORD_RESET: timedelta(minutes=30),
    LinkPurpose.EMAIL_CHANGE: timedelta(minutes=30),
}
# An invitation is for somebody who has not come in yet, a reset for somebody who has: whoever is shut out has neither.
_HOLDERS = {
    LinkPurpose.INVITATION: UserStatus.INVITED,
    LinkPurpose.PASSWORD_RESET: UserStatus.ACTIVE,
    LinkPurpose.EMAIL_CHANGE: UserStatus.ACTIVE,
}
_PATHS = {
    LinkPurpose.INVITATION: "/invitations/",
    LinkPurpose.PASSWORD_RESET: "/password-resets/",
    LinkPurpose.EMAIL_CHANGE: "/email-changes/",
}


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    valid_for: timedelta


@dataclass(frozen=True, slots=True)
class Links:
    clock: Clock
    urls: PortalUrls

    def issue(self, session: Session, user_id: UserId, purpose: LinkPurpose, *, email: str | None = None) -> Link:
        """Make a link that works once; every earlier one of the same person ends. Only its hash is kept.

        `email` is the address that whoever opens it proves to hold, where that is not the account's own.
        """
        token = secrets.token_urlsafe(32)
        now = self.clock()
        sign_ins.drop_links_of(session, user_id)
        session.add(
            sign_ins.OneTimeLinkRow(
                id=new_id(),
                user_id=user_id,
                purpose=purpose.value,
                token_hash=_hash(token),
                created_at=now,
                expires_at=now + _VALID_FOR[purpose],
                email=email,
            )
        )
        portal = self.urls.of(session, TenantId(users.get_row(session, user_id).tenant_id))
        return Link(portal + _PATHS[purpose] + token, _VALID_FOR[purpose])

    def holder(self, session: Session, token: str, purpose: LinkPurpose) -> users.UserRow:
        """Whose link this is. Raises NotFoundError when it is used up, too old, no link at all, or he is shut out."""
        return self._opened(session, token, purpose)[1]

    def new_address(self, session: Session, token: str) -> tuple[str, users.UserRow]:
        """The address that a link proves, and who is to have it. Raises NotFoundError as `holder`."""
        row, user = self._opened(session, token, LinkPurpose.EMAIL_CHANGE)
        if row.email is None:
            raise NotFoundError
        return row.email, user

    def _opened(
        self, session: Session, token: str, purpose: LinkPurpose
    ) -> tuple[sign_ins.OneTimeLinkRow, users.UserRow]:
        row = sign_ins.find_link(session, _hash(token))
        if row is None or row.purpose != purpose.value or row.expires_at <= self.clock():
            raise NotFoundError
        user = users.get_row(session, UserId(row.user_id))
        if user.status != _HOLDERS[purpose].value:
            raise NotFoundError
        return row, user

    def use_up(self, session: Session, user_id: UserId) -> None:
        sign_ins.drop_links_of(session, user_id)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
