"""Every field of a configuration with its rule."""

import pytest

from portal.domain.config_rules import Typed, judged, password_problems
from portal.domain.errors import InvalidError
from portal.domain.secret import Secret
from tests.cast import typed_config


def problems(typed, **options):
    with pytest.raises(InvalidError) as refused:
        judged(typed, **options)
    return {problem.field: problem.code for problem in refused.value.problems}


@pytest.mark.req("S1.10", "S1.11", "S1.12", "S1.13", "S1.14", "S1.15", "S3.14", "S4.5", "S4.6", "S4.10")
def test_an_empty_form_names_every_field_that_has_to_be_filled():
    assert problems(Typed(port="", host="", name="", from_address="")) == {
        "name": "required",
        "host": "required",
        "port": "required",
        "from_address": "required",
        "username": "required",
    }


@pytest.mark.req("S4.11")
def test_what_is_left_empty_gets_a_visible_default():
    draft = judged(typed_config())

    assert (draft.charset, draft.from_name) == ("utf-8", "office@example.test")


def test_whoever_does_not_sign_in_needs_no_user_name():
    assert judged(typed_config(signs_in=False, username="")).destination.username == ""


def test_a_test_that_saves_nothing_needs_no_name():
    assert judged(typed_config(name=""), needs_name=False).name == ""


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("name", "Provider Default", "reserved"),
        ("name", "x" * 121, "too-long"),
        ("name", "a\0b", "bad-character"),
        ("name", "\ud800", "bad-character"),
        ("name", "gnp\u202e.exe", "bad-character"),
        ("host", "smtp.example.com:25", "not-a-host"),
        ("host", "\ud800.example", "not-a-host"),
        ("port", "0", "not-a-port"),
        ("port", "65536", "not-a-port"),
        ("port", "9" * 20, "not-a-port"),
        ("port", "²", "not-a-port"),
        ("port", "-1", "not-a-port"),
        ("from_address", "office", "not-an-address"),
        ("reply_to", "a@b, c@d", "not-an-address"),
        ("envelope_from", "\r\n", None),
        ("helo_name", "192.0.2.1", "not-a-domain"),
        ("encryption", "opportunistic", "not-offered"),
        ("charset", "utf-7", "not-offered"),
        ("misfit", "?", "not-offered"),
        ("mechanism", "cram-md5", "not-offered"),
        ("trust_kind", "off", "not-offered"),
    ],
)
def test_a_bad_value_is_named_at_its_field(field, text, code):
    if code is None:
        assert judged(typed_config(**{field: text}))
    else:
        assert problems(typed_config(**{field: text})) == {field: code}


@pytest.mark.parametrize(
    "pem", ["", "hello", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----", "x" * 70_000]
)
def test_a_private_authority_is_a_certificate(pem):
    assert problems(typed_config(trust_kind="private_ca", trust_pem=pem)) == {"trust_pem": "not-a-certificate"}


def test_a_pin_may_be_typed_with_colons():
    pinned = judged(typed_config(trust_kind="pin", trust_pin="AB:" * 31 + "AB")).destination.trust
    assert pinned.value == "ab" * 32
    assert problems(typed_config(trust_kind="pin", trust_pin="ab")) == {"trust_pin": "not-a-pin"}


@pytest.mark.asvs("2.2.3")
def test_consent_to_clear_text_means_something_only_without_encryption():
    assert judged(typed_config(cleartext_consent=True)).cleartext_consent is False
    assert judged(typed_config(cleartext_consent=True, encryption="none")).cleartext_consent is True


@pytest.mark.parametrize("text", [" abcd efgh ", "pä", "пароль", "a\tb"[:1]])
def test_a_mail_password_is_kept_byte_for_byte(text):
    assert password_problems(Secret(text)) == []


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "\x7f", "\udcff", "x" * 1001])
def test_a_mail_password_that_no_server_could_read_is_refused(text):
    assert password_problems(Secret(text))[0].field == "password"
