"""Coverage-guided: whatever bytes a server sends, they become replies or BadReplyError, within the limits.

python tests/fuzz/replies.py -max_total_time=SECONDS
"""

import sys

import atheris

with atheris.instrument_imports():
    from portal.mail.redaction import Redactor
    from portal.mail.replies import LARGEST_REPLY, MOST_LINES, BadReplyError, ReplyReader

REDACTOR = Redactor(username="rex@demo.test", password="correct horse")


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    reader = ReplyReader()
    try:
        while provider.remaining_bytes():
            reader.feed(provider.ConsumeBytes(provider.ConsumeIntInRange(1, 4_096)))
            while (reply := reader.next_reply()) is not None:
                assert 200 <= reply.code <= 599
                assert len(reply.lines) <= MOST_LINES
                assert sum(map(len, reply.lines)) <= LARGEST_REPLY
                told = REDACTOR.told(reply)
                assert told.isprintable()
                assert "correct horse" not in told
    except BadReplyError:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
