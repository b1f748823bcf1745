"""Knows the queue as its operator sees it: how it does, what left when, and how all of it is held and let go."""

from dataclasses import dataclass, replace

from portal.domain.audit import Event
from portal.domain.figures import QueueFigures
from portal.domain.queue import Backlog, Carrier, Hold, Span, Tally, tally
from portal.domain.roles import Actor, ensure_operator
from portal.services.audit import Audit, Subject
from portal.services.figures import Figures
from portal.services.places import Clock
from portal.services.readiness import Readiness, Ready
from portal.services.rollback import HeldQueue, Rollback
from portal.store import queue, queue_holds, tenants, work
from portal.store.db import SYSTEM, reading, unit_of_work


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
    figures: Figures
    readiness: Readiness

    def condition(self, actor: Actor | None) -> Condition:
        """Raises NotFoundError for everybody but the operator, like everything here."""
        _ensure(actor)
        return Condition(self.readiness.look(), self.standing(actor), self.figures.of_queue())

    def standing(self, actor: Actor | None) -> Standing:
        _ensure(actor)
        with reading(SYSTEM) as session:  # the operator looks after everybody's mail
            return Standing(queue_holds.find(session), self.rollback.held())

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
            before = Standing(queue_holds.find(session), self.rollback.held())
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
            found = queue.backlogs(session, self.clock(), limit=most + 1)
            waits_for_default = any(each.carrier is Carrier.INSTANCE_DEFAULT for each in found)
            last = queue.last_through_default(session) if waits_for_default else None
        code, at = last or (None, None)
        return [
            replace(each, last_code=code, last_at=at) if each.carrier is Carrier.INSTANCE_DEFAULT else each
            for each in found
        ]

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
