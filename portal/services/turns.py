"""Knows whose turn it is: no company waits behind all the mail of another, no server takes all the senders."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.outgoing import Lane
from portal.services.places import Clock
from portal.store import turns
from portal.store.hands import Mail

# Whoever was passed over because its server was busy is asked again after this time.
_PASSED_OVER = timedelta(seconds=1)


@dataclass(slots=True)
class Turns:
    """Companies take turns in each lane. It is remembered in one process: several of them are fair on the average."""

    clock: Clock
    _last: dict[Lane, TenantId] = field(default_factory=dict)
    _passed: dict[tuple[Lane, TenantId], datetime] = field(default_factory=dict)

    def next(self, session: Session, lane: Lane, *, most: int) -> list[Mail]:
        """The next mails of a lane, all of one company; the turn goes on to the company after it."""
        now = self.clock()
        # No further ahead than that: a clock may have been turned back since.
        self._passed = {key: until for key, until in self._passed.items() if now < until <= now + _PASSED_OVER}
        asked = set[TenantId]()
        # Others may take mail meanwhile, so a round ends at any company that was asked before, not only at the first.
        while (tenant_id := self._tenant_after(session, lane, now)) is not None and tenant_id not in asked:
            asked.add(tenant_id)
            self._last[lane] = tenant_id
            if (lane, tenant_id) in self._passed:
                continue
            if mails := turns.first_of(session, lane, tenant_id, now, most=most):
                return mails
        return []

    def pass_over(self, mail: Mail) -> None:
        """Its company's mail of this lane waits a little: the server it goes through has enough to do."""
        self._passed[Lane(mail.lane), TenantId(mail.tenant_id)] = self.clock() + _PASSED_OVER

    def _tenant_after(self, session: Session, lane: Lane, now: datetime) -> TenantId | None:
        following = turns.tenant_after(session, lane, self._last.get(lane), now)
        return following or turns.tenant_after(session, lane, None, now)
