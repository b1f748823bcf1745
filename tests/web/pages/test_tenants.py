"""The tree of companies on screen: looking, filtering, adding, renaming."""

from uuid import UUID

import pytest
from sqlalchemy import event

from portal.domain.diagnosis import Code
from portal.domain.health import MOST_FAILURES
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.store.db import SYSTEM, db, unit_of_work
from tests.cast import PASSWORD
from tests.page import Page
from tests.work import deliver_all


def tree(tenant, query=""):
    return f"/t/{tenant.id}/tree{query}"


def new_company(**changes):
    typed = {"kind": "customer", "name": "New Customer", "owner_name": "Cal", "owner_email": "new@demo.test"}
    return {**typed, **changes}


@pytest.fixture
def rex(cast, as_):
    return as_(cast.rex)


def names_in(page):
    return [name for name in ("Pia Cloud", "Rex Hosting", "Sue & Partners", "Cal & Co", "Otto Online") if name in page]


def test_each_level_sees_its_own_subtree_on_screen_and_nothing_else(cast, as_):
    page = as_(cast.sue).page(tree(cast.sue.tenant))

    assert names_in(page.text) == ["Sue & Partners", "Cal & Co"]
    assert names_in(as_(cast.pia).page(tree(cast.pia.tenant)).text) == [
        "Pia Cloud", "Rex Hosting", "Sue & Partners", "Cal & Co", "Otto Online",
    ]  # fmt: skip


def test_the_way_down_begins_at_ones_own_company(cast, rex):
    page = rex.page(tree(cast.cals_company))

    crumbs = page.html.split('aria-label="Breadcrumb"')[1].split("</nav>")[0]
    assert names_in(Page(crumbs).text) == ["Rex Hosting", "Sue & Partners", "Cal & Co"]


@pytest.mark.parametrize("path", ["tree", "children/new", "settings", "suspension", "closure", "people", "mail-log"])
def test_what_is_foreign_does_not_exist(cast, as_, path):
    otto, sue = as_(cast.otto), as_(cast.sue)

    for browser, foreign in ((otto, cast.rex), (otto, cast.pia), (sue, cast.rex), (sue, cast.pia)):
        assert browser.get(f"/t/{foreign.tenant.id}/{path}").status_code == 404


def test_the_tree_says_what_sends_whose_mail(cast, as_, rex):
    assert "Provider default → from above" in rex.page(tree(cast.rex.tenant)).text
    cast.active_config(cast.rex, name="Rex relay")

    page = rex.page(tree(cast.rex.tenant))
    assert page.text.count("Provider default → Rex relay") == 2

    assert "Rex relay" not in as_(cast.sue).page(tree(cast.sue.tenant)).text
    assert "Instance default" in as_(cast.pia).page(tree(cast.pia.tenant)).text


def test_the_filter_keeps_those_above_a_hit_visible(cast, rex):
    page = rex.page(tree(cast.rex.tenant, "?q=CAL"))

    assert names_in(page.text) == ["Rex Hosting", "Sue & Partners", "Cal & Co"]
    assert "<mark>Cal &amp; Co</mark>" in page.html
    assert "Nothing matches" in rex.page(tree(cast.rex.tenant, "?q=otto")).text
    assert rex.get(tree(cast.rex.tenant, "?q=%00" + "x" * 5000)).status_code == 200


def test_deep_branches_wait_folded(cast, rex, services):
    deep = services.tenants.create(cast.rex, cast.sue.tenant.id, kind="sub_reseller", name="Deep")
    deeper = services.tenants.create(cast.rex, deep.id, kind="sub_reseller", name="Deeper")
    services.tenants.create(cast.rex, deeper.id, kind="customer", name="Deepest")

    page = rex.page(tree(cast.rex.tenant))
    assert folds(page) == {cast.sue.tenant.id: True, deep.id: True, deeper.id: False}
    assert "Deepest" not in page.text
    assert "Deepest" in rex.page(follow(page, deeper)).text
    assert "Deepest" in rex.page(tree(cast.rex.tenant, "?q=deepest")).text


def folds(page):
    """Which branches can be folded, and whether each stands open."""
    found = page.all("a", class_="tree__fold")
    return {UUID(each["data-branch"]): each["aria-expanded"] == "true" for each in found}


