"""Knows how a trial is shown: while it runs, when nobody runs it, and what it found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from portal.domain.diagnosis import Code, Finding, Status, Step
from portal.domain.proposals import proposals
from portal.domain.trial import HARD_STOP, Trial, TrialSource, TrialState, Verb
from portal.i18n import gettext as _
from portal.web.sentences import (
    Outcome,
    fact_sentence,
    headline,
    note_sentence,
    outcome,
    plain_outcome,
    proposal_sentence,
    rung_sentence,
    step_name,
)

# The worker itself ends a trial at the hard stop; its last word gets a moment to arrive.
_GIVES_UP_AFTER = HARD_STOP + timedelta(seconds=2)
_BEYOND_A_CHECK = frozenset({Step.CONTENT, Step.ACCEPT})
_UNSAVED = frozenset({TrialSource.DRAFT, TrialSource.ADHOC})
_EFFECTIVE = frozenset({TrialSource.TENANT, TrialSource.USER})


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the timeline, as the steps component wants it."""

    state: str
    name: str
    fact: str
    time: str


@dataclass(frozen=True, slots=True)
class Result:
    """A trial as its requester sees it at one moment. `poll_url` is where to look next, empty once it is over."""

    trial: Trial
    now: datetime

    @property
    def headline(self) -> str:
        if self.gave_up:
            return _("There is no result after %(seconds)s seconds.", seconds=int(HARD_STOP.total_seconds()))
        return headline(self.trial)

    @property
    def tone(self) -> str:
        if self.gave_up:
            return "warn"
        if self.trial.is_running:
            return "info"
        # A check that was interrupted has sent nothing; a mail of uncertain fate is worth a warning, too.
        told = outcome(self.trial.code).tone
        return "info" if told == "plain" else told

    @property
    def poll_url(self) -> str:
        if not self.is_live:
            return ""
        return url_for("trials.show", tenant_id=self.trial.tenant_id, trial_id=self.trial.id)

    @property
    def is_live(self) -> bool:
        """Whether the page has to look again."""
        return self.trial.is_running and not self.gave_up

    @property
    def gave_up(self) -> bool:
        begun = self.trial.started_at or self.trial.created_at
        return self.trial.is_running and self.now - begun > _GIVES_UP_AFTER

    @property
    def worker_is_missing(self) -> bool:
        return self.trial.worker_is_missing(self.now)

    @property
    def succeeded(self) -> bool:
        return self.trial.state is TrialState.DONE and self.trial.code is Code.OK

    @property
    def trouble(self) -> Outcome | None:
        """What happened, why, and what to do; nothing for a success or for somebody else's configuration."""
        failed = self.trial.state is TrialState.DONE and self.trial.code is not Code.OK
        return outcome(self.trial.code, self.trial.findings) if failed and not self.trial.inherited else None

    @property
    def proposals(self) -> tuple[tuple[str, str], ...]:
        """Changes that are worth a try: the key that asks for each, and what its button says."""
        if self.trial.tried is None or self.trial.state is not TrialState.DONE:
            return ()
        found = proposals(self.trial.tried, self.trial.code, self.trial.findings)
        return tuple((proposal.remedy.value, proposal_sentence(proposal)) for proposal in found)

    @property
    def proposals_url(self) -> str:
        return url_for("proposals.create", tenant_id=self.trial.tenant_id, trial_id=self.trial.id)

    @property
    def confirmation(self) -> str:
        if not self.succeeded:
            return ""
        return plain_outcome(Code.OK) if self.trial.inherited else outcome(Code.OK).sentence

    @property
    def is_unsaved(self) -> bool:
        return self.trial.source in _UNSAVED

    @property
    def steps(self) -> tuple[StepLine, ...]:
        found = [_line(finding) for finding in self.trial.findings]
        return (*found, *self._ahead()) if self._has_timeline else ()

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(note_sentence(note) for note in self.trial.notes)

    @property
    def trace(self) -> tuple[str, ...]:
        return tuple(rung_sentence(rung) for rung in self.trial.trace)

    @property
    def _has_timeline(self) -> bool:
        """A trial that ended before its first step has none to show.

        An effective one may yet turn out to be somebody else's: it shows steps only once there are some.
        """
        may_have_none = self.trial.source in _EFFECTIVE or self.trial.state is TrialState.DONE
        return bool(self.trial.findings) or not may_have_none

    def _ahead(self) -> list[StepLine]:
        """The steps that were not taken yet, or not at all."""
        order = [step for step in Step if self.trial.verb is Verb.SEND or step not in _BEYOND_A_CHECK]
        taken = {finding.step for finding in self.trial.findings}
        ahead = [step for step in order if step not in taken]
        under_way = self.trial.state is TrialState.RUNNING and not self.gave_up
        return [
            StepLine("running" if under_way and place == 0 else "waiting", step_name(step), "", "")
            for place, step in enumerate(ahead)
        ]


def _line(finding: Finding) -> StepLine:
    time = "" if finding.status is Status.SKIPPED else _("%(number)s ms", number=finding.milliseconds)
    return StepLine(finding.status.value, step_name(finding.step), fact_sentence(finding), time)
