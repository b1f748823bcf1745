"""Knows how a function or a statement of the portal is replaced by another version of itself while everybody goes on using it."""

import ast
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from unittest.mock import patch

ROOT = Path(__file__).parents[1]


def path_of(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def functions_of(module: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The module's functions and methods with their qualified names, each call with trees of its own."""
    for node in ast.parse(path_of(module).read_text()).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{each.name}", each) for each in node.body if isinstance(each, ast.FunctionDef))


def statements_of(module: str) -> Iterator[tuple[str, ast.Assign]]:
    """What is put together once, when the module is read: names with their assignments."""
    for node in ast.parse(path_of(module).read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node


@contextmanager
def reassigned(module: str, name: str, node: ast.Assign) -> Iterator[None]:
    """Whoever reads the name in its own module gets what `node` says."""
    home = importlib.import_module(module)
    code = compile(ast.fix_missing_locations(ast.Expression(node.value)), str(path_of(module)), "eval")
    with patch.object(home, name, eval(code, vars(home))):
        yield


@contextmanager
def swapped(module: str, name: str, node: ast.FunctionDef) -> Iterator[None]:
    """Whoever calls the function, by whatever name he knows it, gets what `node` says."""
    function = _function(module, name)
    usual, function.__code__ = function.__code__, _compiled(node, str(path_of(module)), function)
    try:
        yield
    finally:
        function.__code__ = usual


def _function(module: str, name: str) -> FunctionType:
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    found = getattr(found, "fget", found)
    return getattr(found, "__wrapped__", found)


def _compiled(node: ast.FunctionDef, filename: str, function: FunctionType) -> CodeType:
    """Only the body matters: defaults and annotations stay with the function as it is."""
    node.decorator_list, node.returns, node.args.defaults = [], None, []
    node.args.kw_defaults = [None for _ in node.args.kwonlyargs]
    for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        each.annotation = None
    module = ast.fix_missing_locations(ast.Module([node], []))
    code = next(each for each in compile(module, filename, "exec").co_consts if isinstance(each, CodeType))
    return code.replace(co_qualname=function.__code__.co_qualname)
