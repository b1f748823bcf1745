"""Every way into the portal says who may use it, and all addresses are written alike."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import UnicodeConverter, UUIDConverter

from portal.web.proving import asks_for_proof
from tests.guards.routes import ways

# Words in an address that are no id of a row: an asset by its content, a proof of its own, a file of the demo.
WORDS = frozenset({"name", "token", "letter_id"})
KEBAB = re.compile(r"[a-z]+(-[a-z]+)*")
ENDPOINT = re.compile(r"[a-z]+(_[a-z]+)*\.(index|new|create|show|edit|update|delete|home)")


@pytest.fixture(params=[False, True], ids=["portal", "demo"])
def portal(request: pytest.FixtureRequest, make_portal: Callable[..., Flask]) -> Flask:
    return make_portal(demo=request.param)


@pytest.mark.asvs("8.1.1")
def test_every_way_in_says_who_may_use_it(portal):
    assert [way.name for way in ways(portal) if way.policy is None] == []


@pytest.mark.asvs("8.1.1")
def test_whoever_needs_no_permission_is_let_in_for_a_reason(portal):
    assert [way.name for way in ways(portal) if way.policy.permission is None and not way.policy.reason] == []


def test_a_permission_is_asked_for_exactly_where_the_address_names_the_company(portal):
    wrong = [way.name for way in ways(portal) if bool(way.policy.permission) != ("tenant_id" in way.ids)]

    assert wrong == []


def test_a_way_that_changes_something_never_needs_but_a_look(portal):
    changing = [way for way in ways(portal) if not way.is_safe and way.policy.permission]

    assert [way.name for way in changing if way.policy.permission.endswith(":view")] == []


def test_every_id_in_an_address_is_a_uuid(portal):
    kinds = {
        (way.rule.rule, name): type(converter)
        for way in ways(portal)
        for name, converter in way.rule._converters.items()
    }
    expected = {where: UnicodeConverter if where[1] in WORDS else UUIDConverter for where in kinds}

    assert kinds == expected


def test_addresses_are_lower_case_words_with_hyphens(portal):
    parts = {part for way in ways(portal) for part in way.rule.rule.split("/") if part and not part.startswith("<")}

    assert [part for part in parts if not KEBAB.fullmatch(part)] == []


def test_endpoints_are_a_noun_and_one_of_few_actions(portal):
    assert [way.rule.endpoint for way in ways(portal) if not ENDPOINT.fullmatch(way.rule.endpoint)] == []


def test_no_two_views_stand_at_the_same_address(portal):
    shapes = Counter((way.method, re.sub(r"<(\w+:)?\w+>", "<>", way.rule.rule)) for way in ways(portal))

    assert [shape for shape, views in shapes.items() if views > 1] == []


@pytest.mark.asvs("13.4.4")
def test_only_looking_and_sending_a_form_are_ways_in(portal):
    assert {way.method for way in ways(portal)} == {"GET", "POST"}


@pytest.mark.asvs("7.5.1")
def test_what_is_grave_asks_once_more_who_it_is(portal):
    """ASVS 7.5.1. Some only where it is grave: `portal/web/grave.py` says when."""
    asking = {way.rule.endpoint for way in ways(portal) if asks_for_proof(portal.view_functions[way.rule.endpoint])}

    assert asking == {
        "closures.create", "closures.new",
        "emails.edit", "emails.update",
        "invitations.create", "users.edit",
        "mail_configs.update", "mail_passwords.edit", "mail_passwords.update",
        "passwords.edit", "passwords.update",
        "recovery_codes.create", "recovery_codes.new",
        "second_factors.create", "second_factors.delete", "second_factors.edit", "second_factors.show", "second_factors.update",
        "sessions.delete", "sessions.update",
        "user_security.delete",
    }  # fmt: skip


def test_only_what_leads_to_a_second_factor_is_open_to_whoever_lacks_one(portal):
    found = {way.rule.endpoint for way in ways(portal) if way.policy.leads_to_one}

    assert found == {
        "proofs.create", "proofs.new", "sign_ins.delete",
        "second_factors.create", "second_factors.edit", "second_factors.new", "second_factors.update",
    }  # fmt: skip
