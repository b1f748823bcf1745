"""The list of configurations and its editor, through the HTML alone."""

import re
from uuid import UUID

import pytest

from portal.domain.config_rules import judged
from portal.domain.mail_config import Encryption
from portal.domain.secret import Secret
from portal.settings import InstanceDefault
from portal.store.db import db
from tests.cast import plant, typed_config
from tests.editing import filled, list_url, new_config, new_url, toast_of
from tests.page import Browser, Page

# An id that nothing has; a fixed one, so that every process collects the same tests.
NOBODY = UUID("00000000-0000-4000-8000-000000000000")

NOBODYS = "6f1c1f52-6a0e-4a41-9d5e-0d7f3f0f7a11"
REQUIRED = ("name", "from_address", "host", "port", "username", "password")


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def here(cast):
    return cast.sue.tenant.id


def configs_of(cast):
    configs, own = cast.services.mail_configs, cast.sue.tenant.id
    return [configs.get(cast.sue, own, line.config.id) for line in configs.overview(cast.sue, own).lines]


def wrong_fields(answer):
    return {each["name"] for _, each in Page(answer.text).tags if each.get("aria-invalid") == "true"}


@pytest.mark.req("S1.1", "S3.1", "S4.4")
def test_the_menu_leads_to_the_list_and_the_list_says_where_it_stands(cast, sue, here):
    page = sue.page(list_url(here))

    assert f'class="nav__link" href="{list_url(here)}" aria-current="page"' in page.html
    crumbs = Page(page.html.split('aria-label="Breadcrumb"')[1].split("</nav>")[0]).text
    assert crumbs.endswith("Settings Mail configuration")


@pytest.mark.req("S1.2", "S1.5", "S1.8")
def test_a_sub_reseller_sees_one_radio_per_choice_with_the_provider_default_on_top(cast, sue, here):
    cast.config(cast.sue, name="Second")
    active = cast.active_config(cast.sue)

    radios = sue.page(list_url(here)).all("input", type="radio")

    assert [each["aria-label"] for each in radios] == ["Use Provider default", "Use Office relay", "Use Second"]
    assert [each["value"] for each in radios if "checked" in each] == [str(active.id)]


@pytest.mark.req("S3.13")
def test_the_provider_default_is_locked_and_names_the_direct_parent_and_its_sender(cast, sue, here):
    cast.active_config(cast.pia, host="secret-host.test", from_address="noreply@pia.test", username="secret-user")

    page = sue.page(list_url(here))

    assert '<tr class="locked' in page.html
    assert 'aria-label="Read-only"' in page.html
    assert "from Rex Hosting · changes when they change it" in page.text
    assert "noreply@pia.test" in page.text
    assert "secret" not in page.html


@pytest.mark.req("S1.28", "S3.4")
def test_the_root_has_no_provider_default_and_can_start_at_once(cast, as_):
    page = as_(cast.pia).page(list_url(cast.pia.tenant.id))

    assert page.all("input", type="radio") == []
    assert "Provider default" not in page.text
    assert "Send yourself a test mail, right from the form." in page.text
    assert f'href="{new_url(cast.pia.tenant.id)}" data-dialog' in page.html


def test_the_root_is_told_that_mail_is_held_until_something_is_selected(cast, as_):
    config = cast.config(cast.pia)
    pia = as_(cast.pia)

    assert "Mail is held" in pia.page(list_url(cast.pia.tenant.id)).text
    cast.services.mail_configs.select(cast.pia, config.tenant_id, config.id)
    assert "Mail is held" not in pia.page(list_url(cast.pia.tenant.id)).text


def test_the_roots_top_row_is_the_instance_default_where_the_deployment_has_one(make_portal):
    draft = judged(typed_config(host="smtp.deployment.test"))
    app = make_portal(instance_default=InstanceDefault(draft, Secret("open sesame")))
    with app.app_context():
        pia = plant(app.extensions["portal.services"]).pia
        page = Browser.of(app, pia).page(list_url(pia.tenant.id))
        db.engine.dispose()

    assert [each["aria-label"] for each in page.all("input", type="radio")] == ["Use Instance default"]
    assert "from the deployment's environment" in page.text
    assert "smtp.deployment.test" not in page.html


@pytest.mark.req("S1.3", "S3.6", "S3.10")
def test_the_icons_stand_above_the_filter_box_and_each_has_its_word(sue, here):
    page = sue.page(list_url(here))

    toolbar = page.html.split('class="toolbar ')[1].split("</form>")[0]
    places = [toolbar.index(word) for word in ("Add config", "Send test", "Delete", 'type="search"')]
    assert places == sorted(places)
    assert toolbar.count("<use href=") >= 3


