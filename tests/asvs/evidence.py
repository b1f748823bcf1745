"""Knows the requirements, what answers each of them, and which tests carry whose marker."""

import ast
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("requirements.toml")


@dataclass(frozen=True, slots=True)
class Requirements:
    """Sentences, arguments and gaps by id; `not_applicable` are ids by the reason why not.

    `deviates` says where what is shown is less than what the standard asks for.
    """

    applies: Mapping[str, str]
    argued: Mapping[str, str]
    open: Mapping[str, str]
    deviates: Mapping[str, str]
    not_applicable: Mapping[str, Sequence[str]]

    @property
    def outside(self) -> list[str]:
        return [each for ids in self.not_applicable.values() for each in ids]


def requirements() -> Requirements:
    return Requirements(**tomllib.loads(SOURCE.read_text()))


def markers() -> dict[str, list[str]]:
    """By id, the tests under tests/ that carry its marker, as file::test."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                for number in _numbers(node):
                    found.setdefault(number, []).append(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return found


def in_order(ids: Sequence[str]) -> list[str]:
    return sorted(ids, key=lambda each: [int(part) for part in each.split(".")])


def _numbers(node: ast.FunctionDef) -> list[str]:
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    return [
        ast.literal_eval(each) for call in calls if ast.unparse(call.func).endswith("mark.asvs") for each in call.args
    ]
