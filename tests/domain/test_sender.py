"""In whose name a mail travels."""

from dataclasses import replace

from portal.domain.config_rules import judged
from portal.domain.outgoing import Mailbox
from portal.domain.sender import signed
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