@pytest.mark.req("S3.7")
@pytest.mark.parametrize(
    ("words", "found"), [("OFFICE", ["Office relay"]), ("bulk.test 465", ["Bulk"]), ("nobody", [])]
)
def test_the_filter_narrows_the_list_by_name_sender_and_server(cast, sue, here, words, found):
    cast.config(cast.sue)
    cast.config(cast.sue, name="Bulk", host="bulk.test", port="465", from_address="news@example.test")

    page = sue.page(list_url(here, f"?q={words}"))

    radios = [each["aria-label"].removeprefix("Use ") for each in page.all("input", type="radio")]
    assert radios == found


@pytest.mark.req("S3.5", "S3.11")
def test_marking_a_row_lets_the_icons_act_on_it_and_its_name_opens_that_record(cast, sue, here):
    cast.active_config(cast.sue)
    other = cast.config(cast.sue, name="Second", host="second.test")

    page = sue.page(list_url(here, f"?select={other.id}"))

    assert re.search(r'table__row--marked">\s*<td class="table__pick">.*?Use Second', page.html)
    assert f'/mail-configs/{other.id}/deletion" data-dialog="" aria-describedby="marked"' in page.html
    assert page.all("button", form="row", name="config")[0]["value"] == str(other.id)
    assert sue.page(list_url(here, f"/{other.id}")).value("host") == "second.test"


@pytest.mark.req("S1.4", "S1.25", "S3.23")
def test_a_click_on_the_name_opens_the_editor_with_everything_but_the_password(cast, sue, here):
    config = cast.config(cast.sue, password="canary-7391", from_name="Sue's office", charset="koi8-r")
    link = next(
        each for each in sue.page(list_url(here)).all("a", class_="table__name") if str(config.id) in each["href"]
    )

    page = sue.page(link["href"])

    assert "data-dialog" in link
    assert "Edit SMTP Settings" in page.text
    fields = page.fields()
    assert {name: fields[name] for name in ("name", "host", "port", "from_address", "charset", "password")} == {
        "name": "Office relay", "host": "smtp.example.test", "port": "587",
        "from_address": "office@example.test", "charset": "koi8-r", "password": "",
    }  # fmt: skip
    assert "A password is stored. Leave empty to keep it." in page.text
    assert "canary-7391" not in page.html


@pytest.mark.req("S1.9", "S3.22")
def test_adding_and_editing_are_one_form_in_a_pop_up_and_as_a_page(cast, sue, here):
    config = cast.config(cast.sue)
    add, edit = new_url(here), list_url(here, f"/{config.id}")

    assert set(sue.page(add).fields()) - {"trust_pem"} == set(sue.page(edit).fields()) - {"trust_pem"}
    for url, heading in ((add, "Add SMTP Settings"), (edit, "Edit SMTP Settings")):
        popup = sue.get(url, headers={"HX-Request": "true"}).text
        assert f'<h2 class="dialog__title" id="dialog-title">{heading}</h2>' in popup
        assert "<html" not in popup
        assert f'<h1 class="dialog__title" id="dialog-title">{heading}</h1>' in sue.get(url).text


@pytest.mark.req("S4.14", "S2.18")
def test_the_form_is_split_in_what_is_required_and_what_is_optional(sue, here):
    page = sue.page(new_url(here))

    groups = [Page(f"<p>{text}</p>").text for text in re.findall(r"<legend>(.*?)</legend>", page.html, re.DOTALL)]
    assert groups == ["Required", "Server", "Sign-in", "Message optional"]
    assert "Advanced extra configurations, optional" in page.text


@pytest.mark.req("S1.10", "S3.12")
def test_what_is_required_has_a_red_edge_and_the_word_and_empty_fields_come_back_with_a_sentence(cast, sue, here):
    page = sue.page(new_url(here))
    cued = re.findall(r'field--required[^>]*>.*?<label[^>]*for="(\w+)".*?>required<', page.html, re.DOTALL)

    answer = sue.post(list_url(here), filled(page, port="", same_as_sender=None))

    assert set(REQUIRED) <= set(cued)
    assert answer.status_code == 422
    assert wrong_fields(answer) == {"name", "from_address", "host", "port", "username"}
    assert configs_of(cast) == []


