"""What every answer and every form does, whoever asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.app import _HASHES
from portal.domain.errors import InvalidError
from portal.domain.secret import Secret
from portal.services.passphrases import Passphrases
from portal.store.db import Base
from tests.cast import PASSWORD, plant
from tests.fixtures_portal import CHEAP_HASHES, Clock
from tests.guards.inhabited import Inhabited, everything, inhabiting
from tests.guards.routes import ways
from tests.page import Browser, Page

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("answers"), empty_database, Clock()) as found:
        yield found


@pytest.fixture(scope="module")
def looks(town):
    """The answer to whoever looks at everything that is his, by the way's name."""
    rex = town["Rex"]
    ids = town.company_of(rex).ids
    return {way.name: rex.ask(town.app, "GET", town.url(way, ids)) for way in ways(town.app) if way.is_safe}


@pytest.mark.asvs("4.1.1")
def test_every_answer_says_its_type_and_its_encoding(looks):
    texts = {name: answer.headers["Content-Type"] for name, answer in looks.items() if answer.get_data()}

    assert {
        name: kind for name, kind in texts.items() if not kind.endswith("charset=utf-8") and "json" not in kind
    } == {}
    assert len(texts) > 40


@pytest.mark.asvs("3.4.2")
def test_no_other_site_may_read_an_answer(town):
    pia, foreign = town["Pia"], {"Origin": "https://elsewhere.example"}
    ids = town.company_of(pia).ids
    answers = [pia.ask(town.app, way.method, town.url(way, ids), {}, foreign) for way in ways(town.app)]
    town.records.restore()

    assert [each.request.path for each in answers if any("Access-Control" in name for name, _ in each.headers)] == []


@pytest.mark.asvs("7.4.4")
def test_every_page_has_the_way_out(looks):
    within = {name: answer for name, answer in looks.items() if "/t/<uuid:tenant_id>" in name or "/me/" in name}
    pages = {name: answer.text for name, answer in within.items() if answer.status_code == 200}

    assert [name for name, page in pages.items() if not Page(page).all("form", action="/sign-out")] == []
    assert len(pages) > 30


@pytest.mark.asvs("6.2.6")
def test_every_password_is_typed_hidden(looks):
    fields = [each for answer in looks.values() if "<html" in answer.text for each in Page(answer.text).all("input")]
    secret = [each for each in fields if "password" in (each.get("name") or "") and each.get("type") != "hidden"]

    assert {each["type"] for each in secret} == {"password"}
    assert len(secret) >= 4


@pytest.mark.asvs("14.3.1")
def test_the_browser_is_told_to_forget_at_sign_out(cast, as_):
    assert '"storage"' in as_(cast.sue).post("/sign-out").headers["Clear-Site-Data"]


@pytest.mark.asvs("7.2.4")
def test_whoever_signs_in_gets_a_session_of_its_own_and_none_that_was_there(cast, app, as_):
    browser = as_(cast.sue)
    before = browser.client.get_cookie("portal").value
    browser.sign_in("sue@demo.test")
    after = browser.client.get_cookie("portal").value

    assert before != after
    stranger = Browser(app.test_client())
    stranger.client.set_cookie("portal", "planted")
    stranger.sign_in("sue@demo.test")
    assert stranger.client.get_cookie("portal").value != "planted"


@pytest.mark.asvs("15.3.3")
def test_fields_that_no_form_offers_change_nothing(cast, services, as_):
    more = {"kind": "provider", "status": "closed", "parent_id": "", "path": "1.", "tenant_id": cast.otto.tenant.id}
    form = {"name": "Sue and Sons", "version": str(cast.sue.tenant.version), "shows_sender": "y", **more}
    assert as_(cast.sue).post(f"/t/{cast.sue.tenant.id}/settings", form).status_code == 303

    now = services.tenants.lineage(cast.sue, cast.sue.tenant.id)[-1]
    was = cast.sue.tenant
    assert (now.name, now.kind, now.status, now.path) == ("Sue and Sons", was.kind, was.status, was.path)
    assert services.tenants.lineage(cast.otto, cast.otto.tenant.id)[-1].name == "Otto Online"


@pytest.mark.asvs("15.3.7")
def test_a_field_that_comes_twice_counts_once_or_is_refused(town):
    wrong, sue = [], town["Sue"]
    ids = town.company_of(sue).ids
    for way in ways(town.app):
        if not way.is_safe and "tenant_id" in way.ids:
            form = {name: [value, value] for name, value in everything(ids).items()}
            answer = sue.ask(town.app, way.method, town.url(way, ids), form)
            town.records.restore()
            wrong += [way.name] if answer.status_code >= 500 else []

    assert wrong == []


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize("password", ["aaaaaaaa", "49173826", "        ", "käsekuchen", "correct horse"])
def test_no_kind_of_character_is_prescribed(password):
    passphrases = Passphrases(CHEAP_HASHES)

    assert passphrases.matches(Secret(password), passphrases.hashed(Secret(password)))


@pytest.mark.asvs("6.2.8", "6.2.9")
def test_a_password_is_compared_exactly_as_it_was_typed():
    passphrases, long = Passphrases(CHEAP_HASHES), "x" * 100
    known = passphrases.hashed(Secret(long))

    assert passphrases.matches(Secret(long), known)
    others = [long[:72], long[:-1], f"{long} ", long.upper(), f" {long}"]
    assert [other for other in others if passphrases.matches(Secret(other), known)] == []
    with pytest.raises(InvalidError):
        passphrases.hashed(Secret("x" * 129))


