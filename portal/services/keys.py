"""Knows which master keys are needed, and how everything moves to the current one while all goes on."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from portal.domain.audit import Event
from portal.domain.ids import TenantId
from portal.services.audit import Audit, Subject
from portal.services.rekeying import Rekeyed, rekey
from portal.store import data_keys, erasure, tenants
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.vault.vault import LONGEST_HEAD, SealBrokenError, Vault, head_of, name_in

# Companies whose keys are wrapped anew in one transaction: some milliseconds, so that nobody notices the wait.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A master key by its name, and how many companies' data keys it wraps."""

    name: str
    seals: int
    is_current: bool
    in_ring: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction of a rotation did. `last` is where the next one goes on; None says that it was the last.

    `stuck` counts the companies whose key does not open, so that it stayed as it was.
    """

    done: int
    stuck: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Keys:
    vault: Vault
    audit: Audit

    def uses(self) -> list[KeyUse]:
        """Every key of the ring, newest first, and then those that are missing from it and still needed."""
        names = [name for name, _ in self.vault.ring.keys]
        heads = [head_of(name) for name in names]
        with reading(SYSTEM) as session:
            counts = data_keys.count(session, heads)
            others = data_keys.others(session, heads, length=LONGEST_HEAD)
        missing: dict[str, int] = {}
        for head, count in others.items():
            missing[name_in(head)] = missing.get(name_in(head), 0) + count
        ring = [
            KeyUse(name, count, is_current=name == names[0], in_ring=True)
            for name, count in zip(names, counts, strict=True)
        ]
        return ring + [KeyUse(name, count, is_current=False, in_ring=False) for name, count in sorted(missing.items())]

    def missing(self) -> list[KeyUse]:
        """Keys that are not in the ring although something needs them; none where the database does not answer."""
        try:
            return [use for use in self.uses() if not use.in_ring]
        except SQLAlchemyError:
            return []

    def rotate_some(self, after: int) -> Step:
        """Wrap the data keys of the next companies with the current master key, those that are not yet, in one go.

        What was done stays done, so whoever begins again with `after=0` goes on where it ended.
        """
        with unit_of_work(SYSTEM) as session:
            head = head_of(self.vault.ring.current[0])
            found = data_keys.next_without(session, head, after=after, most=_AT_ONCE)
            anew = [(tenant_id, key) for tenant_id, old, _label in found if (key := self._rewrapped(tenant_id, old))]
            data_keys.replace(session, anew)
        last = found[-1][2] if found else None
        return Step(done=len(anew), stuck=len(found) - len(anew), last=last)

    def conclude(self, done: int) -> None:
        """Seal the ends of all audit logs with the current key too, note the rotation, and leave no older trace."""
        while self.audit.chain.renew():
            continue
        with unit_of_work(SYSTEM) as session:
            root = tenants.find_root(session)
            if root is not None and done:
                subject = Subject(None, self.vault.ring.current[0])
                self.audit.record(session, Event.KEYS_ROTATED, tenant_id=root.id, subject=subject)
            erasure.promise(session)

    def rekey(self, tenant_id: TenantId) -> Rekeyed:
        """Give a company a new data key and seal everything of it anew, in one transaction.

        Raises NotFoundError, and UnopenedError where its present key does not open.
        """
        with unit_of_work(SYSTEM) as session:
            tenant = tenants.get(session, tenant_id)
            rekeyed = rekey(session, self.vault, tenant)
            subject = Subject(tenant.id, tenant.name)
            self.audit.record(session, Event.TENANT_REKEYED, tenant_id=tenant.id, subject=subject)
            erasure.promise(session)
            return rekeyed

    def _rewrapped(self, tenant_id: UUID, wrapped: bytes) -> bytes | None:
        try:
            return self.vault.rewrap(TenantId(tenant_id), wrapped)
        except SealBrokenError:
            return None
