"""Knows every comparison with a company or its people in the workshop's code, and how one of them is left out."""

import ast
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import dropwhile

from tests.swapping import ROOT, functions_of, reassigned, statements_of, swapped

PLACES = ("store/*.py", "services/*.py", "domain/roles.py", "domain/tenancy.py")
# Words that say: this comparison is about whose something is, or whether its company is still there.
_WORDS = ("tenant_id", ".path", "tenant.id", "CLOSED", "user_id == actor", "user_id != actor", "stands_under(")
# Which company is meant, by its own id: without that there is no answer at all.
_NAMES_ONE = "TenantRow.id == bindparam('tenant_id')"
_COMPARING = frozenset({"like", "between", "in_", "stands_under", "startswith"})


@dataclass(frozen=True, slots=True)
class Filter:
    """`number` counts the comparisons of a function, or of a statement that is put together once; `text` stands there."""

    module: str
    function: str
    number: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.module.removeprefix('portal.')}.{self.function}"

    @property
    def name(self) -> str:
        return f"{self.place}: {self.text}"


def all_filters() -> list[Filter]:
    found = []
    for path in (path for pattern in PLACES for path in sorted((ROOT / "portal").glob(pattern))):
        module = f"portal.{path.parent.name}.{path.stem}"
        for name, node in (*functions_of(module), *statements_of(module)):
            comparisons = _comparisons(node)
            found += [Filter(module, name, number, ast.unparse(each)) for number, each in enumerate(comparisons)]
    return found


def without(filter_: Filter) -> AbstractContextManager[None]:
    """The function as it would be if whoever wrote it had forgotten this comparison."""
    is_statement = filter_.function in (statements := dict(statements_of(filter_.module)))
    node = statements[filter_.function] if is_statement else dict(functions_of(filter_.module))[filter_.function]
    changed = _Forgetful(node, filter_.number).node
    replaced = _put_together_anew if is_statement else _swapped
    return replaced(filter_.module, filter_.function, changed)


@contextmanager
def _swapped(module: str, name: str, node: ast.FunctionDef) -> Iterator[None]:
    """The function as it would be; what its module keeps of what it has made is made again."""
    with swapped(module, name, node):
        _make_again(module)
        yield
    _make_again(module)


def _make_again(module: str) -> None:
    for each in vars(import_module(module)).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


@contextmanager
def _put_together_anew(module: str, name: str, node: ast.Assign) -> Iterator[None]:
    """The statement as it would be, and those below it, which may be made of it."""
    behind = list(statements_of(module))[[each for each, _ in statements_of(module)].index(name) + 1 :]
    with ExitStack() as off:
        for each, statement in [(name, node), *behind]:
            off.enter_context(reassigned(module, each, statement))
        yield


@contextmanager
def forgotten(module: str) -> Iterator[None]:
    """The module as it would be if whoever wrote it had thought of no company at all."""
    with ExitStack() as off:
        for name, function in functions_of(module):
            if _comparisons(function):
                off.enter_context(swapped(module, name, _Forgetful(function).node))
        statements = dropwhile(lambda each: not _comparisons(each[1]), statements_of(module))
        for name, statement in statements:  # those further down may be made of the ones above
            off.enter_context(reassigned(module, name, _Forgetful(statement, spared=_NAMES_ONE).node))
        yield


class _Forgetful(ast.NodeTransformer):
    """`number` is the comparison that is left out; without one, all of them are but what is `spared`."""

    def __init__(self, node: ast.AST, number: int | None = None, spared: str = "") -> None:
        found = [each for each in _comparisons(node) if ast.unparse(each) != spared]
        self._forgotten = found if number is None else [found[number]]
        self.node = self.visit(node)

    def visit(self, node: ast.AST) -> ast.AST:
        if not any(node is each for each in self._forgotten):
            return self.generic_visit(node)
        return ast.copy_location(ast.parse(_instead_of(node), mode="eval").body, node)


def _instead_of(node: ast.AST) -> str:
    """What is true of every row, or of every value."""
    if isinstance(node, ast.Call) and node.func.attr in {"like", "between", "in_"}:
        return "__import__('sqlalchemy').true()"
    if isinstance(node, ast.Compare):
        if isinstance(node.ops[0], ast.NotEq) and "CLOSED" not in ast.unparse(node):
            return "False"
        if isinstance(node.ops[0], ast.Eq | ast.NotEq) and _is_of_rows(node.left):
            return "__import__('sqlalchemy').true()"
    return "True"


def _is_of_rows(node: ast.AST) -> bool:
    owner = node.value if isinstance(node, ast.Attribute) else None
    return isinstance(owner, ast.Name) and (owner.id.lstrip("_")[:1].isupper() or owner.id == "table")


def _comparisons(node: ast.AST) -> list[ast.AST]:
    return [each for each in ast.walk(node) if _compares(each) and any(word in ast.unparse(each) for word in _WORDS)]


def _compares(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in _COMPARING
    if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)):
        return False
    joins = _is_of_rows(node.left) and _is_of_rows(node.comparators[0])
    return not joins and not isinstance(node.comparators[0], ast.Constant)  # a constant names a column, no company
