"""The conversation needs no socket: replies go in, commands come out."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Encryption
from portal.domain.secret import Secret
from portal.mail.conversation import Conversation
from portal.mail.exchange import WireError
from portal.mail.redaction import Redactor
from portal.mail.replies import Reply
from tests.wire import PASSWORD, server_at, to

_REPLIES = st.builds(
    Reply,
    st.sampled_from(
        [220, 221, 235, 250, 251, 252, 334, 354, 421, 432, 450, 454, 500, 502, 504, 530, 534, 535, 550, 552]
    ),
    st.sampled_from(["", "2.0.0", "5.3.4", "5.2.2"]),
    st.lists(
        st.sampled_from(
            [
                "mail.example.test",
                "STARTTLS",
                "AUTH PLAIN LOGIN",
                "AUTH=LOGIN",
                "SIZE 9",
                "SIZE x",
                "SMTPUTF8",
                "",
                "\0",
            ]
        ),
        min_size=1,
        max_size=6,
    ).map(tuple),
)


def conversation(encryption=Encryption.NONE, **changes):
    return Conversation(server_at(587, encryption, **changes), Secret(PASSWORD), redactor=Redactor())


def carry(exchange, *replies):
    """Feed the replies to an exchange: the commands it wrote, and its result."""
    said = []
    answers = iter(replies)
    try:
        command = next(exchange)
        while True:
            said.append(command.line)
            command = exchange.send(next(answers))
    except StopIteration as end:
        return said, end.value


def test_an_exchange_is_commands_out_and_replies_in():
    talk = conversation()

    assert carry(talk.greeting(), Reply(220, "", ("hello",))) == ([b""], "220 hello")
    said, _ = carry(talk.hello(Step.GREET), Reply(250, "", ("mail.example.test", "SIZE 1000")))
    assert said == [b"EHLO portal.example.test\r\n"]
    said, words = carry(talk.mail(to(size=7)), Reply(250, "", ("fine",)))
    assert (said, words) == ([b"MAIL FROM:<rex@demo.test> SIZE=7\r\n"], "250 fine")


def test_keywords_are_read_without_regard_to_case_and_twice_offered_ones_add_up():
    talk = conversation(cleartext=True)
    carry(talk.hello(Step.GREET), Reply(250, "", ("mail.example.test", "auth login", "AUTH=PLAIN", "size 5")))

    said, mechanism = carry(talk.sign_in(), Reply(235, "", ("welcome",)))
    assert mechanism == "plain"
    assert said[0].startswith(b"AUTH PLAIN ")
    with pytest.raises(WireError) as caught:
        carry(talk.mail(to(size=6)))
    assert caught.value.code is Code.TOO_LARGE


@given(
    st.sampled_from(list(Encryption)),
    st.lists(
        st.tuples(
            st.sampled_from(["hello", "start_tls", "secured", "sign_in", "mail", "recipients", "data", "dot"]),
            st.lists(_REPLIES, max_size=5),
        ),
        max_size=12,
    ),
)
def test_no_order_of_replies_draws_the_password_out_in_clear(encryption, turns):
    talk = conversation(encryption)
    encrypted = False
    arguments = {"hello": (Step.GREET,), "mail": (to(),), "recipients": (to("sue@demo.test", "cal@demo.test"),)}
    for name, replies in turns:
        if name == "secured":
            talk.secured()
            encrypted = True
            continue
        said = []
        with contextlib.suppress(WireError, RuntimeError):
            said, _ = carry(_recording(getattr(talk, name)(*arguments.get(name, ())), said), *replies)
        assert encrypted or not any(line.startswith(b"AUTH") for line in said)
        assert all(line == b"" or (line.endswith(b"\r\n") and line.count(b"\r\n") == 1) for line in said)


def _recording(exchange, said):
    """The same exchange, its lines noted even when it ends with an error."""
    command = next(exchange)
    while True:
        said.append(command.line)
        try:
            command = exchange.send((yield command))
        except StopIteration as end:
            return end.value


def test_what_was_learnt_in_clear_is_gone_the_moment_it_is_encrypted():
    talk = conversation(Encryption.STARTTLS)
    carry(talk.hello(Step.GREET), Reply(250, "", ("mail.example.test", "STARTTLS", "AUTH PLAIN", "SIZE 5")))
    talk.secured()

    assert carry(talk.sign_in()) == ([], None)
    assert carry(talk.mail(to(size=6)), Reply(250, "", ("fine",)))[0] == [b"MAIL FROM:<rex@demo.test>\r\n"]
