"""Knows the recovery codes that stand in for a second factor: made, counted, and used up one by one."""

import hashlib
import secrets
from base64 import b32encode
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.ids import UserId, new_id
from portal.domain.second_factor import CODE_BYTES, CODES, grouped
from portal.store import second_factors


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Only hashes are kept; whoever is shown the codes sees them this once."""

    def renew(self, session: Session, user_id: UserId) -> tuple[str, ...]:
        """Make ten new codes, grouped for eyes; all earlier ones end."""
        second_factors.drop_codes(session, user_id)
        codes = [b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _ in range(CODES)]
        session.add_all(
            second_factors.RecoveryCodeRow(id=new_id(), user_id=user_id, code_hash=_hash(user_id, code))
            for code in codes
        )
        return tuple(grouped(code) for code in codes)

    def use(self, session: Session, user_id: UserId, code: str) -> bool:
        """Whether this is one of the codes, in normal form. It is used up by that."""
        found = second_factors.find_code(session, user_id, _hash(user_id, code))
        if found is None:
            return False
        session.delete(found)
        session.flush()
        return True


def _hash(user_id: UserId, code: str) -> bytes:
    return hashlib.sha256(user_id.bytes + code.encode("utf-8", "replace")).digest()
