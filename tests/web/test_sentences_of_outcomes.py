"""Knows that every outcome says what happened, why and what to do, and says less to those who only inherit."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from portal.domain.diagnosis import Code, Finding, Status, Step
from portal.domain.trial import Trial, TrialSource, TrialState, Verb
from portal.web import sentences

BEGUN = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)


def a_trial(**changes):
    given = {field.name: None for field in fields(Trial)} | {
        "id": UUID(int=1), "source": TrialSource.SAVED, "verb": Verb.SEND, "recipient": "you@example.org",
        "state": TrialState.DONE, "code": Code.OK, "inherited": False, "findings": (),
        "started_at": BEGUN, "finished_at": BEGUN + timedelta(milliseconds=1234),
    }  # fmt: skip
    return Trial(**(given | changes))


def failed_at(step, code, **changes):
    return a_trial(code=code, findings=(Finding(step, Status.FAILED, 5, code),), **changes)


@pytest.mark.parametrize("code", Code)
def test_every_outcome_is_told_with_causes_and_advice(code):
    told = sentences.outcome(code)

    assert told.short
    assert told.tone in {"good", "bad", "warn", "plain"}
    assert told.sentence.endswith(".")
    assert told.sentence[0].isupper()
    assert told.advice
    assert bool(told.causes) == (code is not Code.OK)
    assert all(line.endswith((".", "?")) and "%(" not in line for line in (*told.causes, *told.advice))


def test_no_two_outcomes_read_the_same():
    assert len({sentences.outcome(code).sentence for code in Code}) == len(Code)
    assert len({sentences.outcome(code).short for code in Code}) == len(Code)


@pytest.mark.req("S4.17")
def test_success_says_that_the_configuration_is_correct():
    told = sentences.outcome(Code.OK)

    assert (told.short, told.tone) == ("OK", "good")
    assert told.sentence.startswith("The configuration is correct")


@pytest.mark.req("S4.18")
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (Code.NAME, ["address"]),
        (Code.REFUSED, ["address", "port", "firewall"]),
        (Code.TIMEOUT, ["address", "port", "firewall"]),
        (Code.AUTH_REJECTED, ["account", "password"]),
    ],
)
def test_failure_says_what_to_check(code, words):
    advice = " ".join(sentences.outcome(code).advice)

    assert [word for word in words if word not in advice] == []


def test_a_refused_sign_in_speaks_of_authorization_codes_and_third_party_access():
    advice = " ".join(sentences.outcome(Code.AUTH_REJECTED).advice)

    assert "authorization code" in advice
    assert "third-party access" in advice


def test_the_outcomes_named_in_the_design_read_as_agreed():
    assert sentences.outcome(Code.AUTH_REJECTED).short == "Sign-in refused"
    assert sentences.outcome(Code.AUTH_REJECTED).sentence == "The server refused user name or password."
    assert sentences.outcome(Code.PASSWORD_NEEDED).short == "Password needed"
    assert sentences.outcome(Code.UNKNOWN).sentence == "The server may have accepted the mail; check your inbox."


@pytest.mark.parametrize(
    ("trial", "sentence"),
    [
        (a_trial(), "The server accepted the mail for you@example.org in 1.2 s."),
        (
            a_trial(finished_at=BEGUN + timedelta(milliseconds=34)),
            "The server accepted the mail for you@example.org in 34 ms.",
        ),
        (a_trial(started_at=None), "The server accepted the mail for you@example.org."),
        (a_trial(verb=Verb.CHECK), "The server would accept mail for you@example.org. Nothing was sent."),
        (a_trial(state=TrialState.RUNNING), "Testing …"),
        (a_trial(state=TrialState.WAITING), "Waiting for its turn …"),
        (
            failed_at(Step.SIGN_IN, Code.AUTH_REJECTED),
            "Stopped at sign-in: the server refused user name or password.",
        ),
        (a_trial(code=Code.AUTH_REJECTED), "The server refused user name or password."),
        (failed_at(Step.ACCEPT, Code.UNKNOWN), "The server may have accepted the mail; check your inbox."),
        (a_trial(code=Code.UNKNOWN, verb=Verb.CHECK), "The check was interrupted. Nothing was sent."),
    ],
)
def test_a_trial_is_told_in_one_line(trial, sentence):
    assert sentences.headline(trial) == sentence


@pytest.mark.parametrize("step", Step)
def test_a_failed_trial_names_the_step_at_which_it_stopped(step):
    others = {sentences.headline(failed_at(other, Code.LOST)) for other in Step if other is not step}

    told = sentences.headline(failed_at(step, Code.LOST))

    assert told.startswith("Stopped at ")
    assert told not in others


@pytest.mark.parametrize("code", set(Code) - {Code.OK})
def test_an_inherited_failure_names_the_category_only(code):
    told = sentences.headline(a_trial(code=code, inherited=True))

    assert told == sentences.plain_outcome(code)
    for detail in ("this port", "user name", "password", "certificate", "encrypt", "address or"):
        assert detail not in told


def test_whoever_inherits_learns_who_has_to_act():
    told = {sentences.plain_outcome(code) for code in (Code.AUTH_REJECTED, Code.TLS_PIN, Code.NAME, Code.BLOCKED)}

    assert told == {"The Provider default could not deliver: its provider has to look at it."}
    assert sentences.plain_outcome(Code.OK) == "The Provider default works."
