"""Knows how the outcome of a delivery is said: to those whose configuration it is, and to those below."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType

from portal.domain.causes import cause_in
from portal.domain.diagnosis import Code, Finding, Status, Step
from portal.domain.trial import Trial, TrialState, Verb
from portal.i18n import gettext as _
from portal.web.sentences.carrying import CARRYING
from portal.web.sentences.causes import narrowed
from portal.web.sentences.protecting import PROTECTING
from portal.web.sentences.reaching import REACHING
from portal.web.sentences.telling import Outcome, Telling

_TELLINGS: Mapping[Code, Telling] = MappingProxyType({**REACHING, **PROTECTING, **CARRYING})


def outcome(code: Code, findings: Iterable[Finding] = ()) -> Outcome:
    """What the owner of the configuration reads; for those below there is `plain_outcome`.

    Where a reply among the findings names the very cause, that is told.
    """
    cause = cause_in(code, (finding.reply for finding in findings))
    return narrowed(_TELLINGS[code](), cause) if cause else _TELLINGS[code]()


def headline(trial: Trial) -> str:
    """One sentence for how a trial stands or ended. Of an inherited configuration it names the category only."""
    match trial.state:
        case TrialState.WAITING:
            return _("Waiting for its turn …")
        case TrialState.RUNNING:
            return _("Testing …")
        case TrialState.DONE:
            return _result(trial)


def plain_outcome(code: Code) -> str:
    """The category of an outcome for people who inherit the configuration: no detail of any server."""
    match code:
        case Code.OK:
            return _("The Provider default works.")
        case Code.UNKNOWN:
            return outcome(code).sentence
        case Code.NO_CONFIG:
            return _("There is no Provider default yet: its provider has to set one up.")
        case Code.RECIPIENT_REJECTED:
            return _("The Provider default works, but the recipient was refused: check the address.")
        case Code.RECIPIENT_TEMPORARY:
            return _("The Provider default works, but the recipient cannot be reached now: try again later.")
        case Code.NEEDS_SMTPUTF8:
            return _("The Provider default cannot deliver to such an address: use one with plain letters only.")
        case Code.TOO_LARGE | Code.CONTENT_REJECTED | Code.DOES_NOT_FIT | Code.UNWRITABLE:
            return _("The Provider default did not take this mail: ask its provider why.")
        case Code.SUSPENDED | Code.LET_GO | Code.ROUTE_CHANGED | Code.RESTORED | Code.HELD_BACK | Code.INTERNAL:
            return outcome(code).sentence
        case _ if code in _MAY_PASS:
            return _("The Provider default could not deliver just now: try again later, or ask its provider.")
        case _:
            return _("The Provider default could not deliver: its provider has to look at it.")


# Trouble that often ends by itself.
_MAY_PASS = frozenset({Code.DESTINATIONS, Code.TIMEOUT, Code.SLOW, Code.LOST, Code.BUSY, Code.AUTH_TEMPORARY})


def _result(trial: Trial) -> str:
    if trial.code is Code.OK:
        return _success(trial)
    if trial.code is Code.UNKNOWN and trial.verb is Verb.CHECK:
        return _("The check was interrupted. Nothing was sent.")
    if trial.inherited:
        return plain_outcome(trial.code)
    told = outcome(trial.code, trial.findings)
    step = _failed_step(trial)
    # Where nobody knows how it ended, it did not stop.
    if step is None or trial.code is Code.UNKNOWN:
        return told.sentence
    return _stopped(step, told.clause)


def _success(trial: Trial) -> str:
    if trial.verb is Verb.CHECK:
        return _("The server would accept mail for %(recipient)s. Nothing was sent.", recipient=trial.recipient)
    if trial.started_at is None or trial.finished_at is None:
        return _("The server accepted the mail for %(recipient)s.", recipient=trial.recipient)
    return _(
        "The server accepted the mail for %(recipient)s in %(duration)s.",
        recipient=trial.recipient,
        duration=_duration(trial.finished_at - trial.started_at),
    )


def _duration(duration: timedelta) -> str:
    if duration < timedelta(seconds=1):
        return _("%(number)s ms", number=int(duration / timedelta(milliseconds=1)))
    return _("%(number)s s", number=f"{duration.total_seconds():.1f}")


def _failed_step(trial: Trial) -> Step | None:
    return next((finding.step for finding in reversed(trial.findings) if finding.status is Status.FAILED), None)


def _stopped(step: Step, what: str) -> str:
    match step:
        case Step.RESOLVE:
            return _("Stopped at finding the server: %(what)s", what=what)
        case Step.CONNECT:
            return _("Stopped at connecting: %(what)s", what=what)
        case Step.GREET:
            return _("Stopped at the greeting: %(what)s", what=what)
        case Step.ENCRYPT:
            return _("Stopped at encryption: %(what)s", what=what)
        case Step.SIGN_IN:
            return _("Stopped at sign-in: %(what)s", what=what)
        case Step.SENDER:
            return _("Stopped at the sender: %(what)s", what=what)
        case Step.RECIPIENT:
            return _("Stopped at the recipient: %(what)s", what=what)
        case Step.CONTENT:
            return _("Stopped at the content: %(what)s", what=what)
        case Step.ACCEPT:
            return _("Stopped at acceptance: %(what)s", what=what)
