"""Help is one page, made of the same rules that explain a failed test."""

import pytest

from portal.domain.diagnosis import Code
from portal.domain.providers import PROVIDERS, STALE_AFTER
from portal.web.sentences import outcome
from tests.editing import new_url


@pytest.mark.req("S2.3", "S2.8", "S3.25", "S4.18", "S4.20")
def test_the_page_tells_troubles_ports_providers_and_icons(cast, as_, app):
    page = as_(cast.cal).page("/help")

    for text in (
        "Verify the exact values with your e-mail provider",
        "check server address, port, user name and password",
        "a firewall on the way",
        "authorization code (app password)",
        "25 · unencrypted",
        "465 · SSL/TLS",
        "587 · STARTTLS",
        "smtp.gmail.com",
        "Read-only: set at the level above",
        "Provider default stands on top",
        "Tick several people to change them at once.",
    ):
        assert text in page.text
    with app.test_request_context():
        for code in (Code.REFUSED, Code.TLS_MISSING, Code.AUTH_REJECTED, Code.RECIPIENT_REJECTED, Code.UNKNOWN):
            assert outcome(code).short in page.text
    targets = {each["href"] for each in page.all("a") if (each["href"] or "").startswith("#")}
    assert {"#mail-configs", "#security", "#troubleshooting", "#ports", "#providers", "#icons"} <= targets
    assert {f"#{each['id']}" for each in page.all("section") if each.get("id")} == targets - {"#main"}


@pytest.mark.parametrize(
    ("path", "anchor"),
    [
        ("mail-configs", "mail-configs"),
        ("explanation", "mail-configs"),
        ("people", "users"),
        ("profiles/new", "profiles"),
        ("suspension", "tenants"),
        ("/me/preferences", "my-mail"),
        ("/me/password", "security"),
        ("/queue", "queue"),
    ],
)
def test_every_page_leads_to_what_help_says_of_it(cast, as_, path, anchor):
    below = f"/t/{cast.pia.tenant.id}" if path != "suspension" else f"/t/{cast.rex.tenant.id}"
    page = as_(cast.pia).page(path if path.startswith("/") else f"{below}/{path}")

    assert page.all("a", href=f"/help#{anchor}")
    assert as_(cast.pia).page("/help").all("section", id=anchor)


def test_help_speaks_of_the_demo_only_where_there_is_one(cast, as_):
    assert as_(cast.sue).page("/help").all("section", id="demo-mailbox") == []


def test_old_advice_asks_to_be_checked(cast, as_, clock):
    clock.now = clock.now.replace(year=PROVIDERS[0].reviewed.year)
    clock.forward(days=STALE_AFTER.days + 400)

    assert "please check with the provider" in as_(cast.sue).page("/help").text


def test_nobody_reads_it_who_is_not_signed_in(as_):
    assert as_().get("/help").location.startswith("/sign-in")


@pytest.mark.req("S4.8")
def test_a_well_known_server_is_filled_in_and_says_what_it_wants_as_a_password(cast, as_):
    page = as_(cast.sue).page(new_url(cast.sue.tenant.id, "?preset=QQ+Mail"))

    assert (page.value("host"), page.value("port")) == ("smtp.qq.com", "465")
    assert "Authorization code" in page.text
    assert "switch on SMTP in the mailbox settings" in page.text