@pytest.mark.req(
    "S1.11", "S1.12", "S1.13", "S1.14", "S3.16", "S3.17", "S3.20", "S3.21", "S4.5", "S4.7", "S4.10", "S4.11"
)
def test_every_typed_field_is_saved(cast, sue, here):
    typed = {"from_name": "Sue's office", "reply_to": "answers@sue.example", "port": "2525", "username": "sue-smtp", "same_as_sender": None,
             "envelope_from": "bounces@sue.example", "helo_name": "mail.sue.example", "mechanism": "login", "misfit": "strict"}  # fmt: skip

    answer = sue.post(list_url(here), new_config(sue, here, **typed))

    assert answer.status_code == 303
    [config] = configs_of(cast)
    draft, place = config.draft, config.draft.destination
    assert (draft.name, draft.from_address, draft.from_name) == ("Office relay", "office@sue.example", "Sue's office")
    assert (place.host, place.port, place.username, place.mechanism) == ("smtp.sue.example", 2525, "sue-smtp", "login")
    assert (draft.reply_to, draft.envelope_from, draft.helo_name) == (
        "answers@sue.example", "bounces@sue.example", "mail.sue.example",
    )  # fmt: skip
    assert (draft.misfit, config.has_password) == ("strict", True)


def test_the_user_name_is_the_sender_unless_another_one_is_typed(cast, sue, here):
    sue.post(list_url(here), new_config(sue, here))
    sue.post(list_url(here), new_config(sue, here, name="Second", username="sue-smtp"))

    assert [each.draft.destination.username for each in configs_of(cast)] == ["office@sue.example", "sue-smtp"]


@pytest.mark.req("S1.18", "S3.15", "S4.12", "S4.13")
@pytest.mark.parametrize(
    ("typed", "encryption"),
    [
        ({"port": "465"}, Encryption.TLS),
        ({"port": "587"}, Encryption.STARTTLS),
        ({"port": "25", "use_ssl": None}, Encryption.NONE),
        ({"port": "465", "encryption": "starttls"}, Encryption.STARTTLS),
        ({"port": "587", "encryption": "tls"}, Encryption.TLS),
        ({"port": "587", "encryption": "none"}, Encryption.NONE),
        ({"port": "587", "use_ssl": None, "encryption": "starttls"}, Encryption.STARTTLS),
    ],
)
def test_use_ssl_means_what_the_port_says_unless_a_method_is_chosen(cast, sue, here, typed, encryption):
    sue.post(list_url(here), new_config(sue, here, **typed))

    assert [each.draft.destination.encryption for each in configs_of(cast)] == [encryption]


@pytest.mark.parametrize(
    ("stored", "moved", "becomes"),
    [("tls", {"use_ssl": None}, "none"), ("tls", {}, "tls"), ("none", {"use_ssl": "y"}, "starttls")],
)
def test_without_scripts_the_switch_can_be_moved_on_a_saved_configuration(cast, sue, stored, moved, becomes):
    config = cast.config(cast.sue, encryption=stored)
    url = list_url(config.tenant_id, f"/{config.id}")

    answer = sue.post(url, filled(sue.page(url), password="open sesame", **moved))

    assert answer.status_code == 303
    assert configs_of(cast)[0].draft.destination.encryption == becomes


@pytest.mark.req("S1.17")
def test_the_encoding_is_chosen_from_a_list_that_shows_each_at_work(cast, sue, here):
    page = sue.page(new_url(here))
    sue.post(list_url(here), new_config(sue, here, charset="iso-8859-2"))

    assert page.fields()["charset"] == "utf-8"
    assert 'data-sample="Příliš žluťoučký kůň, Łódź, Győr" value="iso-8859-2"' in page.html
    assert configs_of(cast)[0].draft.charset == "iso-8859-2"


@pytest.mark.req("S4.6", "S4.8", "S4.9", "S1.23")
def test_the_form_explains_ports_server_type_versions_and_authorization_codes(sue, here):
    page = sue.page(new_url(here))

    assert "Usual ports: 25 · unencrypted, 465 · SSL/TLS, 587 · STARTTLS, 2525 · alternative" in page.text
    assert re.search(
        r'<select[^>]*name="server_type"[^>]*><option selected value="smtp">SMTP</option></select>', page.html
    )
    assert "authorization code" in page.text
    assert "The version of SSL/TLS is agreed on with the server." in page.text
    assert "Such as smtp.example.com." in page.text


@pytest.mark.req("S1.21", "S1.22")
def test_saving_a_new_one_does_not_select_it_and_says_what_is_left_to_do(cast, sue, here):
    answer = sue.post(list_url(here), new_config(sue, here))

    page = sue.page(answer.location)
    assert "Saved. Select it in the list to use it." in toast_of(page)
    assert [each["value"] for each in page.all("input", type="radio") if "checked" in each] == ["provider-default"]


