"""Knows what the HTML Standard (WHATWG) lets stand where: §4 for elements and attributes, WAI-ARIA 1.2 for references."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from tests.markup import Element, Reader


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PHRASING = _words(
    "a abbr b bdi bdo br button cite code data datalist del dfn em i img input ins kbd label mark meter output picture "
    "progress q ruby s samp script select small span strong sub sup svg textarea time u var wbr"
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HOLDS_PHRASING = _HEADINGS | _words(
    "p span strong em b i u s small mark code kbd samp var abbr cite q sub sup time data bdi bdo dfn label button pre "
    "output meter progress"
)
_CHILDREN = {
    "html": "head body",
    "head": "meta title link script base noscript",
    "ul": "li",
    "ol": "li",
    "menu": "li",
    "dl": "dt dd div",
    "table": "caption colgroup thead tbody tfoot tr",
    "thead": "tr",
    "tbody": "tr",
    "tfoot": "tr",
    "tr": "th td",
    "colgroup": "col",
    "select": "option optgroup hr",
    "optgroup": "option",
    "datalist": "option",
    "picture": "source img",
    "option": "",
    "title": "",
    "textarea": "",
}
_PARENTS = {
    "li": "ul ol menu",
    "dt": "dl div",
    "dd": "dl div",
    "thead": "table",
    "tbody": "table",
    "tfoot": "table",
    "caption": "table",
    "colgroup": "table",
    "tr": "thead tbody tfoot table",
    "td": "tr",
    "th": "tr",
    "option": "select optgroup datalist",
    "source": "picture",
    "legend": "fieldset",
    "summary": "details",
    "figcaption": "figure",
}
_FIRST = {"summary": "details", "legend": "fieldset", "caption": "table"}
_NEVER_WITHIN = {
    "form": {"form"},
    "label": {"label"},
    "main": {"article", "aside", "header", "footer", "nav", "section"},
    "header": {"header", "footer"},
    "footer": {"header", "footer"},
    "table": {"caption"},
}
_LABELABLE = frozenset({"button", "input", "meter", "output", "progress", "select", "textarea"})
_GLOBAL = _words(
    "accesskey autocapitalize autofocus class contenteditable dir draggable enterkeyhint hidden id inert inputmode itemid "
    "itemprop lang popover role slot spellcheck tabindex title translate"
)
_FORM_BUTTON = "disabled form formaction formenctype formmethod formnovalidate formtarget name type value"
_ATTRIBUTES = {
    name: _words(attributes)
    for name, attributes in {
        "a": "href target download rel hreflang type referrerpolicy",
        "button": f"{_FORM_BUTTON} popovertarget popovertargetaction command commandfor",
        "col": "span",
        "colgroup": "span",
        "data": "value",
        "details": "open name",
        "dialog": "open closedby",
        "fieldset": "disabled form name",
        "form": "accept-charset action autocomplete enctype method name novalidate target rel",
        "html": "",
        "img": "alt src srcset sizes width height loading decoding crossorigin fetchpriority usemap ismap",
        "input": f"{_FORM_BUTTON} accept alt autocomplete checked dirname height list max maxlength min minlength multiple "
        "pattern placeholder readonly required size src step width",
        "label": "for",
        "li": "value",
        "link": "as crossorigin href hreflang integrity media rel sizes type referrerpolicy blocking disabled fetchpriority color",
        "meta": "charset content http-equiv media name",
        "meter": "value min max low high optimum",
        "ol": "reversed start type",
        "optgroup": "disabled label",
        "option": "disabled label selected value",
        "output": "for form name",
        "progress": "value max",
        "script": "src type async defer crossorigin integrity nomodule referrerpolicy blocking fetchpriority",
        "select": "autocomplete disabled form multiple name required size",
        "source": "src srcset sizes media type width height",
        "td": "colspan rowspan headers",
        "textarea": "autocomplete cols dirname disabled form maxlength minlength name placeholder readonly required rows wrap",
        "th": "colspan rowspan headers scope abbr",
        "time": "datetime",
    }.items()
}
_PLAIN = _words(
    "abbr address article aside b bdi bdo blockquote body br caption cite code datalist dd del dfn div dl dt em figcaption figure "
    "footer h1 h2 h3 h4 h5 h6 head header hgroup hr i ins kbd legend main mark menu nav noscript p picture pre q s samp search "
    "section small span strong sub summary sup svg table tbody template tfoot thead title tr u ul var wbr"
)
_VALUES = {
    ("input", "type"): _words(
        "hidden text search tel url email password date month week time datetime-local number range color checkbox radio "
        "file submit image reset button"
    ),
    ("button", "type"): {"submit", "reset", "button"},
    ("form", "method"): {"get", "post", "dialog"},
    ("th", "scope"): {"row", "col", "rowgroup", "colgroup"},
    ("", "dir"): {"ltr", "rtl", "auto"},
    ("", "tabindex"): {"0", "-1"},
    ("", "popover"): {"", "auto", "manual", "hint"},
}
_REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details", "aria-errormessage", "aria-activedescendant")  # fmt: skip
_SINGLE_REFERENCES = ("form", "list", "popovertarget", "commandfor")
_DATETIME = re.compile(
    r"\d{4}-\d\d(-\d\d)?|(\d{4}-\d\d-\d\d[T ])?\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?|PT?(\d+[DHMS])+"
)


def faults(html: str) -> list[str]:
    """Everything that is wrong with a page, or with the fragment of one: in short words, each with where it stands."""
    reader = Reader(html)
    found = list(reader.faults)
    for element in reader.root.below:
        if element.name != "svg" and element.is_foreign:
            continue
        for rule in _RULES:
            found += [f"{element}: {fault} (in {element.parent})" for fault in rule(element)]
    return found + list(_wrong_references(reader.root)) + list(_wrong_page(reader.root))


def _misplaced(element: Element) -> Iterator[str]:
    parent, ancestors = element.parent, list(element.above)
    name, within = element.name, _model(parent)
    if within in _CHILDREN and name not in _words(_CHILDREN[within] + " script template"):
        yield f"may not stand in <{within}>"
    if name in _PARENTS and parent.name not in {"", *_words(_PARENTS[name])}:
        yield f"may not stand in {parent}"
    if within in _HOLDS_PHRASING and name not in _PHRASING:
        yield f"is no phrasing content, and {parent} holds nothing else"
    if within in {"summary", "legend"} and name not in _PHRASING | _HEADINGS:
        yield f"may not stand in <{within}>"
    if name in _FIRST and parent.name == _FIRST[name] and parent.children[0] is not element:
        yield f"comes first in {parent}, or not at all"
    yield from (f"stands within {each}" for each in ancestors if each.name in _NEVER_WITHIN.get(name, ()))


def _model(element: Element) -> str:
    """The element whose rule holds: what is transparent has that of what it stands in (§3.2.5.3)."""
    while element.name in {"a", "ins", "del"} and element.parent:
        element = element.parent
    return element.name


def _interactive(element: Element) -> Iterator[str]:
    """§4.5.1, §4.10.6, §4.10.4: what can be used does not stand in what can be used."""
    around = [each for each in element.above if each.name in {"a", "button"}]
    if around and _can_be_used(element):
        yield f"can be used, and stands in {around[0]}"
    labelled = [each for each in element.below if each.name in _LABELABLE] if element.name == "label" else []
    wanted = {each.attributes.get("id") for each in labelled} | ({element.attributes.get("for")} - {None})
    if labelled and len(wanted) > 1:
        yield "labels more than one control"


def _can_be_used(element: Element) -> bool:
    if element.name == "input":
        return element.attributes.get("type") != "hidden"
    is_named = element.name in {"button", "select", "textarea", "label", "details", "iframe"}
    return is_named or "tabindex" in element.attributes or (element.name == "a" and "href" in element.attributes)


def _wrong_attributes(element: Element) -> Iterator[str]:
    if element.name not in _ATTRIBUTES and element.name not in _PLAIN:
        yield "is no element of the standard"
    if element.name == "svg":
        return
    known = _GLOBAL | _ATTRIBUTES.get(element.name, frozenset())
    # hx-… is htmx's own: no browser looks at it, and no other name may begin so.
    unknown = [
        each for each in element.attributes if each not in known and not re.match(r"(aria|data|hx)-[a-z-]+$", each)
    ]
    yield from (f"has no attribute {each}" for each in unknown)
    for (name, attribute), values in _VALUES.items():
        value = element.attributes.get(attribute)
        if value is not None and name in {"", element.name} and value not in values:
            yield f'{attribute}="{value}" means nothing'


def _wrong_values(element: Element) -> Iterator[str]:
    attributes = element.attributes
    if "id" in attributes and not re.fullmatch(r"\S+", attributes["id"]):
        yield f"id {attributes['id']!r}"
    if element.name == "img" and "alt" not in attributes:
        yield "has no alt"
    if element.name in {"a", "link"} and attributes.get("href") == "":
        yield "leads nowhere"
    if element.name == "form" and attributes.get("action") == "":
        yield "has an empty action"
    if element.name == "time" and not _DATETIME.fullmatch(attributes.get("datetime", element.text.strip())):
        yield f"is no time: {attributes.get('datetime', element.text)!r}"
    if element.name == "input" and "checked" in attributes and attributes.get("type") not in {"checkbox", "radio"}:
        yield "cannot be checked"
    if element.name == "input" and attributes.get("type") == "hidden" and attributes.keys() & {"required", "readonly"}:
        yield "is hidden, and asks for something"
    if any(value in {"None", "True", "False"} for name, value in attributes.items() if name not in {"value", "title"}):
        yield f"says None, True or False: {attributes}"


def _empty(element: Element) -> Iterator[str]:
    """What is read out needs words: of its own, of a picture in it, or of a label."""
    if element.name not in {*_HEADINGS, "a", "button", "summary", "label", "legend", "caption", "title", "th"}:
        return
    if any(each.name == "template" for each in element.above):
        return  # a script says it when it brings it to its place
    described = (element, *element.below)
    said = element.whole_text.strip() or any(
        each.attributes.get("aria-label") or each.attributes.get("alt") or each.attributes.get("aria-labelledby")
        for each in described
    )
    if not said:
        yield "says nothing"


def _bare_text(element: Element) -> Iterator[str]:
    bare = {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "select", "html", "head", "colgroup", "picture"}
    if element.name in bare and element.text.strip():
        yield f"holds text: {element.text.strip()[:40]!r}"


_RULES: tuple[Callable[[Element], Iterator[str]], ...] = (
    _misplaced, _interactive, _wrong_attributes, _wrong_values, _empty, _bare_text,
)  # fmt: skip


def _wrong_references(root: Element) -> Iterator[str]:
    ids = {each.attributes["id"]: each for each in root.below if "id" in each.attributes}
    counted = Counter(each.attributes["id"] for each in root.below if "id" in each.attributes)
    yield from (f"id {name!r} {number} times" for name, number in counted.items() if number > 1)
    for element in root.below:
        for attribute in _REFERENCES:
            wanted = element.attributes.get(attribute)
            if wanted is not None and (not wanted.split() or set(wanted.split()) - ids.keys()):
                yield f'{element}: {attribute}="{wanted}" names nothing here'
        for attribute in _SINGLE_REFERENCES:
            wanted = element.attributes.get(attribute)
            if wanted is not None and wanted not in ids and _is_page(root):
                yield f'{element}: {attribute}="{wanted}" names nothing here'
        wanted = element.attributes.get("for") if element.name == "label" else None
        if wanted is not None and (wanted not in ids or ids[wanted].name not in _LABELABLE):
            yield f'{element}: for="{wanted}" is no control'
        href = element.attributes.get("href", "")
        if element.name == "a" and href.startswith("#") and href[1:] not in ids:
            yield f"{element}: nothing is called {href}"


def _is_page(root: Element) -> bool:
    return any(each.name == "html" for each in root.children)


def _wrong_page(root: Element) -> Iterator[str]:
    if not _is_page(root):
        return
    names = Counter(each.name for each in root.below if not each.is_foreign)  # a picture has titles of its own
    yield from (
        f"{names[each]} × <{each}>" for each in ("html", "head", "body", "title", "h1", "main") if names[each] != 1
    )
    if not root.children[0].attributes.get("lang"):
        yield "<html> without a language"
