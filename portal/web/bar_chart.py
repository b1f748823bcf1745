"""Knows how a row of tallies becomes a picture: bars of three parts, in the units of the picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.domain.queue import Tally

WIDTH, HEIGHT = 480, 120
_GAP = 3.0


@dataclass(frozen=True, slots=True)
class Segment:
    """`kind` is one of delivered, failed and put-off."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    tally: Tally
    x: float
    width: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The sentences around a picture, as `components/bar_chart.html` wants them; `none` stands where nothing happened.

    `legend` has one sentence for each of the three kinds, `columns` the four headings of the table.
    """

    title: str
    description: str
    none: str
    axis: str
    legend: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    of_bar: Callable[[Tally], str]


def summed(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        tallies[0].since,
        sum(each.delivered for each in tallies),
        sum(each.failed for each in tallies),
        sum(each.put_off for each in tallies),
    )


def bars(tallies: Sequence[Tally]) -> list[Bar]:
    """One bar for each tally, from left to right; the highest one fills the picture."""
    most, room = max((each.total for each in tallies), default=0), WIDTH / max(1, len(tallies))
    return [
        Bar(each, round(room * number + _GAP / 2, 2), round(room - _GAP, 2), _segments(each, most))
        for number, each in enumerate(tallies)
    ]


def _segments(each: Tally, most: int) -> tuple[Segment, ...]:
    """From the ground upwards; what is nothing is not drawn, what is little is still seen."""
    found, top = [], float(HEIGHT)
    for kind, number in (("delivered", each.delivered), ("put-off", each.put_off), ("failed", each.failed)):
        if number:
            height = min(max(1.5, HEIGHT * number / most), top)
            top -= height
            found.append(Segment(kind, round(top, 2), round(height, 2)))
    return tuple(found)
