"""In whose name a mail travels."""

from dataclasses import replace

import pytest

from portal.domain.config_rules import judged
from portal.domain.errors import InvalidError
from portal.domain.outgoing import Mailbox
from portal.domain.sender import effective_domains, judged_domains, signed
from tests.cast import typed_config

DRAFT = judged(typed_config(from_name="Office"))
OURS = Mailbox("office@example.test", "Office")
TEMPLATE = Mailbox("billing@example.test", "Billing")


def test_without_a_wish_the_configuration_signs_and_bounces_go_to_it():
    signature = signed(DRAFT, wanted=None, reply_to=None, inherited=False)

    assert (signature.sender, signature.envelope, signature.reply_to) == (OURS, "office@example.test", None)


def test_a_templates_sender_takes_the_place_of_ones_own():
    signature = signed(DRAFT, wanted=TEMPLATE, reply_to=None, inherited=False)

    assert signature.sender == TEMPLATE
    assert not signature.moved


def test_over_an_inherited_configuration_it_becomes_reply_to():
    signature = signed(DRAFT, wanted=TEMPLATE, reply_to=None, inherited=True)

    assert (signature.sender, signature.reply_to, signature.moved) == (OURS, TEMPLATE, True)


def test_bounces_can_go_elsewhere():
    draft = replace(DRAFT, envelope_from="bounces@example.test", reply_to="desk@example.test")

    signature = signed(draft, wanted=None, reply_to=None, inherited=False)

    assert (signature.envelope, signature.reply_to) == ("bounces@example.test", Mailbox("desk@example.test"))


def test_a_name_that_only_repeats_the_address_is_left_out():
    signature = signed(judged(typed_config(from_name="")), wanted=None, reply_to=None, inherited=False)

    assert signature.sender == Mailbox("office@example.test")


def test_over_an_inherited_configuration_an_allowed_domain_is_enough():
    signature = signed(DRAFT, wanted=TEMPLATE, reply_to=None, inherited=True, allowed={"example.test"})

    assert (signature.sender, signature.reply_to) == (TEMPLATE, None)
    assert signature.notes == ("sender-name-from-template", "sender-address-from-template")


@pytest.mark.req("S3.18", "S3.19")
def test_name_and_address_override_each_by_itself():
    name = signed(DRAFT, wanted=Mailbox("", "Billing"), reply_to=None, inherited=False)
    address = signed(DRAFT, wanted=Mailbox("billing@example.test"), reply_to=None, inherited=False)

    assert (name.sender, name.notes) == (Mailbox("office@example.test", "Billing"), ("sender-name-from-template",))
    assert address.sender == Mailbox("billing@example.test", "Office")
    assert address.notes == ("sender-address-from-template",)


def test_a_name_alone_signs_over_an_inherited_configuration_only_for_an_allowed_domain():
    wanted = Mailbox("", "Pia Cloud")

    refused = signed(DRAFT, wanted=wanted, reply_to=None, inherited=True, allowed={"other.test"})
    allowed = signed(DRAFT, wanted=wanted, reply_to=None, inherited=True, allowed={"example.test"})

    assert (refused.sender, refused.reply_to, refused.notes) == (OURS, None, ("sender-name-not-allowed",))
    assert allowed.sender == Mailbox("office@example.test", "Pia Cloud")


def test_domains_are_kept_in_their_one_spelling_and_once():
    typed = ["Example.Test", "", " @example.test. ", "grüße.example"]

    assert judged_domains(typed, within=None) == ("example.test", "xn--gre-6ka8l.example")


@pytest.mark.parametrize(
    ("lines", "within", "code"),
    [
        (["office@example.test"], None, "not-a-domain"),
        (["test"], None, "not-a-domain"),
        (["*.example.test"], None, "not-a-domain"),
        (["192.0.2.1"], None, "not-a-domain"),
        (["other.test"], {"example.test"}, "beyond-parent"),
        (["mail.example.test"], {"example.test"}, "beyond-parent"),
        ([f"a{number}.test" for number in range(51)], None, "too-many"),
    ],
)
def test_a_list_names_real_domains_that_the_parent_allows(lines, within, code):
    with pytest.raises(InvalidError) as refused:
        judged_domains(lines, within=within)

    assert [problem.code for problem in refused.value.problems] == [code]


def test_what_counts_is_what_everyone_on_the_path_allows():
    assert effective_domains([["a.test", "b.test"], ["b.test", "c.test"], ["b.test"]]) == {"b.test"}
    assert effective_domains([["a.test"], []]) == frozenset()
    assert effective_domains([]) == frozenset()
