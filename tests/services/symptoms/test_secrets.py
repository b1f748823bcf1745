"""Keys that are easy to guess, shared, missing or left over are named, and none of them is shown."""

from hashlib import sha256

import pytest

from portal.domain.secret import Secret
from portal.services.keys import KeyUse
from portal.services.symptoms import secrets
from tests.fixtures_portal import settings_for

STRONG, OTHER = sha256(b"one").digest(), sha256(b"other").digest()
GOOD = "Zr8KqV3nWx1Tf6LmYb0HsPd9Jc4GuE7oAi5XtNj2"
SAFE = {"secret_key": Secret(GOOD), "key_ring": (("new", STRONG), ("old", OTHER))}


def signs(folder, **changes):
    found = secrets.look(settings_for(folder, **{**SAFE, **changes}))
    return [(each.sign.value, each.severity.name.lower()) for each in found]


def test_good_keys_are_not_spoken_of(tmp_path):
    assert signs(tmp_path, metrics_token=Secret(GOOD[::-1])) == []


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"secret_key": Secret("short")}, ("secret-key-weak", "error")),
        ({"secret_key": Secret("s" * 48)}, ("secret-key-weak", "error")),
        ({"key_ring": (("new", bytes(32)), ("old", OTHER))}, ("key-weak", "error")),
        ({"key_ring": (("new", STRONG), ("old", bytes(32)))}, ("older-key-weak", "warning")),
        ({"metrics_token": Secret("letmein")}, ("token-weak", "warning")),
        ({"metrics_token": Secret(GOOD)}, ("shared-secret", "error")),
        ({"secret_key": Secret(STRONG.hex())}, ("shared-secret", "error")),
        ({"key_ring": (("new", STRONG), ("old", STRONG))}, ("shared-secret", "error")),
    ],
)
def test_what_is_weak_is_named(tmp_path, changes, sign):
    assert signs(tmp_path, **changes) == [sign]


def test_keys_that_are_missing_to_be_moved_from_or_left_over_are_named():
    uses = [
        KeyUse("new", 3, is_current=True, in_ring=True),
        KeyUse("old", 2, is_current=False, in_ring=True),
        KeyUse("older", 0, is_current=False, in_ring=True),
        KeyUse("lost", 1, is_current=False, in_ring=False),
    ]
    found = [(each.sign.value, each.severity.name.lower(), each.values["name"]) for each in secrets.needs(uses)]

    assert found == [
        ("key-to-rotate", "warning", "old"),
        ("key-unused", "note", "older"),
        ("key-missing", "error", "lost"),
    ]
