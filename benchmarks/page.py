"""Knows how a run is kept: between two marks of a page, in place of the run before."""

from pathlib import Path

FIGURES = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def keep(text: str, page: Path, subject: str) -> None:
    """Write between `<!-- subject: begin -->` and its end. Raises LookupError where the page has no such marks."""
    begin, end = f"<!-- {subject}: begin -->", f"<!-- {subject}: end -->"
    before, opened, rest = page.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise LookupError(f"{page.name} has no marks for {subject}")
    page.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}")
