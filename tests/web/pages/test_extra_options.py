"""Extra configurations: a closed list of options, a menu on the left, a value on the right, and Add."""

import pytest

from portal.domain.config_rules import judged, typed_of
from portal.domain.errors import InvalidError
from portal.domain.extra_options import ExtraOption, value_of, with_option
from portal.domain.mail_config import Encryption
from tests.cast import typed_config
from tests.certificates import authority_pem
from tests.page import Page, undo_in

PIN = "ab" * 32
VALUES = {
    ExtraOption.SSL: "Y",
    ExtraOption.TLS: "Y",
    ExtraOption.MECHANISM: "login",
    ExtraOption.HELO_NAME: "mail.example.test",
    ExtraOption.ENVELOPE_FROM: "bounces@example.test",
    ExtraOption.REPLY_TO: "answers@example.test",
    ExtraOption.TRUST: PIN,
    ExtraOption.PER_MINUTE: "30",
}


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


REMOVE = {
    ExtraOption.HELO_NAME: "Remove HELO name",
    ExtraOption.REPLY_TO: "Remove Reply-to address",
    ExtraOption.PER_MINUTE: "Remove Messages per minute",
}


def url_of(config):
    return f"/t/{config.tenant_id}/mail-configs/{config.id}/extras"


def add(browser, config, option, value, **more):
    page = browser.page(f"{url_of(config)}?option={option}")
    name = next(each for each in ("value", "text", "choice") if f'name="{each}"' in page.html)
    return browser.post(url_of(config), {**page.fields(), name: value, **more})


def draft_of(cast, config):
    return cast.services.mail_configs.get(cast.sue, config.tenant_id, config.id).draft


@pytest.mark.parametrize("option", list(ExtraOption))
def test_every_option_can_be_set_and_put_back(option):
    plain = judged(typed_config(encryption="none"))
    chosen = judged(with_option(typed_of(plain), option, VALUES[option]))
    back = judged(with_option(typed_of(chosen), option, ""))

    assert value_of(chosen, option) == VALUES[option]
    assert back == plain
    assert [each for each in ExtraOption if value_of(chosen, each)] == [option]


def test_a_certificate_is_a_private_authority_and_anything_else_a_fingerprint():
    pem = authority_pem()
    draft = judged(with_option(typed_config(), ExtraOption.TRUST, pem))

    assert draft.destination.trust.kind == "private_ca"
    with pytest.raises(InvalidError):
        judged(with_option(typed_config(), ExtraOption.TRUST, "neither"))


@pytest.mark.req("S2.11", "S2.12", "S2.13", "S2.16")
@pytest.mark.parametrize(
    ("option", "port", "method"), [("ssl", "465", Encryption.TLS), ("tls", "587", Encryption.STARTTLS)]
)
def test_the_type_is_chosen_on_the_left_and_set_to_y_on_the_right(cast, sue, option, port, method):
    config = cast.config(cast.sue, port=port, encryption="none")
    page = sue.page(url_of(config))
    assert "Port 465: choose SSL and set it to Y. Port 587: choose TLS and set it to Y." in page.text
    assert f"{url_of(config)}?option={option}" in [each.get("href") for each in page.all("a")]

    done = add(sue, config, option, "Y", password="open sesame")
    page = sue.page(done.location)
    assert f"Success: {option.upper()} is set." in page.text
    assert "set up for authenticated SMTP" in page.text
    assert draft_of(cast, config).destination.encryption is method


@pytest.mark.req("S2.17")
@pytest.mark.parametrize("option", list(REMOVE))
def test_options_that_do_not_move_the_password_are_added_changed_and_removed(cast, sue, option):
    config = cast.config(cast.sue)
    add(sue, config, option.value, VALUES[option])
    assert value_of(draft_of(cast, config), option) == VALUES[option]
    page = sue.page(url_of(config))
    assert REMOVE[option] in [each.get("aria-label") for each in page.all("button")]

    done = sue.post(url_of(config), {"option": option.value, "then": "remove", "version": page.value("version")})
    assert "was removed" in sue.page(done.location).text
    assert value_of(draft_of(cast, config), option) == ""
    assert cast.services.mail_configs.get(cast.sue, config.tenant_id, config.id).has_password


def test_an_option_of_the_destination_asks_for_the_password_again(cast, sue):
    config = cast.config(cast.sue)
    answer = add(sue, config, "mechanism", "login")

    assert answer.status_code == 422
    assert "The stored password belongs to the old destination." in Page(answer.text).text
    assert add(sue, config, "mechanism", "login", password="open sesame").status_code == 303


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("helo_name", "", "Type or choose a value."),
        ("helo_name", "not a domain", "Type a full domain name"),
        ("reply_to", "nobody", "Type one e-mail address"),
        ("trust", "nonsense", "64 characters"),
        ("per_minute", "many", "Type a whole number from 1 to 10000"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(cast, sue, option, value, sentence):
    config = cast.config(cast.sue)
    answer = add(sue, config, option, value)

    assert answer.status_code == 422
    assert sentence in Page(answer.text).text


def test_an_option_outside_of_the_list_does_not_exist(cast, sue):
    config = cast.config(cast.sue)

    assert sue.get(f"{url_of(config)}?option=transfer-encoding").status_code == 404
    assert sue.post(url_of(config), {"option": "verify", "value": "off"}).status_code == 404


def test_two_who_change_it_at_once_see_one_another(cast, sue):
    config = cast.config(cast.sue)
    version = sue.page(url_of(config)).value("version")
    add(sue, config, "helo_name", "one.example.test")
    answer = sue.post(url_of(config), {"option": "helo_name", "value": "two.example.test", "version": version})

    assert answer.status_code == 409
    assert draft_of(cast, config).helo_name == "one.example.test"


def test_what_the_editor_saves_keeps_the_pace(cast, sue):
    config = cast.config(cast.sue, per_minute="30")
    url = f"/t/{config.tenant_id}/mail-configs/{config.id}"
    sue.post(url, {**sue.page(url).fields(), "name": "Renamed"})

    assert (draft_of(cast, config).name, draft_of(cast, config).per_minute) == ("Renamed", 30)


def test_removing_an_option_is_undone_by_one_click(cast, sue):
    config = cast.config(cast.sue, helo_name="mail.example.test")
    page = sue.page(url_of(config))
    removed = {**page.fields(), "option": "helo_name", "then": "remove"}
    page = sue.page(sue.post(url_of(config), removed).location)
    assert draft_of(cast, config).helo_name == ""

    where, fields = undo_in(page)
    sue.post(where, fields)

    assert draft_of(cast, config).helo_name == "mail.example.test"


def test_setting_an_option_is_undone_and_what_binds_the_password_is_not(cast, sue):
    config = cast.config(cast.sue)
    page = sue.page(add(sue, config, ExtraOption.PER_MINUTE, "30").location)
    where, fields = undo_in(page)
    sue.page(sue.post(where, fields).location)
    assert draft_of(cast, config).per_minute == 0

    page = sue.page(add(sue, config, ExtraOption.MECHANISM, "login", password="open sesame").location)
    assert "is set." in page.text
    assert undo_in(page) is None
