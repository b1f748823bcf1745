"""Knows in which small ways a function can be spoiled: each change is one of them at one place."""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

_COMPARISONS = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult}
_METHODS = {"is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_"}
_CONDITIONAL = frozenset({"where", "filter"})


@dataclass(frozen=True, slots=True)
class Change:
    """`place` counts the nodes of the function, `kind` the ways in which that one can be spoiled."""

    module: str
    function: str
    place: int
    kind: int
    text: str

    @property
    def name(self) -> str:
        return f"{self.module}.{self.function}: {self.text}"


def changes_of(module: str, name: str, node: ast.FunctionDef) -> Iterator[Change]:
    for place, each in enumerate(_nodes(node)):
        before = ast.unparse(each)
        for kind, spoiled in enumerate(_spoiled(each)):
            yield Change(module, name, place, kind, f"{before} → {ast.unparse(spoiled)}")


def made(change: Change, node: ast.FunctionDef) -> ast.FunctionDef:
    target = _nodes(node)[change.place]
    spoiled = ast.copy_location(list(_spoiled(target))[change.kind], target)
    return _Replacing(target, spoiled).visit(node)


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _nodes(node: ast.FunctionDef) -> list[ast.AST]:
    """What happens in the function: its body without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return [each for statement in body for each in ast.walk(statement)]


def _spoiled(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARISONS:
            yield _with(node, lambda copy: copy.ops.__setitem__(0, _COMPARISONS[type(operator)]()))
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield _with(node, lambda copy: setattr(copy, "op", other))
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp(op=operator) if type(operator) in _OPERATORS:
            yield _with(node, lambda copy: setattr(copy, "op", _OPERATORS[type(operator)]()))
        case ast.Constant(value=bool() | int() | str()):
            yield ast.Constant(_other(node.value))
        case ast.Return(value=ast.AST() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Raise():
            yield ast.Pass()
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Call():
            yield from _spoiled_calls(node)


def _spoiled_calls(node: ast.Call) -> Iterator[ast.AST]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if called in _METHODS:
        yield _with(node, lambda copy: setattr(copy.func, "attr", _METHODS[called]))
    if called in _CONDITIONAL:
        for number in range(len(node.args)):
            yield _with(node, lambda copy, number=number: copy.args.pop(number))
    if called == "order_by":
        yield node.func.value
    for number, keyword in enumerate(node.keywords):
        if keyword.arg == "reverse":
            yield _with(node, lambda copy, number=number: copy.keywords.pop(number))


def _with(node: ast.AST, change: Callable[[ast.AST], object]) -> ast.AST:
    copy = deepcopy(node)
    change(copy)
    return copy


def _other(value: bool | int | str) -> bool | int | str:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"
