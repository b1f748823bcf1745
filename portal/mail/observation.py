"""Knows how the steps of a session are timed and told, one finding each."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from portal.domain.diagnosis import Code, Finding, Status, Step
from portal.mail.deadlines import Clock
from portal.mail.exchange import WireError

Observer = Callable[[Finding], None]


def ignore(_finding: Finding) -> None:
    """The observer of whoever only wants the result."""


@dataclass(slots=True)
class Learnt:
    """What a step has to tell; filled in while it happens."""

    status: Status = Status.DONE
    code: Code = Code.OK
    fact: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    reply: str = ""

    def skip(self, fact: str) -> None:
        self.status = Status.SKIPPED
        self.fact = fact


class Narrator:
    def __init__(self, observe: Observer, *, clock: Clock) -> None:
        self._observe = observe
        self._clock = clock

    @contextmanager
    def step(self, step: Step) -> Iterator[Learnt]:
        """Time what happens inside and tell it, also when it fails."""
        begun = self._clock()
        learnt = Learnt()
        try:
            yield learnt
        except WireError as error:
            learnt = Learnt(Status.FAILED, error.code, error.fact, error.values, error.reply)
            raise
        finally:
            self._tell(step, learnt, milliseconds=round((self._clock() - begun) * 1000))

    def _tell(self, step: Step, learnt: Learnt, *, milliseconds: int) -> None:
        self._observe(Finding(step, learnt.status, milliseconds, learnt.code, learnt.fact, learnt.values, learnt.reply))