def test_save_and_use_saves_and_selects(cast, sue, here):
    answer = sue.post(list_url(here), new_config(sue, here, then="use"))

    page = sue.page(answer.location)
    assert "Success: now using “Office relay”" in toast_of(page)
    assert [each["value"] for each in page.all("input", type="radio") if "checked" in each] == [
        str(configs_of(cast)[0].id)
    ]


@pytest.mark.req("S3.14")
def test_a_name_that_is_taken_is_refused_at_the_field_and_everything_typed_is_kept_but_the_password(cast, sue, here):
    cast.config(cast.sue)

    answer = sue.post(
        list_url(here), new_config(sue, here, name="office RELAY", charset="koi8-r", password="canary-7391")
    )

    page = Page(answer.text)
    assert answer.status_code == 422
    assert "This name is already in use here." in page.text
    assert [each["name"] for tag, each in page.tags if "autofocus" in each] == ["name"]
    assert (page.fields()["host"], page.fields()["charset"]) == ("smtp.sue.example", "koi8-r")
    assert "canary-7391" not in answer.text
    assert "Type the password again: it is never sent back to a page." in page.text


def test_a_pop_up_is_told_of_trouble_in_place_and_of_success_where_to_go(sue, here):
    popup = {"HX-Request": "true"}
    trouble = sue.post(list_url(here), new_config(sue, here, host="not a host"), headers=popup)
    success = sue.post(list_url(here), new_config(sue, here), headers=popup)

    assert (trouble.status_code, "<html" in trouble.text) == (422, False)
    assert (success.status_code, success.text) == (204, "")
    assert success.headers["HX-Redirect"].startswith(list_url(here, "?select="))


def test_an_empty_password_keeps_the_stored_one_until_the_destination_changes(cast, sue, here):
    config = cast.config(cast.sue)
    url = list_url(here, f"/{config.id}")

    kept = sue.post(url, filled(sue.page(url), from_name="New"))
    moved = sue.post(url, filled(sue.page(url), host="elsewhere.test"))

    assert (kept.status_code, moved.status_code) == (303, 422)
    assert wrong_fields(moved) == {"password"}
    assert "belongs to the old destination" in Page(moved.text).text
    assert configs_of(cast)[0].draft.destination.host == "smtp.example.test"


def test_of_two_people_the_second_sees_both_versions_and_can_keep_either(cast, as_, sue, here):
    config = cast.config(cast.sue)
    url = list_url(here, f"/{config.id}")
    mine = filled(sue.page(url), reply_to="mine@sue.example", charset="koi8-r")
    rex = as_(cast.rex)
    rex.post(url, filled(rex.page(url), reply_to="theirs@rex.example"))

    answer = sue.post(url, mine)

    page = Page(answer.text)
    assert answer.status_code == 409
    assert all(text in page.text for text in ("theirs@rex.example", "mine@sue.example", "koi8-r", "utf-8"))
    assert "Server address" not in page.text
    assert configs_of(cast)[0].draft.reply_to == "theirs@rex.example"
    assert sue.post(url, page.fields()).status_code == 303
    assert (configs_of(cast)[0].draft.reply_to, configs_of(cast)[0].draft.charset) == ("mine@sue.example", "koi8-r")


