"""Knows how work is found and spread over a few sender threads inside the one serving process."""

import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from logging import Logger
from uuid import UUID

from portal.domain.errors import UnavailableError
from portal.domain.outgoing import Lane
from portal.domain.owners import new_owner
from portal.domain.work import Waiting
from portal.worker.chores import Chore
from portal.worker.duties import Duties, Work
from portal.worker.lock import Post

_LOOK_EVERY = 1.0  # seconds between two looks at an outbox in which something waits, or somebody has something in hand
_REST = 3.0  # the same at most where nothing does: that nothing was missed is made sure of
_RECOVER_EVERY = 1.0  # seconds between two looks for what the dead had in hand
_RECOVER_SOON = 0.25  # the same, while there are others who have something in hand
_SWEEP_EVERY = 20.0  # seconds between two sweeps over expired and uncertain mail
_FORGET_EVERY = 120.0  # seconds between two sweeps over everything else that has an end
_STANDBY = 1.0  # seconds between two tries to begin
_BULK_FIRST = (
    4  # one in so many pieces of ordinary work is looked for among mail to many first, so that it never starves
)
_UNKNOWN = Waiting(frozenset(Lane), trial=True, check=True, in_hand=True)


class Loop:
    """One coordinator thread and `senders` sender threads.

    One sender is kept for whoever is waiting, and of more than two another is kept from mail to many.

    Every piece of work has an owner of its own, whose name stands at what it has in hand: what no living owner has
    in hand is taken up again, whether a process died or only its last write failed.
    `post` says when this process may deliver, and by which key others know it.
    `surroundings` opens the application's context around each piece of work.
    """

    def __init__(
        self,
        *,
        duties: Duties,
        surroundings: Callable[[], AbstractContextManager[object]],
        post: Post,
        senders: int,
        logger: Logger,
    ) -> None:
        self._duties = duties
        self._surroundings = surroundings
        self._post = post
        self._logger = logger
        self._living: set[UUID] = set()
        self._free = threading.Semaphore(senders)
        self._free_for_ordinary = threading.Semaphore(senders - 1)
        self._free_for_bulk = threading.Semaphore(max(1, senders - 2))
        self._free_for_check = threading.Semaphore(1)
        self._ordinary = 0
        self._seen, self._others_work = _UNKNOWN, False
        self._recovering = Chore(self._look_after_the_dead, _RECOVER_EVERY)
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="sender")
        self._began = threading.Event()
        self._ended = threading.Event()
        self._news = threading.Event()
        self._coordinator = threading.Thread(target=self._coordinate, name="coordinator", daemon=True)

    def start(self) -> None:
        """Begin to deliver, as soon as no other process does."""
        self._coordinator.start()

    def tell(self) -> None:
        """There is something new: look at once."""
        self._news.set()

    def stop(self) -> None:
        """Take no new work, let go of what has no dot yet, wait for the rest, and let another process deliver."""
        self._ended.set()
        self._news.set()
        if self._began.is_set():
            self._duties.end()
            self._coordinator.join()
        self._pool.shutdown(wait=True)
        self._duties.rest()
        self._post.release()

    def _coordinate(self) -> None:
        if not self._post.take(self.tell):
            return
        self._began.set()
        while not self._guarded(self._wake):
            if self._ended.wait(_STANDBY):
                return
        chores = self._chores()
        while not self._ended.is_set():
            self._news.clear()
            self._guarded(self._keep_time)  # what came due by a leap alone is put off before anybody sees it
            has_found = self._post.is_held and self._guarded(self._look)
            for chore in chores:  # whoever takes over from somebody who died has no time for these before
                chore.turn()
            if not has_found:
                self._rest()

    def _chores(self) -> tuple[Chore, ...]:
        every = (self._sweep, _SWEEP_EVERY), (self._forget, _FORGET_EVERY)
        return tuple(Chore(partial(self._guarded, do), seconds) for do, seconds in every)

    def _rest(self) -> None:
        """Wait for news; where nothing is under way, for what comes due by itself, and longer than that otherwise.

        Nobody is woken to ask whether there is work: of what other processes write PostgreSQL tells, and SQLite says
        that there was something without being asked for it.
        """
        if not (self._seen.is_nothing and self._post.is_held):
            self._news.wait(_RECOVER_SOON if self._others_work else _LOOK_EVERY)
            return
        step = _REST if self._post.hears_others else _LOOK_EVERY
        longest = _REST if self._seen.next_in is None else min(_REST, self._seen.next_in.total_seconds())
        end = time.monotonic() + longest
        while (left := end - time.monotonic()) > 0:
            if self._news.wait(min(left, step)) or self._duties.is_anything_new():
                return

    def _wake(self) -> bool:
        self._duties.wake()
        return True

    def _keep_time(self) -> bool:
        if leap := self._duties.keep_time():
            self._logger.warning("the clock was turned by %s: what waits comes due by the time that passed", leap)
        return True

    def _look_after_the_dead(self) -> bool:
        return self._guarded(self._recover)

    def _recover(self) -> bool:
        self._others_work = self._duties.recover(tuple(self._living), self._post.key)
        self._recovering.every = _RECOVER_SOON if self._others_work else _RECOVER_EVERY
        return True

    def _sweep(self) -> bool:
        self._duties.sweep()
        return True

    def _forget(self) -> bool:
        self._duties.forget()
        return True

    def _look(self) -> bool:
        """Hand out one piece of work, where there is any, and look after what nobody has in hand any more."""
        self._seen = _UNKNOWN
        seen = self._duties.waiting()
        if not seen.in_hand:
            self._others_work = False
        elif self._recovering.turn():
            seen = self._duties.waiting()
        self._seen = seen
        return self._spread(seen)

    def _spread(self, waiting: Waiting) -> bool:
        """The most urgent first; False when there is none or nobody is free."""
        return (
            (waiting.trial and self._spread_trial())
            or (Lane.INTERACTIVE in waiting.lanes and self._spread_mail(Lane.INTERACTIVE))
            or self._spread_ordinary(waiting.lanes)
            or (waiting.check and self._spread_check())
        )

    def _spread_trial(self) -> bool:
        return self._hand_out(self._duties.trial, self._free)

    def _spread_ordinary(self, waiting: Collection[Lane]) -> bool:
        """Ordinary mail may occupy all senders but one, mail to many all but two."""
        bulk_first = self._ordinary % _BULK_FIRST == 0
        for lane in (Lane.BULK, Lane.NORMAL) if bulk_first else (Lane.NORMAL, Lane.BULK):
            places = (self._free_for_bulk,) if lane is Lane.BULK else ()
            if lane in waiting and self._spread_mail(lane, *places, self._free_for_ordinary):
                self._ordinary += 1
                return True
        return False

    def _spread_check(self) -> bool:
        """One check at a time, where mail to many leaves room."""
        places = (self._free_for_check, self._free_for_bulk, self._free_for_ordinary, self._free)
        return self._hand_out(lambda _owner: self._duties.check(), *places)

    def _spread_mail(self, lane: Lane, *places: threading.Semaphore) -> bool:
        def claimed(owner: UUID) -> Work | None:
            return self._duties.mail(owner, lane, goes_on=lambda: not self._ended.is_set())

        return self._hand_out(claimed, *places, self._free)

    def _hand_out(self, claimed: Callable[[UUID], Work | None], *places: threading.Semaphore) -> bool:
        """Take a place everywhere, then look for work; without work, or when that fails, give the places back."""
        with ExitStack() as taken:
            for place in places:
                if not place.acquire(blocking=False):
                    return False
                taken.callback(place.release)
            owner = new_owner(self._post.key)
            self._living.add(owner)
            taken.callback(self._living.discard, owner)
            work = claimed(owner)
            if work is None:
                return False
            self._submit(work, taken.pop_all().close)
            return True

    def _submit(self, work: Work, afterwards: Work) -> None:
        def one_piece() -> bool:
            work()
            return True

        def done(_future: Future[bool]) -> None:
            afterwards()
            self._news.set()

        self._pool.submit(self._guarded, one_piece).add_done_callback(done)

    def _guarded(self, work: Callable[[], bool]) -> bool:
        """Run one piece of work; a bug in it is logged and never ends the loop."""
        try:
            with self._surroundings():
                return work()
        except UnavailableError as error:  # said in a line, once a second at most: there may be no room for more
            self._logger.error("delivery waits for the database: %s", error.trouble.value)  # noqa: TRY400
            return False
        except Exception:
            self._logger.exception("a piece of delivery work failed")
            return False
