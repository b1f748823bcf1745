"""Knows which kinds of work wait for whoever delivers."""

from dataclasses import dataclass

from portal.domain.outgoing import Lane


@dataclass(frozen=True, slots=True)
class Waiting:
    """At one moment: the lanes in which a mail is due, whether somebody waits for a test, whether a check is due."""

    lanes: frozenset[Lane]
    trial: bool
    check: bool

    @property
    def calls(self) -> tuple[Lane, ...]:
        """The lanes whose senders have something to do, most urgent first; a test counts as interactive."""
        return tuple(lane for lane in Lane if lane in self.lanes or (self.trial and lane is Lane.INTERACTIVE))
