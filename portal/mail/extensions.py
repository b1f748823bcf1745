"""Knows what a server offers beyond the basics, and how an envelope is written to it."""

import re
from collections.abc import Mapping

from portal.domain.addresses import needs_smtputf8
from portal.domain.diagnosis import Code, Step
from portal.mail.exchange import Command, Envelope, WireError, command
from portal.mail.replies import Reply

_UNFIT = re.compile(r'[\s<>"]')


class Extensions:
    """The keywords of one EHLO answer with their parameters. Without an answer nothing is offered."""

    def __init__(self, offered: Mapping[str, str] | None = None) -> None:
        self._offered = offered or {}

    @classmethod
    def told_by(cls, reply: Reply) -> "Extensions":
        """Read EHLO's answer (RFC 5321 §4.1.1.1); `AUTH=LOGIN` is an old spelling of `AUTH LOGIN`."""
        offered: dict[str, str] = {}
        for line in reply.lines[1:]:
            keyword, _, parameters = line.strip().replace("AUTH=", "AUTH ", 1).partition(" ")
            offered[keyword.upper()] = f"{offered.get(keyword.upper(), '')} {parameters}".strip()
        return cls(offered)

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._offered

    @property
    def mechanisms(self) -> frozenset[str]:
        return frozenset(self._offered.get("AUTH", "").upper().split())

    def takes_8bit(self, envelope: Envelope) -> bool:
        """Whether a mail that needs SMTPUTF8 (RFC 6531) may use it."""
        needed = any(map(needs_smtputf8, (envelope.sender, *envelope.recipients)))
        return needed and "SMTPUTF8" in self and "8BITMIME" in self

    def ensure_fits(self, envelope: Envelope) -> None:
        """Compare what the mail needs with what the server offers (RFC 1870, RFC 6531), before a word of it is said.

        Raises WireError, and ValueError for an envelope that is none.
        """
        if not envelope.recipients:
            raise ValueError("a mail needs a recipient")
        limit = self._offered.get("SIZE", "")
        if limit.isascii() and limit.isdigit() and 0 < int(limit[:20]) < envelope.size:
            values = {"size": str(envelope.size), "limit": str(int(limit[:20]))}
            raise WireError(Code.TOO_LARGE, Step.SENDER, fact="size-limit", values=values)
        if needs_smtputf8(envelope.sender) and not self.takes_8bit(envelope):
            raise WireError(Code.NEEDS_SMTPUTF8, Step.SENDER)

    def commands(self, envelope: Envelope) -> list[Command]:
        """MAIL and one RCPT for each recipient that the server can take.

        Raises ValueError for an address that is not one word of one line.
        """
        utf8 = self.takes_8bit(envelope)
        recipients = [
            self.recipient(each, envelope) for each in envelope.recipients if utf8 or not needs_smtputf8(each)
        ]
        return [command(self._mail_line(envelope, utf8=utf8), utf8=utf8), *recipients]

    def recipient(self, recipient: str, envelope: Envelope) -> Command:
        report = " NOTIFY=FAILURE,DELAY" if self._reports(envelope) else ""
        return command(f"RCPT TO:<{word(recipient)}>{report}", utf8=self.takes_8bit(envelope))

    def _mail_line(self, envelope: Envelope, *, utf8: bool) -> str:
        size = f" SIZE={envelope.size}" if "SIZE" in self else ""
        wide = " BODY=8BITMIME SMTPUTF8" if utf8 else ""
        report = f" RET=HDRS ENVID={_xtext(envelope.identifier)}" if self._reports(envelope) else ""
        return f"MAIL FROM:<{word(envelope.sender)}>{size}{wide}{report}"

    def _reports(self, envelope: Envelope) -> bool:
        return bool(envelope.identifier) and "DSN" in self


def word(text: str) -> str:
    """A name or address that stays one argument of one command. Raises ValueError."""
    if _UNFIT.search(text):
        raise ValueError("not one plain address or name")
    return text


def _xtext(identifier: str) -> str:
    """RFC 3461 §4: what is no printable ASCII, `+` and `=` as two hex digits behind a plus sign."""
    return "".join(
        chr(octet) if 0x21 <= octet <= 0x7E and octet not in b"+=" else f"+{octet:02X}"
        for octet in identifier.encode("ascii")
    )
