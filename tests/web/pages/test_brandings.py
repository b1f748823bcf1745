"""The page of a brand: what is set, what comes from above and from whom, how it looks, and the names that go with it."""

import io

import pytest

from portal.domain.branding import TypedBranding
from portal.domain.roles import Role
from portal.domain.secret import Secret
from tests.cast import PASSWORD
from tests.domain.test_pictures import png
from tests.page import Page

LOGO = png(64, 32) + b"and the rest of it"


@pytest.fixture
def rexes(cast):
    return f"/t/{cast.rex.tenant.id}/branding"


@pytest.fixture
def sues(cast):
    return f"/t/{cast.sue.tenant.id}/branding"


def typed(browser, url, **changes):
    return {**browser.page(url).fields(), **changes}


def a_file(content, name="logo.png"):
    return io.BytesIO(content), name


def test_a_brand_is_set_and_shows_at_once_on_every_page(as_, cast, rexes):
    rex = as_(cast.rex)
    answer = rex.post(rexes, typed(rex, rexes, product="RexMail", accent="#a04", support="help@rex.example"))
    page = rex.page(rexes)

    assert (answer.status_code, answer.location) == (303, rexes)
    assert "The brand is saved." in page.text
    assert "RexMail</title>" in page.html
    assert (page.value("product"), page.value("accent"), page.value("version")) == ("RexMail", "#aa0044", "1")
    assert "RexMail" in as_(cast.cal).page("/me/mail").text
    assert "RexMail" not in as_(cast.otto).page("/me/mail").text


def test_what_comes_from_above_is_shown_read_only_with_the_name_of_the_company_directly_above(
    as_, cast, services, sues
):
    services.brandings.change(
        cast.pia, cast.pia.tenant.id, TypedBranding(product="Pia Portal", accent="#2f5bd8", logo=LOGO), version=0
    )
    page = as_(cast.sue).page(sues)
    told = [each["aria-label"] for each in page.all("div") if "locked" in each.get("class", "").split()]

    assert told == ["Name of the portal", "Colour", "Logo"]
    assert page.text.count("set by Rex Hosting") == 3
    assert "Pia Cloud" not in page.text


