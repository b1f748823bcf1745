"""Knows how things are measured fairly: in rounds, one after the other, every second round the other way round."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


class MissingError(Exception):
    """Something cannot be measured here; the text says why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: seconds on the clock and seconds of this process's (or its child's) processor, per message."""

    wall: float
    cpu: float


Measure = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Row:
    """A contender over all rounds. `ratios` are reference / contender of the same round: above one is faster."""

    name: str
    samples: tuple[Sample, ...]
    ratios: tuple[float, ...]
    missing: str = ""

    @property
    def median_rate(self) -> float:
        return 1 / statistics.median(sample.wall for sample in self.samples)

    @property
    def median_cpu(self) -> float:
        return statistics.median(sample.cpu for sample in self.samples)

    def ratio(self, kind: Callable[[Sequence[float]], float] = statistics.median) -> float:
        return kind(self.ratios)


def compare(contenders: Mapping[str, Measure], *, reference: str, rounds: int) -> list[Row]:
    """Measure everybody `rounds` times and take each ratio inside its own round.

    Whoever raises MissingError in the first round is left out and named as missing.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    missing: dict[str, str] = {}
    for number in range(rounds):
        for name in list(contenders)[:: 1 if number % 2 == 0 else -1]:
            if name in missing:
                continue
            try:
                samples[name].append(contenders[name]())
            except MissingError as reason:
                missing[name] = str(reason)
    return [_row(name, samples, missing, reference) for name in contenders]


def _row(name: str, samples: Mapping[str, Sequence[Sample]], missing: Mapping[str, str], reference: str) -> Row:
    if name in missing:
        return Row(name, (), (), missing[name])
    if reference in missing:
        return Row(name, tuple(samples[name]), ())
    pairs = zip(samples[reference], samples[name], strict=True)
    return Row(name, tuple(samples[name]), tuple(base.wall / own.wall for base, own in pairs))