def test_sending_the_same_new_form_twice_saves_it_once(cast, sue, here):
    typed = new_config(sue, here, password="", signs_in=None)

    answers = [sue.post(list_url(here), typed).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len(configs_of(cast)) == 1


def test_a_second_different_form_under_the_same_id_is_a_conflict_and_changes_nothing(cast, sue, here):
    typed = new_config(sue, here)
    sue.post(list_url(here), typed)

    answer = sue.post(list_url(here), {**typed, "from_name": "Another"})

    assert answer.status_code == 409
    assert [each.draft.from_name for each in configs_of(cast)] == ["office@sue.example"]


@pytest.mark.req("S1.7")
def test_nothing_that_sue_can_send_reaches_the_configuration_behind_her_provider_default(cast, sue, here):
    config = cast.active_config(cast.pia)
    typed = new_config(sue, here)
    forged = {**typed, "config_id": str(config.id), "version": "1"}

    answers = [
        sue.get(list_url(here, f"/{config.id}")),
        sue.post(list_url(here, f"/{config.id}"), forged),
        sue.post(list_url(here), forged),
        sue.post(list_url(here, f"/{config.id}/deletion")),
        sue.post(list_url(here, f"/{config.id}/trials"), {**forged, "verb": "send"}),
        sue.post(f"/t/{here}/selection", {"config": str(config.id)}),
        sue.post(f"/t/{here}/trials", {"config": str(config.id), "verb": "send"}),
        sue.get(list_url(cast.pia.tenant.id, f"/{config.id}")),
    ]

    assert [each.status_code for each in answers] == [404] * len(answers)
    assert sue.post(list_url(here, "/provider-default"), forged).status_code == 405
    assert cast.services.mail_configs.get(cast.pia, config.tenant_id, config.id) == config


def test_an_owner_above_may_edit_and_one_beside_sees_nothing(cast, as_, here):
    config = cast.config(cast.sue)

    for path in ("", "/new", f"/{config.id}", f"/{config.id}/deletion", "/provider-default"):
        assert as_(cast.rex).get(list_url(here, path)).status_code == 200
        assert as_(cast.otto).get(list_url(here, path)).status_code == 404


BAD = [
    ({"name": "\x00"}, 422), ({"name": "x" * 121}, 422), ({"name": "Provider Default"}, 422), ({"name": "\u202eevil"}, 422),
    ({"port": "9" * 20}, 422), ({"port": "-1"}, 422), ({"port": "५८७"}, 422), ({"host": "a" * 300 + ".test"}, 422),
    ({"host": "\x00"}, 422), ({"host": "[::1]:25"}, 422), ({"charset": "utf-7"}, 422), ({"encryption": "rot13"}, 422),
    ({"misfit": "?"}, 422), ({"mechanism": "?"}, 422), ({"trust_kind": "?"}, 422), ({"server_type": "pigeon"}, 422),
    ({"trust_kind": "private_ca", "trust_pem": "no"}, 422), ({"trust_kind": "pin", "trust_pin": "zz"}, 422),
    ({"password": "a\x00b"}, 422), ({"password": "x" * 1001}, 422), ({"from_address": "a@b@c.test"}, 422),
    ({"reply_to": "x\r\nBcc: y@z.test"}, 422), ({"helo_name": "a b"}, 422), ({"envelope_from": "\ufffe"}, 422),
    ({"config_id": "no uuid"}, 404), ({"config_id": ""}, 404), ({"trial": "no uuid"}, 404), ({"name": "x" * 1_100_000}, 413),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "status"), BAD, ids=lambda value: str(value)[:40])
def test_bad_input_is_refused_and_changes_nothing(cast, sue, here, typed, status):
    answer = sue.post(list_url(here), new_config(sue, here, **typed))

    assert answer.status_code == status
    assert configs_of(cast) == []
    if status == 422:
        assert wrong_fields(answer) == {next(reversed(typed))}


@pytest.mark.parametrize("raw", [b"name=%ED%A0%80&host=%FF", b"=&&&", b"name=a&name=b&port=1%002", b"\x00\xff\xfe"])
def test_bytes_that_are_no_text_are_refused_like_any_other_input(cast, sue, here, raw):
    page = sue.page(new_url(here))
    body = b"csrf_token=%s&config_id=%s&" % (page.value("csrf_token").encode(), page.value("config_id").encode())

    answer = sue.client.post(list_url(here), data=body + raw, content_type="application/x-www-form-urlencoded")

    assert answer.status_code in {400, 422}
    assert configs_of(cast) == []


@pytest.mark.parametrize(
    "query", ["?select=%00", "?select=no", "?q=%ED%A0%80", "?q=" + "x" * 5000, f"?select={NOBODY}"]
)
def test_whatever_stands_in_the_address_the_list_is_shown(sue, here, query):
    assert sue.get(list_url(here, query)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/new?trial=no", f"/new?trial={NOBODY}", "/no-uuid", f"/{NOBODY}", f"/{NOBODY}?trial=no"]
)
def test_addresses_that_lead_nowhere_are_not_found(sue, here, path):
    assert sue.get(list_url(here, path)).status_code == 404


def test_after_a_mistake_switch_and_method_say_the_same_again(cast, sue):
    config = cast.config(cast.sue, encryption="tls")
    url = list_url(config.tenant_id, f"/{config.id}")

    page = Page(sue.post(url, filled(sue.page(url), use_ssl=None, host="")).text)

    assert (page.fields().get("use_ssl"), page.fields()["encryption"], page.fields()["method_shown"]) == (None, "", "")
    typed = filled(page, host="smtp.example.test", password="open sesame")
    assert sue.post(url, typed).status_code == 303
    assert configs_of(cast)[0].draft.destination.encryption == Encryption.NONE