def test_what_cannot_be_used_is_told_at_its_field_and_nothing_is_kept(as_, cast, services, rexes):
    rex = as_(cast.rex)
    wrong = typed(rex, rexes, accent="#ffe066", imprint="http://rex.example", support="nobody", logo=a_file(b"<svg/>"))
    answer = rex.post(rexes, wrong, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert [each.get("id") for each in Page(answer.text).all("p") if "field__error" in each.get("class", "")] == [
        "accent-error", "logo-error", "support-error", "imprint-error",
    ]  # fmt: skip
    assert "its contrast on white is 1.3 to 1" in Page(answer.text).text
    assert services.brandings.get(cast.rex, cast.rex.tenant.id).version == 0


def test_a_preview_shows_what_was_typed_and_keeps_nothing(as_, cast, services, rexes):
    rex = as_(cast.rex)
    answer = rex.post(rexes, typed(rex, rexes, product="Trial Mail", accent="#a04", preview="1"))
    page = Page(answer.text)

    assert (answer.status_code, "Nothing is saved yet." in page.text) == (200, True)
    assert page.text.count("Trial Mail") == 2
    style = page.all("link", rel="stylesheet")[-1]["href"]
    assert "preview-aa0044-" in style
    assert rex.get(style).text.startswith("@layer base {\n  .branding__preview {")
    assert services.brandings.get(cast.rex, cast.rex.tenant.id).version == 0


def test_whoever_comes_second_sees_it_and_can_still_save(as_, cast, services, rexes):
    rex = as_(cast.rex)
    form = typed(rex, rexes, product="Second")
    services.brandings.change(cast.pia, cast.rex.tenant.id, TypedBranding(product="First"), version=0)
    answer = rex.post(rexes, form)
    page = Page(answer.text)

    assert (answer.status_code, "Somebody else changed this meanwhile." in page.text) == (409, True)
    assert page.value("product") == "Second"
    assert rex.post(rexes, page.fields()).status_code == 303


def test_a_logo_is_served_as_a_picture_that_does_nothing_and_is_kept_by_the_browser_alone(as_, cast, rexes):
    rex = as_(cast.rex)
    rex.post(rexes, typed(rex, rexes, logo=a_file(LOGO, "../../evil.svg")), content_type="multipart/form-data")
    url = rex.page("/me/mail").all("img")[0]["src"]
    answer = rex.get(url)

    assert (answer.status_code, answer.data, answer.content_type) == (200, LOGO, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    seen = {name: as_(getattr(cast, name)).get(url).status_code for name in ("pia", "sue", "cal", "otto")}
    assert seen == {"pia": 200, "sue": 200, "cal": 200, "otto": 404}
    assert as_().get(url).status_code == 404


def test_a_logo_stays_until_it_is_taken_away(as_, cast, services, rexes):
    rex = as_(cast.rex)
    rex.post(rexes, typed(rex, rexes, logo=a_file(LOGO)), content_type="multipart/form-data")
    rex.post(rexes, typed(rex, rexes, product="RexMail"))
    kept = services.brandings.get(cast.rex, cast.rex.tenant.id).own.logo
    rex.post(rexes, typed(rex, rexes, without_logo="y"))

    assert kept is not None
    assert services.brandings.get(cast.rex, cast.rex.tenant.id).own.logo is None


def test_everything_is_inherited_again_after_a_question(as_, cast, services, rexes):
    services.brandings.change(cast.rex, cast.rex.tenant.id, TypedBranding(product="RexMail"), version=0)
    rex = as_(cast.rex)
    asked = rex.page(f"{rexes}/reset")
    answer = rex.post(f"{rexes}/reset", asked.fields())

    assert "called Relaytree, as at Pia Cloud." in asked.text
    assert answer.status_code == 303
    assert "RexMail" not in rex.page(rexes).text


def test_whoever_may_only_look_sees_no_form(as_, cast, services, sues):
    user = services.accounts.add(
        cast.sue.tenant.id, email="staff@demo.test", name="Staff", role=Role.STAFF, password=Secret(PASSWORD)
    )
    staff = as_(user)
    forms = [staff.page(sues).all("input", name=name) for name in ("product", "host_name")]
    services.tenants.suspend(cast.rex, cast.sue.tenant.id)
    forms += [as_(cast.sue).page(sues).all("input", name=name) for name in ("product", "host_name")]

    assert forms == [[], [], [], []]
    assert staff.post(sues, {"product": "Sneaky"}).status_code == 403


def test_a_name_is_asked_for_approved_by_the_operator_and_given_up(as_, cast, rexes):
    rex, pia = as_(cast.rex), as_(cast.pia)
    hosts = f"/t/{cast.rex.tenant.id}/brand-hosts"
    refused = rex.post(hosts, {"host_name": "192.0.2.7"})
    asked = rex.post(hosts, {"host_name": "Mail.Rex.Example"})
    waiting = rex.page(rexes)
    listed = pia.page("/brand-hosts")
    approve = next(each["formaction"] for each in listed.all("button") if "approval" in each.get("formaction", ""))
    approved = pia.post(approve)
    served = rex.page(rexes)
    give_up = next(each["href"] for each in served.all("a") if "/removal" in each["href"])

    assert (refused.status_code, asked.status_code, approved.status_code) == (422, 303, 303)
    assert "Type a full domain name" in Page(refused.text).text
    assert "asked, no answer yet" in waiting.text
    assert "waits for you" in listed.text
    assert "mail.rex.example in use" in served.text
    assert "stops answering" in rex.page(give_up).text
    assert rex.post(give_up).status_code == 303
    assert "mail.rex.example" not in rex.page(rexes).text.replace("mail.rex.example is given up.", "")


def test_the_operator_is_told_who_has_a_name_already(as_, cast, services):
    for person in (cast.rex, cast.otto):
        services.brand_hosts.ask(person, person.tenant.id, "mail.example.com")
    pia = as_(cast.pia)
    approvals = [
        each["formaction"]
        for each in pia.page("/brand-hosts").all("button")
        if "approval" in each.get("formaction", "")
    ]
    first, second = (pia.post(url) for url in approvals)

    assert (first.status_code, second.status_code) == (303, 422)
    assert "has this name. Take it away there first." in Page(second.text).text
    assert as_(cast.rex).get("/brand-hosts").status_code == 404


def test_before_a_move_the_names_that_are_looked_at_again_are_told(as_, cast, services):
    host = services.brand_hosts.ask(cast.sue, cast.sue.tenant.id, "mail.sue.example")
    services.brand_hosts.approve(None, host.id)
    page = as_(cast.pia).page(f"/t/{cast.sue.tenant.id}/moving?parent={cast.otto.tenant.id}")

    assert "Brand hosts that the operator looks at again mail.sue.example" in page.text


@pytest.mark.req("S1.33")
def test_a_reseller_finds_brand_names_companies_people_and_billing_in_the_menu(as_, cast, rexes):
    page = as_(cast.rex).page(rexes)
    menu = {each["href"].rpartition("/")[2] for each in page.all("a", class_="nav__link")}
    contacts = as_(cast.rex).page(f"/t/{cast.rex.tenant.id}/contacts")

    assert {"branding", "tree", "people", "contacts", "mail-templates"} <= menu
    assert page.all("input", name="host_name")
    assert "No contacts yet" in contacts.text
    assert as_(cast.rex).get(f"/t/{cast.rex.tenant.id}/invoices").status_code == 200
