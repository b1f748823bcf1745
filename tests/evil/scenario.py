"""What a scenario is: a server that misbehaves in one way, the configuration that meets it, and the outcome."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.domain.diagnosis import Code
from portal.domain.mail_config import Encryption
from portal.mail.connection import Deadlines
from tests.evil import impostors
from tests.scripted_smtp import SILENCE, Drip, Endless

# Where time is the fault it is short; everywhere else a busy machine must not become the fault.
SHORT = Deadlines(connect=0.6, greeting=0.6, command=0.6, data_block=0.6, final_dot=0.6, session=1.5)
AMPLE = Deadlines(connect=5, greeting=5, command=5, data_block=5, final_dot=5, session=12)

EXTENSIONS = ("SIZE 1000000", "8BITMIME", "AUTH PLAIN LOGIN")


@dataclass(frozen=True)
class Scenario:
    """`codes` has one outcome; more only where the misdeed races with our own last byte."""

    name: str
    mode: Encryption
    codes: frozenset[Code]
    script: Mapping[str, object] = field(default_factory=dict)
    extensions: tuple[str, ...] = EXTENSIONS
    shows: Callable[[], object] = impostors.good
    typed: Callable[[], Mapping[str, object]] = lambda: impostors.OURS
    speaks_tls_first: bool | None = None  # None: as the mode wants it
    consents: bool = True
    listens: bool = True
    is_believed: bool = True  # whether the peer may see credentials at all
    note: str = ""

    def __str__(self):
        return f"{self.name}-{self.mode.value}"

    @property
    def acts(self):
        for act in self.script.values():
            yield from act if isinstance(act, list) else [act]

    @property
    def floods(self):
        return any(isinstance(act, Endless) for act in self.acts)

    @property
    def deadlines(self):
        waits = self.speaks_tls_first is not None or any(act == SILENCE or isinstance(act, Drip) for act in self.acts)
        return SHORT if waits else AMPLE

    @property
    def refuses_after_the_dot(self):
        return "dot" in self.script
