"""What is sealed opens only where it belongs."""

from dataclasses import replace

import pytest

from portal.domain.ids import ConfigId, MessageId, TenantId, new_id
from portal.domain.mail_config import Destination, Encryption, Mechanism
from portal.domain.secret import Secret
from portal.vault.keyring import KeyRing
from portal.vault.vault import SealBrokenError, Vault

TENANT, NEIGHBOUR = TenantId(new_id()), TenantId(new_id())
CONFIG = ConfigId(new_id())
HOME = Destination("smtp.example.test", 587, Encryption.STARTTLS, "office@example.test")
PASSWORD = Secret("pä55 wörd ")
OLD, NEW = ("2025", b"o" * 32), ("2026", b"n" * 32)


@pytest.fixture
def vault():
    return Vault(KeyRing((NEW, OLD)))


@pytest.fixture
def wrapped(vault):
    return vault.new_tenant_key(TENANT)


@pytest.fixture
def own(vault, wrapped):
    return vault.for_tenant(TENANT, wrapped)


def test_a_key_that_was_unwrapped_stands_for_those_very_bytes_and_no_others(vault, wrapped, own):
    assert own.is_of(TENANT, wrapped)
    assert not own.is_of(NEIGHBOUR, wrapped)
    assert not own.is_of(TENANT, vault.rewrap(TENANT, wrapped))
    assert not own.is_of(TENANT, b""), "a shredded key is nobody's"


def test_a_password_comes_back_byte_for_byte(own):
    sealed = own.seal_password(PASSWORD, CONFIG, HOME)

    assert own.open_password(sealed, CONFIG, HOME).reveal() == PASSWORD.reveal()
    assert b"p\xc3\xa4" not in sealed


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"host": "evil.example.test"},
        {"port": 465},
        {"encryption": Encryption.NONE},
        {"username": "root"},
        {"mechanism": Mechanism.LOGIN},
    ],
)
def test_it_does_not_open_for_another_destination(own, elsewhere):
    sealed = own.seal_password(PASSWORD, CONFIG, HOME)

    with pytest.raises(SealBrokenError):
        own.open_password(sealed, CONFIG, replace(HOME, **elsewhere))


def test_it_does_not_open_in_another_configuration(own):
    with pytest.raises(SealBrokenError):
        own.open_password(own.seal_password(PASSWORD, CONFIG, HOME), ConfigId(new_id()), HOME)


def test_a_neighbour_cannot_use_a_key_that_was_copied_to_him(vault, wrapped):
    with pytest.raises(SealBrokenError):
        vault.for_tenant(NEIGHBOUR, wrapped)


def test_every_tenant_has_a_key_of_its_own(vault, own):
    sealed = own.seal_password(PASSWORD, CONFIG, HOME)
    other = vault.for_tenant(NEIGHBOUR, vault.new_tenant_key(NEIGHBOUR))

    with pytest.raises(SealBrokenError):
        other.open_password(sealed, CONFIG, HOME)


def test_a_mail_is_no_password(own):
    sealed = own.seal_content(b"hello", MessageId(CONFIG))

    assert own.open_content(sealed, MessageId(CONFIG)) == b"hello"
    with pytest.raises(SealBrokenError):
        own.open_password(sealed, CONFIG, HOME)


@pytest.mark.asvs("11.3.3")
def test_any_flipped_bit_is_noticed(own):
    sealed = own.seal_content(b"hello", MessageId(CONFIG))

    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(SealBrokenError):
            own.open_content(bytes(broken), MessageId(CONFIG))


@pytest.mark.asvs("11.2.2")
def test_an_older_key_of_the_ring_still_opens(own):
    before = Vault(KeyRing((OLD,)))
    wrapped = before.new_tenant_key(TENANT)

    assert Vault(KeyRing((NEW, OLD))).for_tenant(TENANT, wrapped)
    with pytest.raises(SealBrokenError):
        Vault(KeyRing((NEW,))).for_tenant(TENANT, wrapped)


def test_a_shredded_key_opens_nothing(vault):
    with pytest.raises(SealBrokenError):
        vault.for_tenant(TENANT, b"")


def test_no_key_shows_in_a_repr(vault, own):
    assert "n" * 8 not in repr(vault)
    assert repr(own) == f"TenantVault({TENANT})"
