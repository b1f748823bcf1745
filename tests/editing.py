"""Knows how somebody fills in the editor of a configuration: what the page offers, and what is typed over it."""

from portal.domain.ids import TenantId
from tests.mail_server import GOOD_PASSWORD, MailServer
from tests.page import Browser, Page

# A list's address in one word, because every test starts there.
LIST = "/t/{}/mail-configs"


def list_url(tenant_id: TenantId, query: str = "") -> str:
    return LIST.format(tenant_id) + query


def new_url(tenant_id: TenantId, query: str = "") -> str:
    return f"{list_url(tenant_id)}/new{query}"


def filled(page: Page, **typed: object) -> dict[str, object]:
    """What the form would send after `typed` was typed over it; None unticks a box."""
    fields = {**page.fields(), **typed}
    return {name: value for name, value in fields.items() if value is not None}


def new_config(browser: Browser, tenant_id: TenantId, **typed: object) -> dict[str, object]:
    """A new configuration as somebody types it: what is there already, a few fields, a password."""
    usual = {
        "name": "Office relay",
        "from_address": "office@sue.example",
        "host": "smtp.sue.example",
        "password": GOOD_PASSWORD,
    }
    return filled(browser.page(new_url(tenant_id)), **{**usual, **typed})


def through(mail_server: MailServer, door: str = "starttls") -> dict[str, object]:
    """The fields that lead to one of the doors of the test's mail server."""
    typed = mail_server.typed(door)
    return {
        "host": typed["host"],
        "port": typed["port"],
        "use_ssl": None if door == "none" else "y",
        # Implicit TLS on a port other than 465 is chosen under Advanced.
        "encryption": "tls" if door == "tls" else "",
        "signs_in": "y" if typed["signs_in"] else None,
        "trust_kind": typed.get("trust_kind", "system"),
        "trust_pem": typed.get("trust_pem", ""),
    }


def toast_of(page: Page) -> str:
    """What the green box says."""
    assert '<div class="toast" role="status"' in page.html, "no green toast"
    return Page(page.html.split('class="toast"')[1].split("</p>")[0] + "</p>").text.removeprefix("role=").strip()
