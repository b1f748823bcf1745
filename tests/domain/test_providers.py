"""Providers are data that somebody looks at again from time to time."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.hosts import canonical_host
from portal.domain.mail_config import Encryption, proposed_encryption
from portal.domain.providers import (
    PROVIDERS,
    STALE_AFTER,
    domain_of,
    find_by_address,
    find_by_name,
    find_provider,
)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_is_complete_and_was_looked_at(provider):
    assert all(canonical_host(host) == host for host in provider.hosts if not host.startswith("."))
    assert provider.encryption is not Encryption.NONE
    assert provider.encryption is proposed_encryption(use_ssl=True, port=provider.port)
    assert provider.reviewed <= datetime.now(UTC).date()


def test_names_and_servers_stand_for_one_provider_each():
    assert len({provider.name for provider in PROVIDERS}) == len(PROVIDERS)
    assert len({host for provider in PROVIDERS for host in provider.hosts}) == sum(
        len(each.hosts) for each in PROVIDERS
    )


@pytest.mark.parametrize("host", ["smtp.gmail.com", "SMTP.Gmail.com.", " smtp.gmail.com "])
def test_a_server_is_recognised_however_it_is_typed(host):
    assert find_provider(host).name == "Gmail, Google Workspace"


@pytest.mark.parametrize("host", ["", "gmail.com", "smtp.gmail.com.evil.test", "evil-smtp.gmail.com"])
def test_a_server_that_only_looks_alike_is_nobodys(host):
    assert find_provider(host) is None


def test_an_old_entry_asks_to_be_looked_at_again():
    provider = find_by_name("Fastmail")

    assert not provider.is_stale(provider.reviewed + STALE_AFTER)
    assert provider.is_stale(provider.reviewed + STALE_AFTER + timedelta(days=1))
    assert find_by_name("Nobody's Mail") is None


@pytest.mark.parametrize(
    ("address", "name", "host"),
    [
        ("sue@gmail.com", "Gmail, Google Workspace", "smtp.gmail.com"),
        (" Sue@GoogleMail.com. ", "Gmail, Google Workspace", "smtp.gmail.com"),
        ("sue@gmx.de", "GMX", "mail.gmx.net"),
        ("sue@gmx.com", "GMX", "mail.gmx.com"),
        ("sue@yandex.ru", "Yandex Mail", "smtp.yandex.ru"),
    ],
)
def test_the_senders_domain_tells_the_provider_and_its_server(address, name, host):
    provider = find_by_address(address)

    assert (provider.name, provider.host_for(domain_of(address))) == (name, host)


@pytest.mark.parametrize("address", ["", "sue", "sue@", "sue@sue.example", "sue@mail.gmail.com", "sue@notgmail.com"])
def test_an_address_of_nobody_known_suggests_nothing(address):
    assert find_by_address(address) is None


def test_a_domain_is_one_providers():
    domains = [domain for provider in PROVIDERS for domain in provider.domains]

    assert len(domains) == len(set(domains))
    assert all(find_by_address(f"sue@{domain}") for domain in domains)
