"""The command line explains which way a mail goes, for people and for programs."""

import json

import pytest

from portal.domain.roles import Role


@pytest.fixture
def relay(cast):
    return cast.active_config(cast.rex, name="Rex's relay", from_address="noreply@rex.example", from_name="Rex")


def test_the_ladder_and_the_sender_are_told_with_every_name(typed, cast, relay):
    assert typed("explain", "sue@demo.test").output.splitlines() == [
        "  – no configuration was named",
        "  – no configuration is linked to Sue",
        "  – the user is in no profile",
        "  – Sue & Partners has no active configuration of its own",
        "  → the active configuration of Rex Hosting: “Rex's relay”",
        "  · not asked any more: Pia Cloud",
        "  · not asked any more: the portal's configuration of last resort",
        "From: Rex <noreply@rex.example>",
    ]


def test_programs_get_the_same_as_json(typed, cast, relay):
    told = json.loads(typed("explain", "SUE@demo.test", "--purpose", "password-reset", "--json").output)

    assert (told["user"]["name"], told["purpose"], told["state"]) == ("Sue", "password-reset", "ok")
    assert told["configuration"] == "Rex's relay"
    assert [rung["standing"] for rung in told["ladder"]].count("taken") == 1


def test_a_company_can_be_asked_about_and_a_mail_that_brings_its_own_sender(typed, cast, relay):
    lines = typed("explain", "--tenant", "pia cloud/rex hosting", "--sender", "me@other.example").output.splitlines()

    assert lines[-1] == "From: Rex <me@other.example>"
    assert not any("Sue" in line for line in lines)


def test_mail_that_waits_says_so(typed, cast, services):
    assert typed("explain", "sue@demo.test").output.splitlines()[-1].startswith("Nothing applies")
    cast.active_config(cast.sue)
    services.tenants.suspend(cast.rex, cast.sue.tenant.id)
    assert typed("explain", "sue@demo.test").output.splitlines()[-1] == "It waits: tenant.suspended"
    services.tenants.resume(cast.rex, cast.sue.tenant.id)
    new = services.accounts.add(cast.sue.tenant.id, email="new@demo.test", name="New", role=Role.STAFF, password=None)
    services.users.disable(cast.sue, cast.sue.tenant.id, [new.id])
    assert typed("explain", "new@demo.test", "--purpose", "invitation").output.splitlines()[-1] == (
        "It is not sent: this person is disabled."
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody@demo.test",), "Nobody has the address “nobody@demo.test”."),
        ((), "Say whose mail: an e-mail address, or --tenant."),
        (("sue@demo.test", "--sender", "x"), "The sender is not an e-mail address."),
        (("--tenant", "x"), "There is no company “x”. See: flask --app wsgi portal tenants"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(refused, cast, words, said):
    assert refused("explain", *words) == said
