"""Measures what it costs to make the bytes of a mail: ours, with its proof, against the standard library's."""

import itertools
import time
import tracemalloc
from collections.abc import Callable

from benchmarks.mail import letters
from benchmarks.rounds import Measure, Row, Sample, compare
from benchmarks.table import markdown
from portal.domain.outgoing import Attachment, Outgoing

_numbers = itertools.count()


def report(rounds: int) -> str:
    tables = []
    for name, (line, subject, cte) in letters.CHARSETS.items():
        charset = name.partition(",")[0]
        text = line * (2_000 // len(line.encode()) + 1)
        tables.append(markdown(f"Building, 2 KB, {name}", _pair(text, subject, charset, cte, rounds), unit="built/s"))
    ascii_50 = letters.text_of(0, "50 KB")
    tables.append(
        markdown(
            "Building, 50 KB, us-ascii", _pair(ascii_50, "Your invoice", "us-ascii", "7bit", rounds), unit="built/s"
        )
    )
    rich = {
        "EmailMessage": _timed(
            lambda number: bytes(letters.theirs(number, letters.text_of(number, "2 KB"), rich=True)), 40
        ),
        "ours, proof included": _timed(
            lambda number: letters.ours(number, letters.text_of(number, "2 KB"), rich=True), 40
        ),
    }
    tables.append(
        markdown(
            "Building, text + HTML + 20 KB attachment",
            compare(rich, reference="EmailMessage", rounds=rounds),
            unit="built/s",
        )
    )
    return "\n".join([*tables, _memory()])


def _pair(text: str, subject: str, charset: str, cte: str, rounds: int) -> list[Row]:
    count = 100 if len(text) < 10_000 else 20
    contenders = {
        "EmailMessage": _timed(
            lambda number: bytes(
                letters.theirs(number, f"{number}\n{text}", subject=subject, charset=charset, cte=cte)
            ),
            count,
        ),
        "ours, proof included": _timed(
            lambda number: letters.ours(number, f"{number}\n{text}", subject=subject, charset=charset), count
        ),
        "ours, without the proof": _timed(_unproven(text, subject, charset), count),
    }
    return compare(contenders, reference="EmailMessage", rounds=rounds)


def _unproven(text: str, subject: str, charset: str) -> Callable[[int], object]:
    """The writer alone, for the sake of the figure; the portal never sends what was not proven."""
    from portal.mail import message

    def build(number: int) -> object:
        real, message.verify = message.verify, lambda _content, _expected: None
        try:
            return letters.ours(number, f"{number}\n{text}", subject=subject, charset=charset)
        finally:
            message.verify = real

    return build


def _timed(build: Callable[[int], object], count: int) -> Measure:
    def measure() -> Sample:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            build(next(_numbers))
        return Sample((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count)

    return measure


def _memory() -> str:
    size = 25 * 1024 * 1024
    outgoing = Outgoing("a", "b", attachments=(Attachment("a.bin", "application/octet-stream", bytes(size)),))
    tracemalloc.start()
    written = letters.written(outgoing, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    times = (size + peak) / size
    return (
        f"A 25 MB attachment takes {times:.2f} times its size at the peak, the attachment itself included; "
        f"{len(written.content):,} octets are written.\n"
    )
