"""Knows how the steps of a session are timed and told, one finding each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

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
    """Tells `observe`, which may change from mail to mail, what each step brought."""

    def __init__(self, observe: Observer, *, clock: Clock) -> None:
        self.observe = observe
        self.clock = clock
        self.since = clock()

    def step(self, step: Step) -> "Telling":
        """Time what happens inside and tell it, also when it fails."""
        return Telling(self, step)


class Telling:
    """One step of a session, while it happens. A class, not a generator: it stands around every step of every mail."""

    __slots__ = ("_begun", "_learnt", "_narrator", "_step")

    def __init__(self, narrator: Narrator, step: Step) -> None:
        self._narrator = narrator
        self._step = step
        self._learnt = Learnt()
        self._begun = narrator.clock()

    def __enter__(self) -> Learnt:
        return self._learnt

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        learnt = self._learnt
        if isinstance(error, WireError):
            learnt = Learnt(Status.FAILED, error.code, error.fact, error.values, error.reply)
        milliseconds = round((self._narrator.clock() - self._begun) * 1000)
        self._narrator.observe(
            Finding(self._step, learnt.status, milliseconds, learnt.code, learnt.fact, learnt.values, learnt.reply)
        )