def follow(page, tenant):
    """Where the fold of a company leads."""
    return page.all("a", **{"data-branch": str(tenant.id)})[0]["href"]


def test_without_scripts_the_address_keeps_what_is_open(cast, rex, services):
    shut = rex.page(follow(rex.page(tree(cast.rex.tenant)), cast.sue.tenant))
    assert folds(shut) == {cast.sue.tenant.id: False}
    assert "Cal & Co" not in shut.text

    assert folds(rex.page(follow(shut, cast.sue.tenant))) == {cast.sue.tenant.id: True}


def test_a_script_gets_the_rows_below_a_company_alone(cast, rex):
    fetched = rex.get(tree(cast.sue.tenant, "?open=none"), headers={"HX-Request": "true"}).text

    assert "<html" not in fetched
    assert "Sue &amp; Partners" not in fetched
    assert "Cal &amp; Co" in fetched


@pytest.mark.parametrize(
    "query", ["open=nobody", "open=none&open=x", "after=%00", "after=zzz", "show=x", "show=own&after=x", "open=&q="]
)
def test_whatever_an_address_asks_a_page_comes(cast, rex, query):
    assert "Rex Hosting" in rex.page(tree(cast.rex.tenant, f"?{query}")).text


def test_a_row_offers_what_its_reader_may_do(cast, as_):
    def offered(person, tenant):
        page = as_(person).page(tree(person.tenant))
        return {href.rpartition("/")[2] for link in page.all("a") if str(tenant.id) in (href := link["href"])}

    assert offered(cast.rex, cast.sue.tenant) >= {"mail-configs", "new", "settings", "suspension", "closure"}
    assert not offered(cast.sue, cast.sue.tenant) & {"suspension", "closure"}
    assert "new" not in offered(cast.sue, cast.cals_company)


def test_a_new_company_offers_only_the_kinds_that_may_stand_there(cast, as_, rex):
    def kinds(browser, tenant):
        return [each["value"] for each in browser.page(f"/t/{tenant.id}/children/new").all("input", name="kind")]

    assert kinds(as_(cast.pia), cast.pia.tenant) == ["reseller", "customer"]
    assert kinds(rex, cast.rex.tenant) == ["sub_reseller", "customer"]
    assert kinds(rex, cast.cals_company) == []
    assert "No company can stand below Cal & Co." in rex.page(f"/t/{cast.cals_company.id}/children/new").text


def test_a_company_is_created_with_its_first_owner(cast, rex, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed())

    done = rex.post(f"/t/{cast.rex.tenant.id}/children", new_company())
    assert (done.status_code, done.location) == (303, tree(cast.rex.tenant))
    assert "New Customer is created. new@demo.test gets a mail" in rex.page(tree(cast.rex.tenant)).text

    deliver_all(services)
    assert [letter.recipients for letter in mail_server.letters] == [("new@demo.test",)]


def test_where_nothing_can_mail_the_invitation_its_link_is_shown_once(cast, rex, app):
    done = rex.post(f"/t/{cast.rex.tenant.id}/children", new_company())

    assert done.status_code == 200
    link = Page(done.text).all("input", id="link")[0]["value"]
    assert link.startswith("http://portal.test/invitations/")
    assert done.headers["Cache-Control"] == "no-store"
    assert link not in rex.page(tree(cast.rex.tenant)).html
    assert "Sign-in link shown instead of mailed" in rex.page(f"/t/{cast.rex.tenant.id}/audit-log").text


