"""Knows how a company's log grows and how it forgets, so that afterwards everybody who has the key can tell."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.audit_chain import EMPTY, NOTHING, Head, Part, event_hash, folded, id_part, seal_text, time_part
from portal.domain.ids import TenantId, new_id
from portal.services.places import Clock
from portal.store import audit_chain, audit_log
from portal.store.db import SYSTEM, alone, reading, unit_of_work
from portal.telemetry.logs import tell_tampered
from portal.vault.audit_chain import AuditSeals
from portal.vault.keyring import UnknownKeyError

# Companies that one sweep begins, or lets forget; and events of one of them that go in one transaction.
_COMPANIES, _EVENTS = 200, 500
_NO_SEAL = ("", b"")


@dataclass(frozen=True, slots=True)
class AuditChain:
    """One chain for each company: numbers without a gap, each event with the hash of the one before, a sealed end."""

    clock: Clock
    seals: AuditSeals

    def append(self, session: Session, row: audit_log.AuditRow) -> None:
        """Put an event at the end of its company's chain. Nobody else writes meanwhile, so that it never forks."""
        alone(session)
        tenant_id = TenantId(row.tenant_id)
        head, is_sound = self._head(session, tenant_id)
        row.sequence = head.sequence + 1
        row.key_name = self.seals.newest
        row.hash = self._hash(id_part(tenant_id), row.sequence, head.hash, audit_chain.content_of(row))
        row.seal = self.seals.seal(seal_text(row.hash))
        session.add(row)
        self._put(session, tenant_id, replace(head, sequence=row.sequence, hash=row.hash), is_sound=is_sound)

    def begin(self) -> None:
        """Give events from before there was a chain their hashes, as they are now."""
        with reading(SYSTEM) as session:
            waiting = audit_chain.unchained(session, most=_COMPANIES)
        for tenant_id in waiting:
            with unit_of_work(SYSTEM) as session:
                self._head(session, tenant_id)

    def renew(self) -> int:
        """Seal ends anew that an older key sealed, so that it can be taken out of the key ring; returns how many."""
        renewed = 0
        with reading(SYSTEM) as session:
            older = audit_chain.sealed_otherwise(session, self.seals.newest, most=_COMPANIES)
        for tenant_id in older:
            with unit_of_work(SYSTEM) as session:
                head, is_sound = self._head(session, tenant_id)
                if is_sound:
                    self._put(session, tenant_id, head, is_sound=True)
                    renewed += 1
        return renewed

    def expire(self, before: datetime) -> None:
        """Leave of events older than that nothing but their hashes, the oldest of each company first.

        Where one of them was changed it stays, with all that follow it, as evidence.
        """
        with reading(SYSTEM) as session:
            over = audit_chain.expiring(session, before=before, most=_COMPANIES)
        for tenant_id in over:
            with unit_of_work(SYSTEM) as session:
                self._expire(session, tenant_id, time_part(before))

    def _expire(self, session: Session, tenant_id: TenantId, before: bytes) -> None:
        head, is_sound = self._head(session, tenant_id)
        if not is_sound:
            return
        left = head
        previous = _hash_at(session, tenant_id, head.expired)
        for row in audit_chain.following(session, tenant_id, head.expired, most=_EVENTS):
            if row.at is None or row.at >= before:
                break
            digest = event_hash(row.tenant_id, row.sequence, previous, row.content, row.key_name)
            if row.sequence != left.expired + 1 or row.hash != digest:
                tell_tampered(tenant_id, f"event {row.sequence} was changed, and is kept")
                break
            left, previous = replace(left, expired=row.sequence, fold=folded(left.fold, digest)), digest
        if left.expired > head.expired:
            audit_chain.empty(session, tenant_id, after=head.expired, until=left.expired)
            self._put(session, tenant_id, left, is_sound=True)

    def _head(self, session: Session, tenant_id: TenantId) -> tuple[Head, bool]:
        """Where the chain ends, and whether its seal holds. One that does not is never sealed again."""
        row = audit_chain.find_head(session, tenant_id)
        if row is None:
            return self._begun(session, tenant_id)
        head = audit_chain.as_domain(row)
        try:
            is_sound = self.seals.holds(row.key_name, head.encoded(id_part(tenant_id)), row.seal)
        except UnknownKeyError:
            is_sound = False
        if not is_sound:
            tell_tampered(tenant_id, "the row that says where it ends was changed, or its key is missing")
        return head, is_sound

    def _begun(self, session: Session, tenant_id: TenantId) -> tuple[Head, bool]:
        """The end of a chain that has none yet: of a new company, of one with older events, or of one that lost it."""
        head, is_sound = EMPTY, True
        while rows := audit_chain.following(session, tenant_id, head.sequence, most=_EVENTS):
            for row in rows:
                is_sound = is_sound and row.hash is None and row.sequence == head.sequence + 1
                digest = row.hash or self._hash(row.tenant_id, row.sequence, head.hash, row.content)
                if row.hash is None:
                    seal = self.seals.seal(seal_text(digest))
                    key_name = self.seals.newest
                    audit_chain.adopt(session, tenant_id, row.sequence, digest=digest, key_name=key_name, seal=seal)
                head = replace(head, sequence=row.sequence, hash=digest, adopted=head.adopted + 1)
        if not head.sequence:
            return head, True
        self._put(session, tenant_id, head, is_sound=is_sound)
        self.append(session, self._beginning(tenant_id, head.adopted))
        return self._head(session, tenant_id)

    def _beginning(self, tenant_id: TenantId, adopted: int) -> audit_log.AuditRow:
        """It says to everybody who looks since when there is a chain."""
        change = {"events": ("", str(adopted))}
        return audit_log.AuditRow(
            tenant_id=tenant_id,
            id=new_id(),
            at=self.clock(),
            actor_name="",
            event=Event.LOG_BEGUN.value,
            subject_name="",
            fields=audit_log.written(change),
        )

    def _hash(self, tenant_id: Part, number: int, previous: bytes, content: tuple[Part, ...]) -> bytes:
        """That of an event which is sealed now."""
        return event_hash(tenant_id, number, previous, content, self.seals.newest.encode())

    def _put(self, session: Session, tenant_id: TenantId, head: Head, *, is_sound: bool) -> None:
        if is_sound:
            key_name, seal = self.seals.newest, self.seals.seal(head.encoded(id_part(tenant_id)))
        else:  # it keeps the seal that does not hold
            row = audit_chain.find_head(session, tenant_id)
            key_name, seal = (row.key_name, row.seal) if row else _NO_SEAL
        audit_chain.put_head(session, tenant_id, head, key_name, seal)


def _hash_at(session: Session, tenant_id: TenantId, sequence: int) -> bytes:
    """The hash of an event, or what stands before the first one."""
    if sequence == 0:
        return NOTHING
    found = audit_chain.following(session, tenant_id, sequence - 1, most=1)
    return (found[0].hash if found else None) or NOTHING
