"""Knows what there is to do for whoever delivers: what can be taken in hand, and what has to be looked after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from portal.domain.outgoing import Lane
from portal.domain.work import Waiting
from portal.services.checks import Checks
from portal.services.delivering import Delivering
from portal.services.forgetting import Forgetting
from portal.services.leaps import Leaps
from portal.services.looks import Looks
from portal.services.trial_runs import TrialRuns

Work = Callable[[], None]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Duties:
    """The same for the threads of one process and for a task engine's workers: none of it knows who calls."""

    delivering: Delivering
    trials: TrialRuns
    checks: Checks
    forgetting: Forgetting
    leaps: Leaps
    looks: Looks

    def trial(self, owner: UUID) -> Work | None:
        """Take the next test into the hands of `owner`; None where nobody waits for one."""
        trial_id = self.trials.claim(owner)
        return None if trial_id is None else lambda: self.trials.perform(trial_id)

    def mail(self, owner: UUID, lane: Lane, *, goes_on: Callable[[], bool] = _always) -> Work | None:
        """Take the next mail of a lane into the hands of `owner`; None where there is none.

        Mails of the same company follow over the same connection while `goes_on` says yes.
        """
        claim = self.delivering.claim(owner, (lane,))
        return None if claim is None else lambda: self.delivering.deliver(claim, goes_on=goes_on)

    def check(self) -> Work | None:
        """Take the next configuration that is to be checked; None where none is. It needs no owner: see `Checks`."""
        route = self.checks.claim()
        return None if route is None else lambda: self.checks.perform(route)

    def waiting(self) -> Waiting:
        """What there is to do; look before anything is taken in hand."""
        return self.looks.waiting()

    def is_anything_new(self) -> bool:
        """Whether it is time to look before what was seen comes due: somebody wrote, or the clock was turned."""
        return self.looks.is_outdated() or self.leaps.is_due()

    def keep_time(self) -> timedelta:
        """Look whether the clock was turned; call it before each look for mail. Returns how far, else zero."""
        return self.leaps.look()

    def wake(self) -> None:
        """Begin: ask again for what may go now that the operator changed something, and started this process."""
        self.delivering.wake()

    def recover(self, living: Sequence[UUID], key: int) -> bool:
        """Take up what the dead had in hand.

        `living` are the pieces of work of the process with this `key` that are under way. Returns whether others have
        mail in hand.
        """
        others_work = self.delivering.recover(*living, of=key)
        self.trials.recover(*living, of=key)
        return others_work

    def sweep(self) -> None:
        """Ask again for what waited long enough, and leave nothing of what was erased in the database's files."""
        self.delivering.sweep()
        self.forgetting.tidy()

    def forget(self) -> None:
        """Throw away what is over. It may wait for minutes: whatever has an end is looked at before it counts."""
        self.forgetting.sweep()

    def end(self) -> None:
        """Hurry: the process is asked to end."""
        self.delivering.end()

    def rest(self) -> None:
        """Say goodbye to every mail server, and look no more."""
        self.delivering.rest()
        self.looks.close()
