"""Knows how somebody is told of what happened to his account: by mail, whatever becomes of that mail."""

from dataclasses import dataclass

from portal.domain.ids import TenantId, UserId
from portal.domain.outgoing import Mailbox, Outgoing, Purpose
from portal.services.sending import Sending
from portal.services.system_mail import Letters
from portal.store import users


@dataclass(frozen=True, slots=True)
class Notices:
    letters: Letters
    sending: Sending

    def tell(self, user: users.UserRow, letter: Outgoing) -> None:
        """Queue a notice within the transaction that it is about."""
        self.sending.send(
            tenant_id=TenantId(user.tenant_id),
            to=(Mailbox(user.email, user.name),),
            content=letter,
            purpose=Purpose.NOTICE,
            user_id=UserId(user.id),
        )
