"""Knows Celery: it carries wake-ups to workers on any number of machines. The outbox stays the truth."""

import itertools
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown
from kombu.exceptions import OperationalError

from portal.domain.outgoing import Lane
from portal.domain.owners import new_owner
from portal.domain.secret import Secret
from portal.worker.duties import Duties, Work
from portal.worker.lock import Post
from portal.worker.settling import settle

# So long one wake-up goes on taking mail in hand; then it wakes another, so that a stop has little to wait for.
_DRAINS = 5.0
# So often the dead are looked after, and lanes with work are woken whose bell nobody heard.
_TICK_EVERY = 2.0
_SWEEPS_AFTER, _FORGETS_AFTER = 10, 60  # ticks of one process
_WAKE, _TICK, _CHECK = "portal.wake", "portal.tick", "portal.check"
_NOBODY_HEARS = 60  # seconds after which a wake-up or a tick that no worker took up is thrown away


def build_engine(broker_url: Secret) -> Celery:
    """An engine that carries lanes and nothing else: no result, no secret, no mail."""
    engine = Celery("portal", broker=broker_url.reveal(), set_as_current=False)
    engine.conf.update(
        accept_content=["json"],
        task_ignore_result=True,
        broker_use_ssl=_trust_in(broker_url.reveal()),
        task_default_queue=Lane.INTERACTIVE.value,
        # A wake-up that was lost is made up for by the next tick, so none is ever repeated.
        task_acks_late=False,
        # Nothing may end a sender by a clock: past the fence it waits for its server, whatever that takes.
        task_time_limit=None,
        task_soft_time_limit=None,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # No limit, for a limit can be lost: a Redis that is restarted before it took a receipt leaves its worker
        # waiting for that receipt for ever. A wake-up too many in a worker's hands does nothing.
        worker_prefetch_multiplier=0,
        worker_proc_alive_timeout=60,  # a sender begins when the database is there
        # Whoever can write to the broker may wake workers, and not command them.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_timeout=2,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A broker that does not answer is given up at once: the bell tries again at the next news.
        broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 5, "max_retries": 0},
        beat_schedule={
            "tick": {
                "task": _TICK,
                "schedule": _TICK_EVERY,
                "options": {"queue": Lane.INTERACTIVE.value, "expires": _NOBODY_HEARS},
            }
        },
        beat_schedule_filename=":memory:",
        beat_scheduler="celery.beat:Scheduler",
    )
    return engine


def _trust_in(url: str) -> dict[str, object] | None:
    """How a broker proves who it is. By itself the library takes any certificate of Redis, any name of RabbitMQ."""
    parts = urlsplit(url)
    match parts.scheme:
        case "rediss":
            return {"ssl_cert_reqs": ssl.CERT_REQUIRED}
        case "amqps":
            return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}
        case _:
            return None


def ring(engine: Celery, lane: Lane) -> None:
    """Wake whoever delivers mail of a lane. Raises what the broker raises."""
    engine.send_task(_WAKE, args=[lane.value], queue=lane.value, retry=False, expires=_NOBODY_HEARS)


@dataclass(frozen=True, slots=True)
class EngineWorker:
    """What a worker process of the engine does. Each is one sender, known to the others by its `post`.

    `let_go` gives up what a fork must not share: connections of the process that it comes from.
    """

    engine: Celery
    duties: Duties
    post: Post
    surroundings: Callable[[], AbstractContextManager[object]]
    let_go: Callable[[], None]
    ticks: Iterator[int] = field(default_factory=itertools.count)

    def enlist(self) -> None:
        """From now on this process and those it forks know the tasks."""
        self.engine.task(name=_WAKE, shared=False)(self._wake)
        self.engine.task(name=_TICK, shared=False)(self._tick)
        self.engine.task(name=_CHECK, shared=False)(self._check)
        worker_process_init.connect(self._begin, weak=False)
        worker_process_shutdown.connect(self._end, weak=False)

    def _begin(self, **_: Any) -> None:
        with self.surroundings():
            self.let_go()
            self.post.take(_nothing)
            self.duties.wake()
        settle()

    def _end(self, **_: Any) -> None:
        with self.surroundings():
            self.duties.rest()
            self.post.release()

    def _wake(self, name: str) -> None:
        """Deliver what is due in a lane, until there is nothing more or enough time is over."""
        with self._empty_handed():
            self._drain(Lane(name))

    def _drain(self, lane: Lane) -> None:
        end = time.monotonic() + _DRAINS
        is_first = True
        while time.monotonic() < end:
            with self.surroundings():
                work = self._next(lane, goes_on=lambda: time.monotonic() < end)
                if work is None:
                    return
                if is_first:  # one more sender than there are, as long as there is more to do
                    self._call_another(lane)
                work()
            is_first = False
        self._call_another(lane)

    def _next(self, lane: Lane, *, goes_on: Callable[[], bool]) -> Work | None:
        if not self.post.is_held:
            return None  # others cannot see that this process is there: they would take its mail up
        owner, waiting = new_owner(self.post.key), self.duties.waiting()
        trial = self.duties.trial(owner) if waiting.trial and lane is Lane.INTERACTIVE else None
        if trial or lane not in waiting.lanes:
            return trial
        return self.duties.mail(owner, lane, goes_on=goes_on)

    def _call_another(self, lane: Lane) -> None:
        """Without a broker nobody hears it: whoever has mail in hand delivers that all the same."""
        with self.surroundings(), suppress(OperationalError):
            if lane in self.duties.waiting().calls:
                ring(self.engine, lane)

    @contextmanager
    def _empty_handed(self) -> Iterator[None]:
        """Whatever ends a task, nothing stays in hand: it may be the last task that this process is ever given.

        Where not even that can be written down the process ends, and the others see that it is gone.
        """
        try:
            yield
        except Exception as error:
            try:
                with self.surroundings():
                    self.duties.recover((), self.post.key)
            except Exception:  # noqa: BLE001 - the first error says what happened
                raise SystemExit(1) from error
            raise

    def _tick(self) -> None:
        """Look after the dead; now and then after everything; and wake lanes whose bell nobody heard."""
        with self._empty_handed(), self.surroundings():
            self.duties.keep_time()
            self._clean_up(next(self.ticks))
            waiting = self.duties.waiting()
            if waiting.in_hand:
                self.duties.recover((), self.post.key)
                waiting = self.duties.waiting()
            for lane in waiting.calls:
                ring(self.engine, lane)
            if waiting.check:
                self.engine.send_task(_CHECK, queue=Lane.BULK.value, retry=False, expires=_TICK_EVERY)

    def _clean_up(self, tick: int) -> None:
        if tick % _SWEEPS_AFTER == 0:
            self.duties.sweep()
        if tick % _FORGETS_AFTER == 0:
            self.duties.forget()

    def _check(self) -> None:
        """Check one configuration; whoever delivers mail to many has time for that."""
        with self._empty_handed(), self.surroundings():
            work = self.duties.check()
            if work is not None:
                work()


def _nothing() -> None:
    return None
