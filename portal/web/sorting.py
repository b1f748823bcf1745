"""Knows a heading that sorts a list: where it leads, and how the rows stand by it now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Sorting:
    """`direction` is that of the rows as they stand, as `aria-sort` has it; empty where something else sorts them."""

    href: str
    direction: str


def sorting(
    url: Callable[[Mapping[str, str]], str],
    asked: Mapping[str, str],
    sort: str,
    *,
    now: str,
    is_reversed: bool,
    falls: bool = False,
) -> Sorting:
    """By `sort`, where the rows stand by `now`; whoever asks for that again gets them the other way round.

    `asked` is the question in the address, of which the filters stay and the page does not. With `falls` the order
    that is not reversed begins with the greatest, as that of a log does with the newest.
    """
    kept = {name: value for name, value in asked.items() if name not in {"sort", "order", "page"}}
    turns = sort == now and not is_reversed
    href = url(kept | {"sort": sort} | ({"order": REVERSED} if turns else {}))
    if sort != now:
        return Sorting(href, "")
    return Sorting(href, "descending" if is_reversed != falls else "ascending")
