"""Knows the seed behind the codes of an authenticator app: made, sealed to its holder, and compared (RFC 6238)."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from passlib.exc import TokenError
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from portal.domain.branding import PRODUCT
from portal.domain.ids import TenantId, UserId
from portal.domain.second_factor import Offer, grouped
from portal.services.own_brand import brand_of
from portal.services.passwords import Passwords
from portal.store import users
from portal.vault.vault import SealBrokenError

# RFC 4226 §4 R6: at least 128 bits, better 160.
_BYTES = 20
# A step of 30 seconds before and after the present one (RFC 6238 §5.2): phones' clocks go wrong, people type slowly.
_TOLERANCE = 30


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seed leaves the vault for a comparison, and once for its holder to see; nothing else is made of it."""

    passwords: Passwords

    def make(self, session: Session, user: users.UserRow) -> bytes:
        """A new seed, sealed to this person."""
        vault = self.passwords.of_tenant(session, TenantId(user.tenant_id))
        return vault.seal_seed(secrets.token_bytes(_BYTES), UserId(user.id))

    def offer(self, session: Session, user: users.UserRow, sealed: bytes) -> Offer:
        """What an app needs to know. Raises SealBrokenError for somebody else's seed."""
        totp = self._open(session, user, sealed)
        key = totp.base32_key
        # The format parts issuer and address by a colon, so neither may hold one.
        issuer = brand_of(session, TenantId(user.tenant_id)).called.replace(":", "")
        return Offer(grouped(key), totp.to_uri(label=user.email.replace(":", ""), issuer=issuer or PRODUCT))

    def step_of(
        self, session: Session, user: users.UserRow, sealed: bytes, code: str, *, now: datetime, after: int | None
    ) -> int | None:
        """The step of time to which a code belongs, or None for a wrong one.

        One of the step `after` or before it was taken already and is as wrong (RFC 6238 §5.2).
        """
        try:
            totp = self._open(session, user, sealed)
            found = totp.match(code, time=int(now.timestamp()), window=_TOLERANCE, last_counter=after)
        except (TokenError, SealBrokenError):
            return None
        return int(found.counter)

    def _open(self, session: Session, user: users.UserRow, sealed: bytes) -> TOTP:
        vault = self.passwords.of_tenant(session, TenantId(user.tenant_id))
        return TOTP(vault.open_seed(sealed, UserId(user.id)), format="raw")
