"""Knows the rules of the house that hold for every module at once."""

import ast
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 300, 45
# Names that say nothing about what a module knows.
EMPTY_WORDS = frozenset(
    {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base"}
    | {"handler", "handlers", "processor", "processors", "data", "info"}
)


def modules():
    return sorted((ROOT / "portal").rglob("*.py"))


def shown(path):
    return path.relative_to(ROOT).as_posix()


def test_every_shelf_imports_only_what_it_may():
    told = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr


def test_no_file_outgrows_its_idea():
    lengths = {shown(path): len(path.read_text().splitlines()) for path in modules()}

    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_outgrows_one_glance():
    too_long = [
        f"{shown(path)}:{node.lineno} {node.name} has {length} lines"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert too_long == []


def test_every_module_is_named_after_what_it_knows():
    named_after_nothing = [
        shown(path) for path in modules() if EMPTY_WORDS & {path.stem, *path.relative_to(ROOT).parent.parts}
    ]

    assert named_after_nothing == []


def test_every_module_opens_with_a_sentence():
    silent = [shown(path) for path in modules() if not (ast.get_docstring(ast.parse(path.read_text())) or "").strip()]

    assert silent == []


def test_the_abandoned_passlib_is_not_installed_over_its_continuation():
    installed = {distribution.metadata["Name"].lower() for distribution in distributions()}

    assert "libpass" in installed
    assert "passlib" not in installed
