"""Every template compiles, declares what it uses, and holds nothing that the content security policy would refuse."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html"))

# Mail is read by mail programs, which know no style sheets: there alone style attributes are the craft.
BANNED = {
    "inline style": re.compile(r"<style\b|\sstyle="),
    "a script without a source": re.compile(r"<script\b(?![^>]*\ssrc=)"),
    "an event attribute": re.compile(r"\son[a-z]+="),
    "hx-on": re.compile(r"hx-on"),
    "text that htmx would run": re.compile(r"(?:hx-[\w:-]+=)[\"'{\s]*(?:js|javascript):"),
    "a trigger filter": re.compile(r"hx-trigger=(\"[^\"]*\[|'[^']*\[)"),
    "a link that runs": re.compile(r"(?:href|action)=[\"']?\s*javascript:"),
    "the safe filter": re.compile(r"\|\s*safe\b"),
    "autoescape switched": re.compile(r"{%-?\s*autoescape"),
}


@pytest.mark.parametrize("page", PAGES)
def test_every_template_compiles(app, page):
    app.jinja_env.get_template(page)


@pytest.mark.asvs("1.2.3")
@pytest.mark.parametrize("page", [page for page in PAGES if not page.startswith("mail/")])
def test_no_template_asks_for_what_the_policy_forbids(page):
    source = (ROOT / "templates" / page).read_text()

    assert [name for name, pattern in BANNED.items() if pattern.search(source)] == []


def test_the_ban_catches_each_kind_of_offence():
    offences = (
        "<p style='x'>", "<style>", "<script>x</script>", "<a onclick='x'>", "<a hx-on:click='x'>", "<a hx-vals='js:{x}'>",
        '<a hx-trigger="click[ctrlKey]">', "<a href='javascript:x'>", "{{ x | safe }}", "{% autoescape false %}",
    )  # fmt: skip

    assert [text for text in offences if not any(pattern.search(text) for pattern in BANNED.values())] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_imported_macro_is_used(app, page):
    tree = app.jinja_env.parse((ROOT / "templates" / page).read_text())
    imported = {
        name if isinstance(name, str) else name[1] for found in tree.find_all(nodes.FromImport) for name in found.names
    }
    used = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}

    assert imported - used == set()


@pytest.mark.parametrize("page", PAGES)
def test_macros_are_imported_without_the_page_around_them(app, page):
    tree = app.jinja_env.parse((ROOT / "templates" / page).read_text())

    assert [found.template.value for found in tree.find_all(nodes.FromImport) if found.with_context] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("components/")])
def test_a_component_is_one_macro_of_the_same_name_that_is_told_everything(app, page):
    tree = app.jinja_env.parse((ROOT / "templates" / page).read_text())

    assert [macro.name for macro in tree.find_all(nodes.Macro)] == [Path(page).stem]
    assert {name.name for name in tree.find_all(nodes.Name)} & {
        "request",
        "current_user",
        "config",
        "session",
        "g",
    } == set()


def test_every_icon_that_a_template_names_is_in_the_sprite():
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons/sprite.svg").read_text()))
    sources = [(ROOT / "templates" / page).read_text() for page in PAGES]
    named = {name for text in sources for name in re.findall(r'(?:\bicon\(|icon_name=|"icon": )"([\w-]+)"', text)}

    assert named - symbols == set()


def test_every_behaviour_that_a_template_names_exists():
    scripts = "\n".join(path.read_text() for path in (ROOT / "static/js/behaviours").glob("*.js"))
    named = re.findall(
        r'data-behaviour(?:=|": )"([\w -]+)"', "\n".join((ROOT / "templates" / page).read_text() for page in PAGES)
    )

    assert {name for names in named for name in names.split()} - set(
        re.findall(r'behaviour\("([\w-]+)"', scripts)
    ) == set()


@pytest.mark.asvs("3.2.2")
def test_behaviours_stay_small_and_never_turn_text_into_markup_or_code():
    for path in (ROOT / "static/js").rglob("*.js"):
        source = path.read_text()

        assert len(source.splitlines()) <= 40, path.name
        assert not re.search(
            r"innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b", source
        ), path.name


def test_every_component_stands_in_the_style_guide():
    guide = "\n".join(path.read_text() for path in (ROOT / "templates/styleguide").glob("*.html"))
    macros = [Path(page).stem for page in PAGES if page.startswith("components/")]
    shown = {
        name
        for name, alias in re.findall(r'components/\w+\.html" import (\w+)(?: as (\w+))?', guide)
        if re.search(rf"\b{alias or name}\(", guide)
    }

    assert len(macros) > 30
    assert set(macros) - shown == set()
