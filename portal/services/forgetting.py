"""Knows what is forgotten when its time is over: sessions, links, browsers, counts, remains of tests, old events."""

from dataclasses import dataclass
from datetime import timedelta

from portal.domain.delivery import KEPT_FOR_RETRY
from portal.domain.limits import LONGEST_WINDOW
from portal.domain.second_factor import OFFER
from portal.domain.sign_ins import ABSOLUTE, IDLE
from portal.services.audit_chain import AuditChain
from portal.services.browsers import REMEMBERED
from portal.services.places import Clock
from portal.store import browsers, erasure, limits, mail_log, second_factors, sign_ins, trials
from portal.store.db import SYSTEM, unit_of_work

# A password typed for a draft that was never saved; and a test that no worker took up, for which nobody waits now.
_PASSWORDS = _UNSTARTED = timedelta(hours=1)
# What a test found is worth a look back, not an archive of transcripts.
_TRIALS = timedelta(days=30)
# Mails that one sweep throws away at most, so that no writer waits for it.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Forgetting:
    """`log_days` is how long mails stand in the log, `audit_days` how long events do; 0 is for ever."""

    clock: Clock
    chain: AuditChain
    log_days: int
    audit_days: int

    def sweep(self) -> None:
        """Throw away whatever serves nobody any more, and what is left of it in the database's files."""
        now = self.clock()
        with unit_of_work(SYSTEM) as session:
            sign_ins.forget(session, seen_before=now - IDLE, created_before=now - ABSOLUTE)
            sign_ins.forget_halves(session, expired_by=now)
            second_factors.forget_offers(session, offered_before=now - OFFER)
            sign_ins.forget_links(session, expired_by=now)
            browsers.forget(session, seen_before=now - REMEMBERED)
            limits.forget(session, begun_before=now - LONGEST_WINDOW)
            trials.forget_passwords(session, now - _PASSWORDS)
            trials.give_up(session, now, asked_before=now - _UNSTARTED)
            trials.forget(session, finished_before=now - _TRIALS)
            mail_log.forget_content(session, settled_before=now - KEPT_FOR_RETRY)
            mail_log.forget(session, created_before=now - timedelta(days=self.log_days), most=_AT_ONCE)
        self.chain.begin()
        self.chain.renew()
        if self.audit_days:
            self.chain.expire(now - timedelta(days=self.audit_days))
        self.tidy()

    @staticmethod
    def tidy() -> None:
        """Leave nothing of what was erased in the database's files, where somebody read when it was."""
        erasure.empty_log()
