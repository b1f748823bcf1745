"""Knows how rows become a table that people read."""

from collections.abc import Sequence

from benchmarks.rounds import Row


def markdown(title: str, rows: Sequence[Row], *, unit: str = "msgs/s") -> str:
    """One table: rate, processor time, and the ratio to the reference as min / median / max."""
    lines = [
        f"### {title}",
        "",
        f"| contender | {unit} (median) | CPU µs | ratio min / median / max |",
        "|---|---|---|---|",
        *map(_line, rows),
        "",
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    if row.missing:
        return f"| {row.name} | not run: {row.missing} | | |"
    cpu = f"{row.median_cpu * 1e6:,.0f}"
    if not row.ratios:
        return f"| {row.name} | {row.median_rate:,.0f} | {cpu} | no reference |"
    ratios = f"{row.ratio(min):.2f} / **{row.ratio():.2f}** / {row.ratio(max):.2f}"
    return f"| {row.name} | {row.median_rate:,.0f} | {cpu} | {ratios} |"
