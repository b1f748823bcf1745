"""What may be typed as a server address, and its one spelling."""

import pytest

from portal.domain.hosts import canonical_domain, canonical_host


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("SMTP.Example.COM.", "smtp.example.com"),
        (" smtp.example.com ", "smtp.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("localhost", "localhost"),
    ],
)
@pytest.mark.req("S1.12", "S2.7", "S3.16", "S4.5")
def test_a_name_or_an_address_has_one_spelling(typed, canonical):
    assert canonical_host(typed) == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "", ".", "a..b", "-a.example", "a_b.example", "smtp example", "smtp.example.com:25", "[::1]", "fe80::1%eth0",
        "0x7f.1", "2130706433", "127.1", "1.2.3.256", "１２７.０.０.１", "127。0。0。1", "127．0.0.1", "127.0.0｡1", "93。184。216。34",
        "127.0.0.1\0.example.com", "a" * 64 + ".example",
        ("a" * 60 + ".") * 5 + "example", "user@example.com", "http://example.com", "ex\u202eample.com",
    ],
)  # fmt: skip
def test_whatever_only_a_resolver_would_understand_is_refused(typed):
    with pytest.raises(ValueError):
        canonical_host(typed)


def test_an_address_is_no_domain():
    with pytest.raises(ValueError):
        canonical_domain("192.0.2.1")
