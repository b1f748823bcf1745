"""Every page there is, every pop-up and every refused form is HTML that no browser has to mend."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures_portal import Clock
from tests.guards.inhabited import Inhabited, Visitor, inhabiting
from tests.guards.routes import ways
from tests.html_rules import faults

# Whoever sees most, whoever has most above and below, whoever sees least, and a stranger.
READERS = ("Pia", "Sue", "Cal", "nobody signed in")

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("html"), empty_database, Clock()) as found:
        yield found


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "pop-up"])
def test_every_page_is_html_as_the_standard_has_it(town, headers):
    seen, wrong = 0, set()
    for reader in READERS:
        for url, html in answers(town, town[reader], "GET", headers=headers):
            seen += 1
            wrong |= {f"{url}: {fault}" for fault in faults(html)}

    assert wrong == set(), "\n".join(sorted(wrong))
    assert seen > 80


def test_every_refused_form_is_html_as_the_standard_has_it(town):
    seen, wrong = 0, set()
    for url, html in answers(town, town["Pia"], "POST"):
        seen += 1
        wrong |= {f"{url}: {fault}" for fault in faults(html)}

    assert wrong == set(), "\n".join(sorted(wrong))
    assert seen > 15


def answers(
    town: Inhabited, visitor: Visitor, method: str, headers: dict[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """What somebody is shown: each way in once, with the sample that there is; a form goes without a word in it."""
    ids = town.company_of(visitor).ids if visitor.actor else town.nobodys.ids
    for way in (each for each in ways(town.app) if each.method == method):
        url = town.url(way, {**ids, **visitor.ids} if "tenant_id" not in way.ids else ids)
        answer = visitor.ask(town.app, method, url, headers=headers)
        if answer.mimetype == "text/html" and answer.text and answer.status_code not in range(300, 400):
            yield f"{way.name} ({visitor.name})", answer.text
        if method == "POST":
            town.records.restore()


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<p id="a" id="b">x</p>', "id twice"),
        ("<p>salt & pepper</p>", "bare &"),
        ("<p>&nosuch;</p>", "bare &"),
        ("<p>1 < 2</p>", "begins nothing"),
        ("<div><p>x</p>", "never closed"),
        ("<p>x</b></p>", "</b> where"),
        ("<div/>", "does not close itself"),
        ("<p><div>x</div></p>", "no phrasing"),
        ("<span><a href='/'><div>x</div></a></span>", "no phrasing"),
        ("<div><li>x</li></div>", "may not stand in"),
        ("<ul><p>x</p></ul>", "may not stand in"),
        ("<ul>x</ul>", "holds text"),
        ("<table><tr><div>x</div></tr></table>", "may not stand in"),
        ("<button>a<a href='/'>b</a></button>", "can be used"),
        ("<form action='/'><div><form action='/'></form></div></form>", "stands within"),
        ("<details><p>x</p><summary>y</summary></details>", "comes first"),
        ("<i id='a'></i><b id='a'></b>", "2 times"),
        ("<p aria-describedby='nothing'>x</p>", "names nothing"),
        ("<p aria-describedby='None'>x</p>", "None"),
        ("<label>x <input id='a' type='text'><input id='b' type='text'></label>", "more than one"),
        ("<label for='a'>x</label><p id='a'>y</p>", "is no control"),
        ("<a href='#nowhere'>x</a>", "nothing is called"),
        ("<h2> </h2>", "says nothing"),
        ("<button><svg></svg></button>", "says nothing"),
        ("<p align='center'>x</p>", "no attribute align"),
        ("<center>x</center>", "no element"),
        ("<input type='words'>", "means nothing"),
        ("<img src='/x.png'>", "no alt"),
        ("<time datetime='soon'>x</time>", "is no time"),
    ],
)
def test_each_kind_of_fault_is_found(html, fault):
    assert any(fault in each for each in faults(html)), faults(html)


def test_what_is_right_is_let_pass():
    assert faults('<form action="/"><p><label for="a">A &amp; B</label> <input id="a" type="text"></p></form>') == []
