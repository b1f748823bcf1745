"""Things are called alike everywhere, and every word that people read can be translated."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*"))
SHARED = frozenset({"components", "errors", "layouts", "mail"})
READ_ALOUD = frozenset({"aria-label", "aria-description", "alt", "title", "placeholder", "label", "content"})
# The style page is for whoever builds pages; production has none (`docs/decisions/0028`).
FOR_DEVELOPERS = "styleguide"
TRANSLATED = [page for page in PAGES if page.partition("/")[0] != FOR_DEVELOPERS]
VIEWS = [path for path in sorted((ROOT / "portal/web").rglob("*.py")) if path.stem != FOR_DEVELOPERS]
MARKS = frozenset({"_", "gettext", "ngettext", "_l", "lazy_gettext"})
BRAND = "Relaytree"
LETTER = re.compile(r"[^\W\d_]")
# What begins like a sentence or ends like one is meant to be read.
SENTENCE = re.compile(r"[A-Z][a-z]+( |$)|.*[a-z] .*[.?!…]$", re.DOTALL)
PHRASE = re.compile(r"[A-Z“]\S* [a-z%“]|%\(\w+\)s [a-z]|.*[a-z] .*[.?!…]$", re.DOTALL)
# Values that programs read, in the few attributes that hold either.
FOR_MACHINES = re.compile(r"width=device-width.*|light dark|\{.*\}", re.DOTALL)

ENVIRONMENT = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])


def test_every_folder_of_templates_is_named_after_its_blueprint(make_portal):
    blueprints = set(make_portal(demo=True).blueprints)

    assert {page.partition("/")[0] for page in PAGES} - blueprints - SHARED == set()


def test_every_template_is_shown_or_used_by_another():
    sources = [*(ROOT / "portal").rglob("*.py"), *TEMPLATES.rglob("*.html")]
    named = set(re.findall(r'"([\w/]+\.html)"', "\n".join(path.read_text() for path in sources)))

    assert [page for page in PAGES if not page.startswith("mail/") and page not in named] == []


@pytest.mark.parametrize("page", TRANSLATED)
def test_every_word_on_a_page_or_in_a_mail_can_be_translated(page):
    assert untranslated(page, (TEMPLATES / page).read_text()) == []


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_every_sentence_in_a_view_can_be_translated(path):
    tree = ast.parse(path.read_text())
    silent = {id(inner) for node in ast.walk(tree) if is_marked(node) or is_raised(node) for inner in ast.walk(node)}
    silent |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    found = [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
        if PHRASE.match(node.value)
    ]

    assert found == []


@pytest.mark.parametrize(
    "offence",
    [
        "<p>Save</p>",
        "<p>{{ x }} ms</p>",
        '<a title="Close {{ x }}">',
        '{{ button("Save") }}',
        '{{ x or "nothing at all." }}',
    ],
)
def test_a_word_that_cannot_be_translated_is_found_wherever_it_hides(offence):
    assert untranslated("page.html", offence) != []


def untranslated(page: str, source: str) -> list[str]:
    """Words in the markup, and sentences inside of expressions, that no translation reaches."""
    bare = "".join(text if kind == "data" else " " for _, kind, text in ENVIRONMENT.lex(source))
    words = _Words(bare).found if page.endswith(".html") else [bare]
    found = [word.strip() for word in words if LETTER.search(word.replace(BRAND, ""))]
    return found + [
        text for text in spoken(ENVIRONMENT.parse(source)) if SENTENCE.match(text.strip()) and text != BRAND
    ]


def spoken(node: nodes.Node) -> Iterator[str]:
    """The text constants of a template that are handed to no translation."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MARKS:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from spoken(child)


def is_marked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS


def is_raised(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise)


class _Words(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in READ_ALOUD and value and not FOR_MACHINES.fullmatch(value):
                self.found.append(value)

    def handle_data(self, data: str) -> None:
        self.found.append(data)