def test_a_pop_up_gets_the_form_alone_and_is_told_where_to_go(cast, rex):
    script = {"headers": {"HX-Request": "true"}}
    cast.active_config(cast.pia)

    assert "<html" not in rex.get(f"/t/{cast.rex.tenant.id}/children/new", **script).text
    refused = rex.post(f"/t/{cast.rex.tenant.id}/children", new_company(name=""), **script)
    assert (refused.status_code, "<html" in refused.text) == (422, False)
    done = rex.post(f"/t/{cast.rex.tenant.id}/children", new_company(), **script)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, tree(cast.rex.tenant))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("kind", "", "Choose what the company is."),
        ("kind", "provider", "Choose one of the kinds in the list"),
        ("kind", "\x00", "Choose one of the kinds in the list"),
        ("name", "", "Type the name of the company."),
        ("name", "   ", "Type a name."),
        ("name", "a\x00b", "Remove invisible or control characters"),
        ("name", "x" * 121, "Shorten this to at most 120 characters."),
        ("name", "x" * 200_000, "Shorten this to at most 120 characters."),
        ("name", "\u202egpj.exe", "Remove invisible or control characters"),
        ("name", "SUE & partners", "This name is already in use here."),
        ("owner_name", "", "Type who is to look after the company."),
        ("owner_name", "\x00", "Remove invisible or control characters"),
        ("owner_email", "", "Type the owner&#39;s e-mail address."),
        ("owner_email", "nobody", "Type one e-mail address"),
        ("owner_email", "a@b.test, c@d.test", "Type one e-mail address"),
        ("owner_email", "a\x00@b.test", "Type one e-mail address"),
        ("owner_email", "12345678901234567890", "Type one e-mail address"),
        ("owner_email", f"{'x' * 5000}@b.test", "Type one e-mail address"),
    ],
)
def test_every_field_says_what_is_wrong_with_it_and_nothing_is_created(cast, rex, field, value, sentence):
    before = cast.services.tenants.tree(cast.rex, cast.rex.tenant.id).size

    answer = rex.post(f"/t/{cast.rex.tenant.id}/children", new_company(**{field: value}))

    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert cast.services.tenants.tree(cast.rex, cast.rex.tenant.id).size == before


@pytest.mark.parametrize("raw", [b"\x00", b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\x80"])
@pytest.mark.parametrize("field", ["name", "owner_name", "owner_email"])
def test_bytes_that_are_no_text_are_refused_at_their_field(cast, rex, field, raw):
    typed = {name: value.encode() for name, value in new_company(csrf_token=rex.token()).items()}
    typed[field] = raw + typed[field]
    parts = [b'--limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % each for each in pairs(typed)]

    answer = rex.client.post(
        f"/t/{cast.rex.tenant.id}/children",
        data=b"".join([*parts, b"--limit--\r\n"]),
        content_type="multipart/form-data; boundary=limit",
    )

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def pairs(typed):
    return [(name.encode(), value) for name, value in typed.items()]


def test_a_body_that_is_far_too_large_is_refused(cast, rex):
    assert rex.post(f"/t/{cast.rex.tenant.id}/children", new_company(name="x" * 2_000_000)).status_code == 413


def test_settings_change_the_name_and_what_those_below_see(cast, rex, services):
    url = f"/t/{cast.rex.tenant.id}/settings"
    fields = rex.page(url).fields()
    assert fields["shows_sender"] == "y"
    del fields["shows_sender"]

    done = rex.post(url, {**fields, "name": "Rex & Sons"})

    assert done.status_code == 303
    page = rex.page(tree(cast.rex.tenant))
    assert "Rex & Sons is saved." in page.text
    assert not services.tenants.lineage(cast.rex, cast.rex.tenant.id)[0].shows_sender


def test_two_people_editing_see_both_versions_and_may_then_decide(cast, rex, as_):
    url = f"/t/{cast.rex.tenant.id}/settings"
    mine = rex.page(url).fields()
    pia = as_(cast.pia)
    pia.post(url, {**pia.page(url).fields(), "name": "Pia's choice"})

    conflict = rex.post(url, {**mine, "name": "Rex's choice"}, headers={"HX-Request": "true"})

    assert conflict.status_code == 409
    assert "<html" in conflict.text  # it replaces the page, not the pop-up alone
    page = Page(conflict.text)
    assert "Somebody else changed this meanwhile." in page.text
    assert "Pia's choice" in page.text
    assert page.value("name") == "Rex's choice"
    assert rex.post(url, page.fields()).status_code == 303


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "\x00"}, 422),
        ({"name": "Otto Online"}, 422),
        ({"name": "x" * 300}, 422),
        ({"version": ""}, 409),
        ({"version": "abc"}, 409),
        ({"version": "12345678901234567890"}, 409),
        ({"version": "1" * 5000}, 409),
    ],
)
def test_bad_settings_are_refused_and_change_nothing(cast, rex, change, status):
    url = f"/t/{cast.rex.tenant.id}/settings"
    fields = rex.page(url).fields()

    assert rex.post(url, {**fields, **change}).status_code == status
    assert rex.page(url).fields()["name"] == "Rex Hosting"


