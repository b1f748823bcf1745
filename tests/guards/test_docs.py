"""Knows that the documents hold what they point at."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# [text](target), ![text](target "title"), and [name]: target at the start of a line
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)[^)]*\)|^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("https://", "http://", "mailto:", "#")


def test_the_readme_shows_both_commands():
    readme = (ROOT / "README.md").read_text()

    assert [command for command in ("make run", "make test") if command not in readme] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(document):
    text = CODE.sub("", document.read_text())
    targets = [inside or below for inside, below in LINK.findall(text)]

    relative = [target.partition("#")[0] for target in targets if not target.startswith(ELSEWHERE)]

    assert [target for target in relative if not (document.parent / target).exists()] == []
