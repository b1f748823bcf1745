"""Knows what is wrong with the installation's keys and tokens."""

from collections.abc import Iterator, Sequence

from portal.domain.key_strength import weakness_of_key, weakness_of_text
from portal.domain.symptoms import Severity, Sign, Symptom
from portal.services.keys import KeyUse
from portal.settings import BadSettingError, Settings
from portal.settings.keys import refuse_one_for_two

_SHORTEST = 32


def look(settings: Settings) -> Iterator[Symptom]:
    """What the keys themselves tell."""
    if settings.secret_key and _is_weak(settings.secret_key.reveal()):
        yield Symptom(Sign.SECRET_KEY_WEAK, Severity.ERROR)
    for name, key in settings.key_ring:
        if weakness_of_key(key):
            is_current = name == settings.key_ring[0][0]
            sign, severity = (Sign.KEY_WEAK, Severity.ERROR) if is_current else (Sign.OLDER_KEY_WEAK, Severity.WARNING)
            yield Symptom(sign, severity, {"name": name})
    token = settings.metrics_token
    if token and _is_weak(token.reveal()):
        yield Symptom(Sign.TOKEN_WEAK, Severity.WARNING)
    yield from _shared(settings)


def needs(uses: Sequence[KeyUse]) -> Iterator[Symptom]:
    """What the rows tell: which keys are still needed."""
    for use in uses:
        values = {"name": use.name, "count": str(use.seals)}
        if not use.in_ring:
            yield Symptom(Sign.KEY_MISSING, Severity.ERROR, values)
        elif use.is_current:
            continue
        elif use.seals:
            yield Symptom(Sign.KEY_TO_ROTATE, Severity.WARNING, values)
        else:
            yield Symptom(Sign.KEY_UNUSED, Severity.NOTE, values)


def _shared(settings: Settings) -> Iterator[Symptom]:
    relay = settings.instance_default
    others = {
        "PORTAL_SECRET_KEY": settings.secret_key,
        "PORTAL_METRICS_TOKEN": settings.metrics_token,
        "PORTAL_MAIL_PASSWORD": relay.password if relay else None,
    }
    try:
        refuse_one_for_two(settings.key_ring, others)
    except BadSettingError as refusal:
        yield Symptom(Sign.SHARED_SECRET, Severity.ERROR, {"what": str(refusal)})


def _is_weak(text: str) -> bool:
    return len(text) < _SHORTEST or weakness_of_text(text) is not None
