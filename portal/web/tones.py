"""Knows how a mail's state looks: good, bad, or in need of attention."""

from portal.domain.delivery import State

_TONES = {
    State.SENT: "good",
    State.FAILED: "bad",
    State.EXPIRED: "bad",
    State.QUARANTINED: "bad",
    State.DEFERRED: "warn",
    State.HELD: "warn",
    State.UNCERTAIN: "warn",
}


def state_tone(state: State) -> str:
    return _TONES.get(state, "neutral")
