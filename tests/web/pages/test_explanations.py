"""Why a mail goes its way: the ladder, the answer, what would be if, as a page and as JSON."""

import pytest

from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Role
from portal.store import mail_configs
from portal.store.db import SYSTEM, unit_of_work


def url(tenant, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"/t/{tenant.id}/explanation{'?' + query if query else ''}"


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def linked(cast):
    """A configuration linked to Sue, and another one that her company uses."""
    office = cast.active_config(cast.sue, name="Office relay", from_address="office@sue.example", from_name="Office")
    private = cast.config(cast.sue, name="Sue's relay", from_address="sue@sue.example")
    cast.services.linked_configs.link_users(cast.sue, cast.sue.tenant.id, [cast.sue.user_id], private.id)
    return office, private


def test_the_answer_is_one_sentence_and_every_rung_has_its_standing(cast, sue, linked):
    page = sue.page(url(cast.sue.tenant, user=cast.sue.email, purpose="password-reset"))

    assert "Mail of Sue (Forgotten password) goes out through “Sue's relay” as sue@sue.example." in page.text
    assert "User Sue: linked configuration, used: “Sue's relay”" in page.text
    assert "Profile" not in page.text.split("As it is now")[1].split("User Sue")[0]
    assert "Sue & Partners (Active configuration): not asked any more" in page.text
    assert "Rex Hosting (Provider default): not asked any more" in page.text
    assert "Pia Cloud" not in page.text
    assert "The words are the portal's." in page.text


def test_without_a_user_the_company_itself_is_asked(cast, sue, linked):
    page = sue.page(url(cast.sue.tenant))

    assert "goes out through “Office relay” as Office <office@sue.example>." in page.text
    assert "User Sue" not in page.text


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        ({"unlinked": "user"}, "“Office relay”"),
        ({"unlinked": "user", "selected": "provider-default"}, "the Provider default"),
        ({"deleted": "private"}, "“Office relay”"),
        ({"selected": "private", "unlinked": "user"}, "“Sue's relay”"),
    ],
)
def test_what_would_be_is_said_beside_what_is_and_nothing_changes(cast, sue, linked, asked, way):
    cast.active_config(cast.rex, name="Rex's relay")
    ids = {"private": str(linked[1].id)}
    page = sue.page(
        url(cast.sue.tenant, user=cast.sue.email, **{key: ids.get(each, each) for key, each in asked.items()})
    )
    now, then = page.text.split("As it would be")

    assert "through “Sue's relay”" in now
    assert f"goes out through {way}" in then
    assert "through “Sue's relay”" in sue.page(url(cast.sue.tenant, user=cast.sue.email)).text


def test_a_way_that_cannot_be_taken_says_that_the_mail_waits(cast, sue, linked, services):
    _office, private = linked
    with unit_of_work(SYSTEM) as session:
        mail_configs.get_by_id(session, private.id).host = "elsewhere.example"
    page = sue.page(url(cast.sue.tenant, user=cast.sue.email))

    assert "It would wait all the same" in page.text
    assert "through “Sue's relay”" in page.text


def test_the_same_as_json_on_the_same_address(cast, sue, linked):
    answer = sue.client.get(
        url(cast.sue.tenant, user=cast.sue.user_id, unlinked="user"), headers={"Accept": "application/json"}
    ).json

    assert answer["now"]["configuration"] == "Sue's relay"
    assert answer["now"]["user"] == {"id": str(cast.sue.user_id), "name": "Sue", "email": "sue@demo.test"}
    assert [rung["standing"] for rung in answer["now"]["ladder"]] == [
        "passed-over",
        "taken",
        "not-reached",
        "not-reached",
        "not-reached",
    ]
    assert answer["then"]["configuration"] == "Office relay"
    assert answer["then"]["from"] == {"name": "Office", "address": "office@sue.example"}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_of_what_is_inherited_the_name_of_the_level_above_is_all_there_is(cast, sue, accept):
    cast.active_config(cast.pia, name="Secret relay", host="hidden.example", from_address="hidden@pia.example")
    text = sue.client.get(url(cast.sue.tenant, user=cast.sue.email), headers={"Accept": accept}).text

    assert "Rex Hosting" in text
    for hidden in ("Secret relay", "hidden.example", "Pia Cloud"):
        assert hidden not in text


def test_whoever_owns_what_is_above_sees_it_by_name(cast, as_):
    cast.active_config(cast.pia, name="Cloud relay", from_address="noreply@pia.example")
    text = as_(cast.pia).page(url(cast.sue.tenant, user=cast.sue.email)).text

    assert "through “Cloud relay” as noreply@pia.example" in text
    assert "Pia Cloud: active configuration, used" in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"user": "otto@demo.test"}, "Nobody here has this address."),
        ({"user": "nobody"}, "Nobody here has this address."),
        ({"sender": "no address"}, "That is not an e-mail address."),
    ],
)
def test_what_cannot_be_found_is_said_at_its_field(cast, sue, asked, said):
    answer = sue.client.get(url(cast.sue.tenant, **asked))
    as_json = sue.client.get(url(cast.sue.tenant, **asked), headers={"Accept": "application/json"})

    assert answer.status_code == as_json.status_code == 422
    assert said in answer.text
    assert [said] in as_json.json["errors"].values()


@pytest.mark.parametrize("asked", ["user", "selected", "deleted"])
def test_ids_of_another_company_are_ids_of_nobody(cast, sue, asked):
    foreign = {"user": cast.otto.user_id}.get(asked) or cast.config(cast.otto).id

    assert sue.client.get(url(cast.sue.tenant, **{asked: foreign})).status_code == 404


def test_a_disabled_person_is_sent_no_mail_that_leads_in(cast, sue, linked, services):
    staff = cast.services.accounts.add(
        cast.sue.tenant.id, email="staff@demo.test", name="Staff", role=Role.STAFF, password=None
    )
    services.users.disable(cast.sue, cast.sue.tenant.id, [staff.id])

    assert "Staff is disabled, so this mail (Forgotten password) is not sent." in (
        sue.page(url(cast.sue.tenant, user=staff.id, purpose="password-reset")).text
    )


def test_a_mail_in_the_log_leads_to_the_same_question(cast, sue, linked, services):
    message_id, _ = services.sending.send(
        tenant_id=cast.sue.tenant.id,
        to=(Mailbox("cal@demo.test"),),
        content=Outgoing("Hello", "A line."),
        user_id=cast.sue.user_id,
    )
    page = sue.page(f"/t/{cast.sue.tenant.id}/mail-log/{message_id}")
    link = next(each["href"] for each in page.all("a") if "/explanation" in (each.get("href") or ""))

    assert "Mail of Sue (Message) goes out through" in sue.page(link.replace("&amp;", "&")).text
