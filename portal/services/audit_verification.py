"""Knows how every company's log is walked from its first event to its last, and what is wrong where it breaks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.domain.audit_chain import EMPTY, NOTHING, ChainReport, Flaw, Head, event_hash, folded, seal_text
from portal.domain.ids import TenantId
from portal.store import audit_chain
from portal.store.audit_chain import Stored, StoredHead
from portal.store.db import SYSTEM, reading
from portal.vault.audit_chain import AuditSeals
from portal.vault.keyring import UnknownKeyError


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """For the operator: what somebody did who has the database but not the keys shows here."""

    seals: AuditSeals

    def walk(self, tenant_id: TenantId | None = None) -> Iterator[ChainReport]:
        """Every company's log, or one's, as of one moment; a few events are in memory at a time."""
        with reading(SYSTEM) as session:
            heads, rows = audit_chain.heads(session, tenant_id), audit_chain.stored(session, tenant_id)
            for key, head, own in _side_by_side(heads, rows):
                walk = _Walk(self.seals, key, head)
                for row in own:
                    walk.take(row)
                yield walk.ended()


@dataclass(slots=True)
class _Walk:
    """One company's log, event by event; what comes behind the first flaw is counted only."""

    seals: AuditSeals
    tenant_id: bytes
    stored: StoredHead | None
    head: Head = EMPTY
    number: int = 0
    previous: bytes = NOTHING
    fold: bytes = NOTHING
    events: int = 0
    expired: int = 0
    without_key: int = 0
    flaw: Flaw | None = None
    at: int = 0

    def __post_init__(self) -> None:
        if self.stored is not None:
            self.head = self.stored.head
            self._find(self._flaw_of_head(self.stored), self.head.sequence)

    def take(self, row: Stored) -> None:
        is_empty = row.event is None
        self.expired, self.events = self.expired + is_empty, self.events + (not is_empty)
        if self.flaw is not None:
            return
        if self.stored is None:
            self._find(Flaw.HEAD_MISSING if row.hash else Flaw.NOT_CHAINED, row.sequence)
        elif row.sequence != self.number + 1:
            self._find(Flaw.MISSING, self.number + 1)
        elif row.sequence > self.head.sequence:
            self._find(Flaw.ADDED, row.sequence)
        else:
            self.number = row.sequence
            is_over = row.sequence <= self.head.expired
            self._find(self._flaw_of_expired(row) if is_over else self._flaw_of(row), row.sequence)

    def ended(self) -> ChainReport:
        if self.flaw is None and self.number < self.head.sequence:
            self._find(Flaw.CUT_OFF, self.number + 1)
        if self.flaw is None and self.previous != self.head.hash:
            self._find(Flaw.HEAD_CHANGED, self.head.sequence)
        return ChainReport(
            tenant_id=self.tenant_id.decode("utf-8", "replace"),
            tenant_name=self.stored.name if self.stored else "",
            events=self.events,
            expired=self.expired,
            adopted=self.head.adopted,
            without_key=self.without_key,
            flaw=self.flaw,
            at=self.at,
        )

    def _find(self, flaw: Flaw | None, at: int) -> None:
        if flaw is not None:
            self.flaw, self.at = flaw, at

    def _flaw_of_head(self, stored: StoredHead) -> Flaw | None:
        try:
            holds = self.seals.holds(stored.key_name, stored.head.encoded(self.tenant_id), stored.seal)
        except UnknownKeyError:
            return Flaw.KEY_MISSING
        return None if holds else Flaw.HEAD_CHANGED

    def _flaw_of_expired(self, row: Stored) -> Flaw | None:
        if not row.is_empty or not row.hash:
            return Flaw.CHANGED
        self.previous, self.fold = row.hash, folded(self.fold, row.hash)
        is_last = row.sequence == self.head.expired
        return Flaw.EXPIRED_CHANGED if is_last and self.fold != self.head.fold else None

    def _flaw_of(self, row: Stored) -> Flaw | None:
        digest = event_hash(self.tenant_id, row.sequence, self.previous, row.content, row.key_name)
        if row.hash != digest or row.seal is None or row.key_name is None:
            return Flaw.CHANGED
        self.previous = digest
        try:
            holds = self.seals.holds(row.key_name.decode(), seal_text(digest), row.seal)
        except UnknownKeyError:
            self.without_key += 1  # the sealed end vouches for this hash, too
            return None
        return None if holds else Flaw.CHANGED


def _side_by_side(
    heads: Iterator[StoredHead], rows: Iterator[Stored]
) -> Iterator[tuple[bytes, StoredHead | None, Iterable[Stored]]]:
    """Every company that has a head, or events, or both, with its events. Both come in the order of their ids."""
    head, row = next(heads, None), next(rows, None)

    def own(key: bytes) -> Iterator[Stored]:
        nonlocal row
        while row is not None and row.tenant_id == key:
            yield row
            row = next(rows, None)

    while head is not None or row is not None:
        key = min(each.tenant_id for each in (head, row) if each is not None)
        is_its = head is not None and head.tenant_id == key
        yield key, head if is_its else None, own(key)
        if is_its:
            head = next(heads, None)
