"""Asks the package index how old the parts are that run: which of them had a newer version for how long, and notes it.

The frames are those of SECURITY: what is behind for half a year breaks them; what is behind for a week has to be looked
through for weaknesses that were mended meanwhile, and `[looked_through]` of the note says with what result.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).parents[2]
NOTE = Path(__file__).with_name("parts.toml")
WEEK, HALF_A_YEAR = timedelta(days=7), timedelta(days=183)
_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;]+)", re.MULTILINE)
_WANTED = re.compile(r"^([\w.-]+(?:\[[\w,.-]+\])?)", re.MULTILINE)
_HEAD = '# Written by make parts; only what stands under looked_through is written by hand, as: name = "version: what was found"\n'


@dataclass(frozen=True, slots=True)
class Note:
    """`behind` holds the part with the newest version of that day, by how long there had been one."""

    looked_on: date
    pins: Mapping[str, str]
    half_a_year_behind: Mapping[str, str]
    a_week_behind: Mapping[str, str]
    looked_through: Mapping[str, str]


def note() -> Note:
    return Note(**tomllib.loads(NOTE.read_text()))


def pins_of(text: str) -> dict[str, str]:
    return dict(_PIN.findall(text))


def ours() -> dict[str, str]:
    return pins_of((ROOT / "requirements.txt").read_text())


def newest(day: date) -> dict[str, str]:
    """What somebody would have got who asked for the same parts, in no particular version, on that day."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.in"
        wanted.write_text("\n".join(_WANTED.findall((ROOT / "requirements.in").read_text())))
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--no-header"]
        command += ["--no-annotate", "--python-version", "3.11", "--exclude-newer", day.isoformat(), str(wanted)]
        return pins_of(subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout)


def behind(pins: Mapping[str, str], day: date) -> dict[str, str]:
    then = newest(day)
    return {name: then[name] for name in pins.keys() & then.keys() if Version(pins[name]) < Version(then[name])}


def written(found: Note) -> str:
    tables = [("pins", found.pins), ("half_a_year_behind", found.half_a_year_behind)]
    tables += [("a_week_behind", found.a_week_behind), ("looked_through", found.looked_through)]
    lines = [f"looked_on = {found.looked_on.isoformat()}"]
    for name, table in tables:
        lines += ["", f"[{name}]", *(f'"{each}" = "{table[each]}"' for each in sorted(table))]
    return _HEAD + "\n".join(lines) + "\n"


def main() -> int:
    today, pins = date.today(), ours()  # noqa: DTZ011 - the index counts in days, ours are as good
    old, late = behind(pins, today - HALF_A_YEAR), behind(pins, today - WEEK)
    looked = note().looked_through if NOTE.exists() else {}
    kept = {name: said for name, said in looked.items() if name in late and said.startswith(f"{late[name]}: ")}
    NOTE.write_text(written(Note(today, pins, old, late, kept)))
    sys.stdout.writelines(f"behind for a week: {name} {pins[name]}, there is {late[name]}\n" for name in sorted(late))
    sys.stdout.write(f"{len(pins)} parts, {len(late)} behind for a week, {len(old)} for half a year\n")
    return int(bool(old))


if __name__ == "__main__":
    raise SystemExit(main())
