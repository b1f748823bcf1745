"""Settings that are insecure are named, and those that are fine are not."""

from ipaddress import ip_network

import pytest

from portal.domain.secret import Secret
from portal.services.symptoms import choices
from portal.settings import Settings
from tests.fixtures_portal import settings_for

SAFE = {
    "production": True,
    "public_url": "https://portal.example",
    "trusted_proxies": 1,
    "egress_networks": (),
}
RELAY = {"PORTAL_MAIL_HOST": "relay.example", "PORTAL_MAIL_FROM": "portal@demo.test", "PORTAL_MAIL_ENCRYPTION": "none"}


def signs(folder, **changes):
    found = choices.look(settings_for(folder, **{**SAFE, **changes}))
    return {(each.sign.value, each.severity.name.lower()) for each in found}


def default_of(folder, **changes):
    return Settings.from_environ(RELAY | changes, folder).instance_default


def test_of_a_safe_installation_nothing_is_said(tmp_path):
    assert signs(tmp_path) == set()


@pytest.mark.asvs("12.3.3", "12.3.4", "13.2.1")
@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"production": False}, ("not-production", "warning")),
        ({"production": False, "demo": True}, ("demo", "warning")),
        ({"public_url": "http://portal.example"}, ("plain-url", "error")),
        ({"public_url": "https://127.0.0.1"}, ("loopback-url", "error")),
        ({"public_url": "https://[::1]:8443"}, ("loopback-url", "error")),
        ({"public_url": "https://localhost"}, ("loopback-url", "error")),
        ({"trusted_proxies": 0}, ("no-proxy", "warning")),
        ({"trusted_proxies": 5}, ("many-proxies", "warning")),
        ({"egress_networks": (ip_network("10.20.0.0/24"),)}, ("network-allowed", "note")),
        ({"egress_networks": (ip_network("10.0.0.0/8"),)}, ("network-risky", "warning")),
        ({"egress_networks": (ip_network("0.0.0.0/0"),)}, ("network-risky", "warning")),
        ({"egress_networks": (ip_network("127.0.0.1/32"),)}, ("network-risky", "warning")),
        ({"egress_networks": (ip_network("169.254.169.254/32"),)}, ("network-risky", "warning")),
        ({"egress_networks": (ip_network("::1/128"),)}, ("network-risky", "warning")),
        ({"egress_networks": (ip_network("fd00:1::/64"),)}, ("network-allowed", "note")),
        ({"egress_ports": frozenset({25, 10025})}, ("port-allowed", "note")),
        ({"egress_ports": frozenset({25, 6379})}, ("port-risky", "warning")),
        ({"cleartext_sign_in": True}, ("cleartext-sign-in", "warning")),
        ({"database_url": "postgresql+psycopg://u:p@db.example/portal"}, ("database-plain", "error")),
        ({"database_url": "postgresql+psycopg://u:p@10.1.2.3/portal?sslmode=prefer"}, ("database-plain", "error")),
        ({"database_url": "postgresql+psycopg:///portal?host=127.0.0.1,db.example"}, ("database-plain", "error")),
        (
            {"database_url": "postgresql+psycopg://db.example/portal?sslmode=require"},
            ("database-unverified", "warning"),
        ),
        ({"broker_url": Secret("redis://:pw@broker.example")}, ("broker-plain", "error")),
        ({"broker_url": Secret("amqp://u:pw@broker.example")}, ("broker-plain", "error")),
        ({"broker_url": Secret("rediss://broker.example")}, ("broker-open", "error")),
    ],
)
def test_what_is_insecure_is_named(tmp_path, changes, sign):
    found = signs(tmp_path, **changes)

    assert sign in found
    assert len(found - {("not-production", "warning")}) <= 1


@pytest.mark.parametrize(
    "changes",
    [
        {"database_url": "postgresql+psycopg://u:p@127.0.0.1/portal"},
        {"database_url": "postgresql+psycopg:///portal?host=/var/run/postgresql"},
        {"database_url": "postgresql+psycopg:///portal"},
        {"database_url": "postgresql+psycopg://db.example/portal?sslmode=verify-full"},
        {"broker_url": Secret("redis://127.0.0.1:6379/0")},
        {"broker_url": Secret("amqps://u:pw@broker.example")},
    ],
)
def test_what_stays_on_this_machine_or_is_verified_is_fine(tmp_path, changes):
    assert signs(tmp_path, **changes) == set()


def test_a_last_resort_in_clear_is_worse_with_a_password(tmp_path):
    account = {"PORTAL_MAIL_USERNAME": "portal", "PORTAL_MAIL_PASSWORD": "correct horse"}

    assert signs(tmp_path, instance_default=default_of(tmp_path)) == {("relay-plain", "warning")}
    assert signs(tmp_path, instance_default=default_of(tmp_path, **account)) == {("relay-plain", "error")}
    assert signs(tmp_path, instance_default=default_of(tmp_path, PORTAL_MAIL_HOST="127.0.0.1")) == set()
