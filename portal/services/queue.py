"""Knows the queue as its operator sees it: how it does, what left when, and how all of it is held and let go."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.figures import QueueFigures
from portal.domain.queue import Backlog, Hold, Span, Tally, tally
from portal.domain.roles import Actor, ensure_operator
from portal.services.audit import Audit, Subject
from portal.services.figures import told
from portal.services.places import Clock
from portal.services.readiness import Readiness, Ready
from portal.services.rollback import HeldQueue, Rollback
from portal.store import figures, queue, queue_holds, tenants, work
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.store.figures import Counts


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the queue is held: all of it (`hold`), or what waited in an older copy that was restored (`restored`)."""

    hold: Hold | None
    restored: HeldQueue

    @property
    def is_held(self) -> bool:
        return self.hold is not None or self.restored.recipients > 0


@dataclass(frozen=True, slots=True)
class Condition:
    """How the queue does now."""

    ready: Ready
    standing: Standing
    figures: QueueFigures


@dataclass(frozen=True, slots=True)
class Queue:
    """The actor is the operator; None stands for whoever has the command line."""

    clock: Clock
    audit: Audit
    rollback: Rollback
    readiness: Readiness

    def condition(self, actor: Actor | None) -> Condition:
        """Raises NotFoundError for everybody but the operator, like everything here."""
        _ensure(actor)
        now = self.clock()
        with reading(SYSTEM) as session:  # the operator looks after everybody's mail
            counts = figures.of_queue(session, now)
            standing = self._standing(session, counts)
        ready = self.readiness.judged(counts.oldest, is_held=counts.hold is not None)
        return Condition(ready, standing, told(counts, now))

    def standing(self, actor: Actor | None) -> Standing:
        _ensure(actor)
        with reading(SYSTEM) as session:  # the operator looks after everybody's mail
            return self._standing(session, figures.of_queue(session, self.clock()))

    def _standing(self, session: Session, counts: Counts) -> Standing:
        return Standing(counts.hold, self.rollback.told(session, counts))

    def hold(self, actor: Actor | None) -> Hold:
        """Take no mail in hand from now on, whatever waits and whatever comes; what is in hand ends as ever.

        Tests go on. The second time changes nothing.
        """
        _ensure(actor)
        with unit_of_work(SYSTEM) as session:  # the operator looks after everybody's mail
            found = queue_holds.find(session)
            if found is None:
                found = Hold(self.clock(), actor.name if actor else "")
                queue_holds.begin(session, found.since, found.held_by)
                self._record(actor, Event.QUEUE_HELD)
            return found

    def release(self, actor: Actor | None) -> Standing:
        """Let go of all that is held, but for what the journal knows to be sent. Returns what there was."""
        _ensure(actor)
        with unit_of_work(SYSTEM) as session:  # the operator looks after everybody's mail
            before = self.standing(actor)
            if before.is_held:
                queue_holds.end(session)
                self.rollback.release()
                self._record(actor, Event.QUEUE_RELEASED)
                work.announce(session)
            return before

    def backlogs(self, actor: Actor, *, most: int) -> list[Backlog]:
        """What waits for each configuration, worst first; one more than `most` says that there are more."""
        _ensure(actor)
        with reading(SYSTEM) as session:  # the operator looks after everybody's mail
            return queue.backlogs(session, self.clock(), limit=most + 1)

    def deliveries(self, actor: Actor, span: Span) -> list[Tally]:
        """How the attempts of each part of a span ended, oldest first."""
        _ensure(actor)
        edges = span.edges(self.clock())
        with reading(SYSTEM) as session:  # the operator looks after everybody's mail
            return tally(edges, queue.attempts_between(session, edges))

    def _record(self, actor: Actor | None, event: Event) -> None:
        """Into the root's log, if there is a root by now."""
        with unit_of_work(SYSTEM) as session:  # the operator looks after everybody's mail
            root = tenants.find_root(session)
            if root is not None:
                subject = Subject(None, root.name)
                self.audit.record(session, event, tenant_id=root.id, subject=subject, actor=actor)


def _ensure(actor: Actor | None) -> None:
    if actor is not None:
        ensure_operator(actor)