def test_whoever_is_suspended_looks_but_changes_nothing(cast, rex, services):
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)

    page = rex.page(tree(cast.rex.tenant))
    assert "you can look at everything, but change nothing" in page.text
    assert "children/new" not in page.html
    for url in ("children", "settings", "invitations"):
        answer = rex.post(f"/t/{cast.rex.tenant.id}/{url}", new_company())
        assert answer.status_code == 403
        assert "suspended" in answer.text
    assert rex.post("/me/trials").status_code == 403


def test_the_tree_costs_the_same_few_queries_however_large_it_is(cast, rex, services, app):
    def queries():
        seen = []
        listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731 - an event wants a callable of its own
        event.listen(db.engine, "before_cursor_execute", listener)
        rex.page(tree(cast.rex.tenant))
        event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    few = queries()
    for number in range(20):
        services.tenants.create(cast.rex, cast.rex.tenant.id, kind="customer", name=f"Customer {number}")
    assert queries() == few


@pytest.mark.parametrize(
    ("wrong", "focused"),
    [({}, "kind-0"), ({"kind": "customer"}, "name"), (new_company(owner_email="x"), "owner_email")],
)
def test_the_cursor_stands_in_the_first_field_that_needs_another_look(cast, rex, wrong, focused):
    page = Page(rex.post(f"/t/{cast.rex.tenant.id}/children", wrong).text)

    assert [each["id"] for each in page.all("input") if "autofocus" in each] == [focused]


def test_companies_whose_mail_fails_are_marked_counted_and_found(cast, services, as_, mail_server):
    config = cast.active_config(cast.sue, **mail_server.typed("tls"))
    tree = f"/t/{cast.rex.tenant.id}/tree"
    assert "Needs attention" not in as_(cast.rex).get(tree).text
    for _ in range(MOST_FAILURES):
        with unit_of_work(SYSTEM) as session:
            services.checks.health.learn(session, config.id, config.version, Code.REFUSED)

    shown = as_(cast.rex).get(tree).text
    assert "1 company has a mail configuration that fails." in shown
    assert "Needs attention" in shown
    found = as_(cast.rex).get(f"{tree}?show=failing").text
    assert "Sue &amp; Partners" in found
    assert "Rex Hosting" in found  # whoever stands above a hit stays visible
    assert "Cal &amp; Co" not in found
    assert "Show all" in found
    assert "Needs attention" not in as_(cast.otto).get(f"/t/{cast.otto.tenant.id}/tree").text


def test_where_everything_works_the_filter_says_so(cast, as_):
    assert "works, or was not tried yet" in as_(cast.rex).get(f"/t/{cast.rex.tenant.id}/tree?show=failing").text


def test_staff_see_that_a_company_below_decided_for_itself_but_not_what_it_is_called(cast, services, as_):
    cast.active_config(cast.sue, name="Sue's secret relay")
    services.accounts.add(
        cast.rex.tenant.id, email="staff@demo.test", name="Staff", role=Role.STAFF, password=Secret(PASSWORD)
    )
    browser, url = as_(), f"/t/{cast.rex.tenant.id}/tree"
    browser.sign_in("staff@demo.test")

    assert "secret relay" in as_(cast.rex).page(url).text
    shown = browser.page(url).text
    assert "secret relay" not in shown
    assert "a configuration of its own" in shown


def test_staff_do_not_learn_from_a_filter_whose_mail_fails(cast, services, as_):
    config = cast.active_config(cast.sue)
    services.accounts.add(
        cast.rex.tenant.id, email="staff@demo.test", name="Staff", role=Role.STAFF, password=Secret(PASSWORD)
    )
    for _ in range(MOST_FAILURES):
        with unit_of_work(SYSTEM) as session:
            services.checks.health.learn(session, config.id, config.version, Code.REFUSED)
    staff = as_()
    staff.sign_in("staff@demo.test")

    for query in ("", "?show=failing"):
        shown = staff.page(f"/t/{cast.rex.tenant.id}/tree{query}").text
        assert "Needs attention" not in shown
        assert "fails." not in shown
    assert "works, or was not tried yet" in shown
    assert "Needs attention" in as_(cast.rex).page(f"/t/{cast.rex.tenant.id}/tree?show=failing").text
