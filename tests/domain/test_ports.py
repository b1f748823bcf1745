"""A port and a method that usually do not go together are worth a word, and one click."""

import pytest

from portal.domain.mail_config import Encryption
from portal.domain.ports import USUAL_PORTS, mended, port_in
from portal.domain.providers import PROVIDERS

NONE, STARTTLS, TLS = Encryption.NONE, Encryption.STARTTLS, Encryption.TLS


@pytest.mark.parametrize(
    ("port", "method", "instead"),
    [
        (465, TLS, None), (465, STARTTLS, TLS), (465, NONE, TLS),
        (587, STARTTLS, None), (587, TLS, STARTTLS), (587, NONE, STARTTLS),
        (2525, STARTTLS, None), (2525, TLS, STARTTLS), (2525, NONE, None),
        (25, NONE, None), (25, STARTTLS, None), (25, TLS, STARTTLS),
    ],
)  # fmt: skip
@pytest.mark.req("S4.6", "S2.14", "S2.15")
def test_each_usual_port_knows_its_method(port, method, instead):
    assert mended(port, method) is instead


@pytest.mark.parametrize("method", list(Encryption))
def test_of_any_other_port_nothing_is_known(method):
    assert mended(1025, method) is None


@pytest.mark.parametrize("port", USUAL_PORTS)
def test_mending_never_takes_encryption_away_and_is_mended_once(port):
    for method in (STARTTLS, TLS):
        if instead := mended(port, method):
            assert instead is not NONE
            assert mended(port, instead) is None


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_no_preset_is_warned_of(provider):
    assert mended(provider.port, provider.encryption) is None


@pytest.mark.parametrize(("text", "port"), [(" 465 ", 465), ("", 0), ("x", 0), ("46５", 0), ("123456", 0), ("-1", 0)])
def test_a_port_is_read_as_it_was_typed(text, port):
    assert port_in(text) == port
