"""The operator lists the names that companies ask for, approves them and takes them away from the command line."""

import pytest


@pytest.fixture
def asked(cast, services):
    return services.brand_hosts.ask(cast.rex, cast.rex.tenant.id, "mail.rex.example")


def test_a_name_is_listed_approved_and_taken_away(typed, asked, services):
    before = typed("hosts", "list").output
    approved = typed("hosts", "approve", "Mail.Rex.Example").output
    listed, served = typed("hosts", "list").output, typed("hosts", "list", "--served").output
    refused = typed("hosts", "refuse", str(asked.id)).output

    assert before == f"waits      mail.rex.example  (Rex Hosting)  {asked.id}\n"
    assert approved == "The portal answers to mail.rex.example now.\n"
    assert (listed[:6], served) == ("in use", "mail.rex.example\n")
    assert refused == "The portal does not answer to mail.rex.example.\n"
    assert typed("hosts", "list").output == ""


def test_what_nobody_asked_for_is_refused_in_one_line(refused, asked):
    assert refused("hosts", "approve", "evil.example").startswith("Nobody asked for “evil.example”.")


def test_a_name_that_several_ask_for_is_named_by_its_id(refused, typed, asked, cast, services):
    other = services.brand_hosts.ask(cast.otto, cast.otto.tenant.id, "mail.rex.example")

    assert refused("hosts", "approve", "mail.rex.example").startswith("Several companies ask for this name.")
    typed("hosts", "approve", str(asked.id))
    assert refused("hosts", "approve", str(other.id)) == "Rex Hosting has this name. Take it away there first."


def test_the_doctor_says_that_a_name_waits(typed, asked):
    assert "Names of companies that wait for you: 1." in typed("doctor").output
