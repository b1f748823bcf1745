"""What every answer carries, whatever it answers: the headers that protect it, and cookies that protect a session."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from portal.domain.secret import Secret
from portal.services.mail_configs import MailConfigs
from tests.cast import PASSWORD, plant, typed_config
from tests.fixtures_portal import Clock
from tests.guards.inhabited import Inhabited, everything, inhabiting
from tests.guards.routes import ways
from tests.page import Page
from tests.work import deliver_all

EVIL = "evil.example"
FORGED = (
    {"Host": EVIL},
    {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": f"//{EVIL}"},
    {"Forwarded": f"host={EVIL};proto=https", "X-Original-URL": f"//{EVIL}/", "X-Host": EVIL},
    {"Origin": f"http://{EVIL}", "Referer": f"http://{EVIL}/"},
)

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("headers"), empty_database, Clock()) as found:
        yield found


@pytest.mark.asvs("3.2.1", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "14.2.2", "14.2.3", "14.3.2")
def test_every_answer_to_everybody_is_protected(town):
    wrong, met = [], set()
    people = [town["Pia"], town["Rex as staff"], town["Cal"], town["nobody signed in"]]
    for way, visitor in product(ways(town.app), people):
        company = town.company_of(visitor) if visitor.actor else town.nobodys
        answer = visitor.ask(town.app, way.method, town.url(way, company.ids), everything(company.ids))
        town.records.restore()
        met.add(answer.status_code)
        wrong += [f"{visitor.name}: {way.name}: {each}" for each in complaints(answer)]
        has_gone = way.rule.endpoint == "sign_ins.delete"
        if visitor.actor and not has_gone and answer.headers["Cache-Control"] != "no-store":
            wrong.append(f"{visitor.name}: {way.name}: may be kept by a browser")

    assert wrong == [], "\n".join(wrong)
    assert met >= {200, 303, 401, 403, 404}


def test_every_refusal_is_protected(town, monkeypatch):
    monkeypatch.setattr(MailConfigs, "overview", lambda *_: 1 / 0)
    pia = town["Pia"]
    own = f"/t/{pia.actor.tenant.id}"
    answers = {
        400: pia.ask(town.app, "POST", "/sign-out", {"csrf_token": "forged"}),
        403: town.app.test_client().get("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}),
        404: pia.ask(town.app, "GET", "/nowhere"),
        405: pia.ask(town.app, "POST", f"{own}/tree"),
        413: pia.ask(town.app, "POST", f"{own}/children", {"name": "x" * 1024 * 1024}),
        422: pia.ask(town.app, "POST", f"{own}/children"),
        500: pia.ask(town.app, "GET", f"{own}/mail-configs"),
    }

    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    assert {status: found for status, answer in answers.items() if (found := complaints(answer))} == {}
    assert "ZeroDivision" not in answers[500].text


def test_assets_are_protected_and_may_be_kept_for_ever(town):
    page = Page(town["Pia"].ask(town.app, "GET", "/me/mail").text)
    urls = {each["href"] for each in page.all("link")} | {each["src"] for each in page.all("script")}
    answers = [town.app.test_client().get(url) for url in urls]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [complaints(answer) for answer in answers] == [[], [], []]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert [answer.headers["Vary"] for answer in answers if "Cookie" in answer.headers["Vary"]] == []


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1")
@pytest.mark.parametrize("production", [False, True], ids=["development", "production"])
def test_the_cookies_are_out_of_reach_of_scripts_and_of_other_sites(make_portal, production):
    url = "https://portal.test" if production else "http://portal.test"
    app = make_portal(production=production, public_url=url)
    with app.app_context():
        plant(app.extensions["portal.services"])
    client = app.test_client()
    token = Page(client.get("/sign-in", base_url=url).text).value("csrf_token")
    form = {"email": "sue@demo.test", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", base_url=url, data=form)

    cookies = dict(cookie.partition("=")[::2] for cookie in answer.headers.getlist("Set-Cookie"))
    flags = {"HttpOnly", "SameSite=Lax", "Path=/"} | ({"Secure"} if production else set())
    name = "__Host-portal" if production else "portal"
    assert set(cookies) == {name, f"{name}-browser"}
    assert set(cookies[name].split("; ")[1:]) == flags
    assert set(cookies[f"{name}-browser"].split("; ")[1:]) > flags
    assert ("Strict-Transport-Security" in answer.headers) is production


@pytest.mark.asvs("3.5.4")
def test_in_production_no_name_but_our_own_is_answered(make_portal):
    app = make_portal(production=True, public_url="https://portal.test")
    answer = app.test_client().get("/sign-in", base_url=f"https://{EVIL}")

    assert (answer.status_code, complaints(answer), EVIL in answer.text) == (400, [], False)


def test_no_forged_name_of_ours_gets_into_a_mail_a_redirect_or_a_page(tmp_path, empty_database, mail_server):
    ports = {"egress_ports": frozenset(mail_server.ports), "instance_default": None}
    with inhabiting(tmp_path, empty_database, Clock(), **ports) as town:
        send_through(town, mail_server)
        misled, subjects, links = [], set(), set()
        for way, name, headers in product(ways(town.app), ("Otto", "nobody signed in"), FORGED):
            if way.is_safe:
                continue
            visitor = town[name]
            ids = town.company_of(visitor).ids if visitor.actor else town.nobodys.ids
            form = {**everything(ids), "email": "otto@demo.test"}
            answer = visitor.ask(town.app, way.method, town.url(way, ids), form, headers)
            with town.app.app_context():
                deliver_all(town.app.extensions["portal.services"])
            town.records.restore()
            letters = [letter.raw.decode("latin-1") + letter.text for letter in mail_server.letters]
            subjects |= {letter.subject for letter in mail_server.letters}
            links |= {link for letter in letters for link in re.findall(r"https?://[^/\s\"<]*", letter)}
            mail_server.clear()
            if any(EVIL in each for each in (*letters, answer.headers.get("Location", ""), answer.text)):
                misled.append(f"{way.name} with {headers}")

    assert misled == []
    assert links == {"http://portal.test"}
    assert len(subjects) >= 3


def send_through(town: Inhabited, server: object) -> None:
    """Let all mail of the town leave through this server, and that of its founding be gone."""
    services, pia = town.app.extensions["portal.services"], town["Pia"].actor
    with town.app.app_context():
        first = services.mail_configs.overview(pia, pia.tenant.id).lines[0].config
        found = services.mail_configs.get(pia, pia.tenant.id, first.id)
        typed = typed_config(**server.typed("none"))
        config = services.mail_configs.update(
            pia, pia.tenant.id, found.id, typed, password=Secret(""), version=found.version
        )
        services.mail_configs.select(pia, pia.tenant.id, config.id)
        deliver_all(services)
    server.clear()
    town.records.keep()


def complaints(answer: TestResponse) -> list[str]:
    """What an attacker would be glad to find missing."""
    headers = answer.headers
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    found = [f"{name}: {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value]
    policy = dict(part.strip().partition(" ")[::2] for part in headers.get("Content-Security-Policy", "").split(";"))
    strict = {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "form-action": "'self'"}
    strict |= {"base-uri": "'none'", "frame-ancestors": "'none'"}
    found += [f"CSP {name} {policy.get(name)}" for name, value in strict.items() if policy.get(name) != value]
    found += [f"CSP {name} {value}" for name, value in policy.items() if "unsafe" in value or "*" in value]
    found += ["kept by nobody knows whom"] if "Cache-Control" not in headers else []
    found += [f"Set-Cookie {each}" for each in headers.getlist("Set-Cookie") if "HttpOnly" not in each]
    return found