@pytest.mark.asvs("1.1.1")
@pytest.mark.parametrize(
    "name", ["%3Cb%3E", "%253Cb%253E", "&lt;b&gt;", "&amp;lt;", "\\u003cb\\u003e", "+%2B+", "=?utf-8?q?b?="]
)
def test_what_is_encoded_twice_is_decoded_once(cast, services, as_, name):
    form = {"name": name, "version": str(cast.sue.tenant.version), "shows_sender": "y"}
    assert as_(cast.sue).post(f"/t/{cast.sue.tenant.id}/settings", form).status_code == 303

    assert services.tenants.lineage(cast.sue, cast.sue.tenant.id)[-1].name == name
    assert as_(cast.sue).get(f"/t/{cast.sue.tenant.id}%252Fsettings").status_code == 404


@pytest.mark.asvs("4.1.2")
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/sign-in", "/"])
def test_nobody_who_comes_without_encryption_is_led_to_it(make_portal, path):
    app = make_portal(production=True, public_url="https://portal.test")
    answer = app.test_client().get(path, base_url="http://portal.test")

    assert not (answer.location or "").startswith("http")


@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.parametrize(("proxies", "place"), [(0, "198.51.…"), (1, "192.0.…"), (2, "203.0.…")])
def test_the_address_of_a_visitor_is_what_the_trusted_proxies_say_and_nobody_before_them(make_portal, proxies, place):
    app = make_portal(trusted_proxies=proxies)
    with app.app_context():
        plant(app.extensions["portal.services"])
    browser = Browser.of(app)
    form = {"email": "sue@demo.test", "password": PASSWORD}
    said = {"X-Forwarded-For": "127.0.0.1, 203.0.113.5, 192.0.2.7"}
    browser.post("/sign-in", form, at="/sign-in", headers=said, environ_base={"REMOTE_ADDR": "198.51.100.9"})

    assert place in browser.page("/me/security").text


@pytest.mark.asvs("16.3.1")
def test_every_sign_in_is_noted_good_or_bad(cast, services, as_):
    as_().post("/sign-in", {"email": "sue@demo.test", "password": "wrong"}, at="/sign-in")
    as_(cast.sue)
    events = [each.event for each in services.audit.page(cast.sue, cast.sue.tenant.id)]

    assert events[:2] == ["sign-in.succeeded", "sign-in.refused"]


@pytest.mark.asvs("13.4.3")
@pytest.mark.parametrize(
    "path", ["/assets", "/assets/", "/static/", "/assets/vendor/", "/assets/..", "/.git/", "/templates/", "/instance/"]
)
def test_no_folder_is_listed(app, path):
    assert app.test_client().get(path).status_code == 404


@pytest.mark.asvs("13.4.4")
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "TRACK"])
def test_no_other_method_is_answered(app, method):
    answers = [app.test_client().open(path, method=method) for path in ("/sign-in", "/healthz", "/metrics")]

    assert {answer.status_code for answer in answers} == {405}


@pytest.mark.asvs("13.4.2")
def test_in_production_nothing_is_debugged(make_portal):
    app = make_portal(production=True, public_url="https://portal.test")

    assert (app.debug, app.testing, app.config["EXPLAIN_TEMPLATE_LOADING"]) == (False, False, False)


@pytest.mark.asvs("6.2.7")
def test_passwords_can_be_pasted_and_filled_in_by_a_manager(looks):
    fields = [each for answer in looks.values() if "<html" in answer.text for each in Page(answer.text).all("input")]
    own = [each for each in fields if each.get("type") == "password" and "current" in each.get("autocomplete", "")]
    hindering = {"readonly", "disabled", "onpaste"}
    scripts = [path.read_text() for path in Path("static/js").rglob("*.js")]

    assert len(own) >= 1
    assert all(each.get("autocomplete") for each in fields if each.get("type") == "password")
    assert [each for each in fields if each.get("type") == "password" and hindering & each.keys()] == []
    assert [text for text in scripts if '"paste"' in text] == []


@pytest.mark.asvs("6.2.10")
def test_no_password_expires(cast, services, clock):
    clock.forward(days=3650)

    assert services.accounts.sign_in("sue@demo.test", Secret(PASSWORD), address="192.0.2.1")


@pytest.mark.asvs("6.4.2")
def test_no_form_of_the_way_in_asks_for_a_hint_or_a_question(app):
    client, asked = app.test_client(), set()
    for path in ("/sign-in", "/password-resets"):
        asked |= {each.get("name") for each in Page(client.get(path).text).all("input")}
    columns = {column.name for table in Base.metadata.sorted_tables for column in table.columns}

    assert asked - {"csrf_token", "next", "resume", None} == {"email", "password"}
    assert [each for each in columns if any(word in each for word in ("hint", "question", "answer"))] == []


@pytest.mark.asvs("11.4.2")
def test_passwords_are_hashed_at_the_cost_that_is_asked_for():
    """OWASP's least for argon2id: 19 MiB and two passes."""
    fields = dict(each.split("=") for each in _HASHES.hash("a password").split("$")[3].split(","))

    assert _HASHES.hash("a password").startswith("$argon2id$")
    assert int(fields["m"]) >= 19_456
    assert int(fields["t"]) >= 2
