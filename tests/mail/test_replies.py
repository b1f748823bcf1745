import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.diagnosis import Code
from portal.mail.replies import LARGEST_REPLY, LARGEST_SESSION, LONGEST_LINE, MOST_LINES, BadReplyError, ReplyReader


def read(data):
    reader = ReplyReader()
    reader.feed(data)
    return reader.next_reply()


def test_a_reply_has_a_code_an_enhanced_code_and_its_lines():
    reply = read(b"550-5.1.1 nobody\r\n550 5.1.1 of that name\r\n")

    assert (reply.code, reply.kind, reply.enhanced) == (550, 5, "5.1.1")
    assert reply.lines == ("5.1.1 nobody", "5.1.1 of that name")


@pytest.mark.parametrize(
    ("line", "enhanced"),
    [(b"250 2.0.0 ok", "2.0.0"), (b"250 5.0.0 odd", ""), (b"250 2.0 ok", ""), (b"250 2.0.0", "2.0.0"), (b"250", "")],
)
def test_an_enhanced_code_counts_only_where_its_class_is_that_of_the_reply(line, enhanced):
    assert read(line + b"\r\n").enhanced == enhanced


def test_a_lone_line_feed_ends_a_line_too():
    assert read(b"250-a\n250 b\n").lines == ("a", "b")


def test_a_reply_may_come_byte_by_byte_and_what_follows_stays():
    reader = ReplyReader()
    for octet in b"220-hello\r\n220 there\r":
        reader.feed(bytes([octet]))
        assert reader.next_reply() is None
    reader.feed(b"\n250 early")

    assert reader.next_reply().lines == ("hello", "there")
    assert reader.leftover() == b"250 early"


def test_bytes_that_are_no_text_do_no_harm():
    assert read(b"250 \xff\x00\x1b[31m\r\n").lines == ("\ufffd\x00\x1b[31m",)


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n",
        b"hello\r\n",
        b"25\r\n",
        b"2500 ok\r\n",
        b"250ok\r\n",
        b"150 ok\r\n",
        b"650 ok\r\n",
        b"-50 ok\r\n",
        b" 250 ok\r\n",
        "２５０ ok\r\n".encode(),
        b"250-one\r\n550 two\r\n",
        b"250-one\r\n\r\n",
        b"H",
        b"25x",
        b"250x",
        b"\x16\x03\x01",
    ],
)
def test_what_is_no_reply_is_garbage_as_soon_as_it_shows(data):
    with pytest.raises(BadReplyError) as caught:
        read(data)

    assert caught.value.code is Code.GARBAGE


@pytest.mark.parametrize(
    "data",
    [
        b"250 " + b"x" * LONGEST_LINE,
        b"250 " + b"x" * LONGEST_LINE + b"\r\n",
        b"250-a\r\n" * (MOST_LINES + 1),
        (b"250-" + b"x" * 4000 + b"\r\n") * (LARGEST_REPLY // 4000 + 1),
    ],
)
def test_more_than_a_reply_may_be_is_a_flood(data):
    with pytest.raises(BadReplyError) as caught:
        read(data)

    assert caught.value.code is Code.FLOOD


def test_the_limits_themselves_are_still_fine():
    longest = b"250 " + b"x" * (LONGEST_LINE - 6) + b"\r\n"

    assert len(longest) == LONGEST_LINE
    assert read(longest).code == 250
    assert len(read(b"250-a\r\n" * (MOST_LINES - 1) + b"250 a\r\n").lines) == MOST_LINES


def test_a_session_hears_a_quarter_of_a_megabyte_and_no_more():
    reader = ReplyReader()
    line = b"250 " + b"x" * 1018 + b"\r\n"
    for _ in range(LARGEST_SESSION // len(line)):
        reader.feed(line)
        assert reader.next_reply().code == 250
    with pytest.raises(BadReplyError) as caught:
        reader.feed(b"2")

    assert len(line) == 1024
    assert caught.value.code is Code.FLOOD


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_any_bytes_in_any_portions_end_in_the_same_replies_or_the_same_refusal(data, cuts):
    def outcome(portions):
        reader, replies = ReplyReader(), []
        try:
            for portion in portions:
                reader.feed(portion)
                while (reply := reader.next_reply()) is not None:
                    replies.append(reply)
        except BadReplyError as error:
            return replies, error.code
        return replies, reader.leftover()

    assert outcome([data]) == outcome(_portions(data, cuts))


@given(
    st.integers(200, 599),
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), min_size=1, max_size=5),
)
def test_every_well_formed_reply_is_read_back(code, lines):
    data = "".join(f"{code}{' ' if n == len(lines) else '-'}{line}\r\n" for n, line in enumerate(lines, 1)).encode()

    reply = read(data)
    assert (reply.code, reply.lines) == (code, tuple(lines))


def _portions(data, cuts):
    for cut in cuts:
        yield data[:cut]
        data = data[cut:]
    yield data
