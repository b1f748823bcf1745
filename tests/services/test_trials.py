"""Test mails and checks: the sending path of every mail, with somebody watching."""

from dataclasses import replace

import pytest

from portal.domain.errors import InvalidError, NotFoundError, TooManyError
from portal.domain.ids import ConfigId, new_id
from portal.domain.secret import Secret
from portal.domain.trial import TrialState, Verb
from tests.cast import typed_config
from tests.work import OWNER, run_trials

GOOD, NOTHING = Secret("open sesame"), Secret("")
STEPS = ["resolve", "connect", "greet", "encrypt", "sign_in", "sender", "recipient", "content", "accept"]


def try_draft(cast, typed, *, config_id=None, password=GOOD, verb=Verb.SEND, **options):
    own = cast.sue.tenant.id
    trial_id = cast.services.trials.request_draft(
        cast.sue,
        own,
        config_id or ConfigId(new_id()),
        typed,
        password=password,
        verb=verb,
        recipient=options.pop("recipient", "sue@demo.test"),
        **options,
    )
    run_trials(cast.services)
    return cast.services.trials.get(cast.sue, own, trial_id)


@pytest.mark.req("S1.19", "S1.20", "S3.8")
@pytest.mark.parametrize("door", ["starttls", "tls", "none"])
def test_a_test_mail_of_the_unsaved_form_arrives_and_every_step_is_told(cast, mail_server, door):
    trial = try_draft(cast, typed_config(name="", **mail_server.typed(door), charset="iso-8859-2"))

    assert (trial.code, trial.state) == ("ok", TrialState.DONE)
    assert {finding.step for finding in trial.findings} == set(STEPS)
    assert [finding.step for finding in trial.findings][4:] == STEPS[4:]
    letter = mail_server.letters[0]
    assert (letter.recipients, letter.charset) == (("sue@demo.test",), "iso-8859-2")
    assert "Příliš" in letter.text
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert cast.services.mail_configs.overview(cast.sue, cast.sue.tenant.id).lines == ()


def test_a_check_delivers_nothing(cast, mail_server):
    trial = try_draft(cast, typed_config(**mail_server.typed("starttls")), verb=Verb.CHECK)

    assert (trial.code, mail_server.letters) == ("ok", [])
    assert trial.findings[-1].step == "recipient"


def test_a_wrong_password_is_tried_once_and_told(cast, mail_server):
    trial = try_draft(cast, typed_config(**mail_server.typed("starttls")), password=Secret("wrong"))

    assert (trial.code, trial.findings[-1].step, trial.findings[-1].status) == ("auth.rejected", "sign_in", "failed")
    assert mail_server.sign_ins == ["PLAIN"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"port": "closed"}, "net.refused"),
        ({"host": "nowhere.invalid"}, "net.name"),
        ({"host": "10.0.0.1", "port": "25"}, "net.blocked"),
        ({"host": "192.0.2.1", "port": "6379"}, "net.blocked"),
        ({"trust_kind": "system", "trust_pem": ""}, "tls.untrusted"),
    ],
)
def test_each_kind_of_trouble_has_its_own_outcome(cast, mail_server, changes, code):
    values = {**mail_server.typed("starttls"), **changes}
    if values["port"] == "closed":
        values["port"] = str(mail_server.closed_port)

    assert try_draft(cast, typed_config(**values)).code == code


def test_the_password_typed_for_a_test_is_there_for_saving(cast, services, mail_server):
    config_id, typed = ConfigId(new_id()), typed_config(**mail_server.typed("tls"))
    trial = try_draft(cast, typed, config_id=config_id)
    assert trial.keeps_password

    config = services.mail_configs.create(
        cast.sue, cast.sue.tenant.id, config_id, typed, password=NOTHING, tested=trial.id
    )
    assert config.has_password


@pytest.mark.asvs("2.3.1")
def test_but_not_for_another_destination_another_id_or_another_person(cast, services, mail_server):
    config_id, typed = ConfigId(new_id()), typed_config(**mail_server.typed("tls"))
    trial = try_draft(cast, typed, config_id=config_id)

    for person, chosen, elsewhere in (
        (cast.sue, config_id, {"port": "2525"}),
        (cast.sue, ConfigId(new_id()), {}),
        (cast.rex, config_id, {}),
    ):
        with pytest.raises(InvalidError):
            services.mail_configs.create(
                person,
                cast.sue.tenant.id,
                chosen,
                typed_config(**{**mail_server.typed("tls"), **elsewhere}),
                password=NOTHING,
                tested=trial.id,
            )


def test_a_typed_password_is_forgotten_after_an_hour(cast, services, mail_server, clock):
    trial = try_draft(cast, typed_config(**mail_server.typed("tls")))
    clock.forward(minutes=61)
    services.forgetting.sweep()

    assert not services.trials.get(cast.sue, cast.sue.tenant.id, trial.id).keeps_password


def test_a_stored_password_is_not_sent_anywhere_else_by_a_test(cast, mail_server):
    config = cast.config(cast.sue, **mail_server.typed("starttls"))

    elsewhere = typed_config(**mail_server.typed("tls"))
    with pytest.raises(InvalidError) as refused:
        try_draft(cast, elsewhere, config_id=config.id, password=NOTHING)
    assert [problem.code for problem in refused.value.problems] == ["destination-changed"]
    assert (
        try_draft(cast, typed_config(**mail_server.typed("starttls")), config_id=config.id, password=NOTHING).code
        == "ok"
    )


@pytest.mark.req("S1.15", "S1.16")
def test_random_credentials_are_not_sent_to_a_server_that_asks_for_none(cast, mail_server):
    typed = typed_config(**{**mail_server.typed("none"), "signs_in": True}, username="random string")
    trial = try_draft(cast, typed, password=Secret("canary-8125"))

    assert (trial.code, trial.notes) == ("ok", ("credentials-unused",))
    assert "canary" not in "".join(trial.transcript)


def test_no_transcript_shows_a_password(cast, mail_server):
    trial = try_draft(cast, typed_config(**mail_server.typed("starttls")), password=Secret("canary-8126"))

    assert trial.code == "auth.rejected"
    assert trial.transcript
    assert "canary" not in repr(trial)


def test_a_saved_test_remembers_its_result_at_the_configuration(cast, services, mail_server, clock):
    config = cast.config(cast.sue, **mail_server.typed("tls"))
    services.trials.request_saved(cast.sue, config.tenant_id, config.id, verb=Verb.SEND, recipient="sue@demo.test")
    run_trials(services)

    config = services.mail_configs.get(cast.sue, config.tenant_id, config.id)
    assert (config.last_code, config.last_at) == ("ok", clock())


def test_testing_the_form_as_it_was_opened_is_the_state_of_the_saved_one(cast, services, mail_server):
    config = cast.config(cast.sue, **mail_server.typed("tls"))

    def state():
        return services.mail_configs.get(cast.sue, config.tenant_id, config.id).last_code

    try_draft(cast, typed_config(**mail_server.typed("tls"), from_name="Else"), config_id=config.id, password=NOTHING)
    assert state() is None
    try_draft(cast, typed_config(**mail_server.typed("tls")), config_id=config.id, password=NOTHING)
    assert state() == "ok"


def test_another_way_has_no_state_until_it_is_tried(cast, services, mail_server):
    config = cast.config(cast.sue, **mail_server.typed("tls"))
    try_draft(cast, typed_config(**mail_server.typed("tls")), config_id=config.id, password=NOTHING)

    def save(version, **changes):
        typed = typed_config(**{**mail_server.typed("tls"), **changes})
        return services.mail_configs.update(
            cast.sue, config.tenant_id, config.id, typed, password=NOTHING, version=version
        )

    assert save(1, name="Another name").last_code == "ok"
    assert save(2, from_name="Somebody").last_code is None


def test_a_strict_configuration_refuses_its_own_misfit(cast, mail_server):
    typed = typed_config(**mail_server.typed("none"), charset="us-ascii", misfit="strict", from_name="Grüße")
    trial = try_draft(cast, typed)

    assert trial.code == "msg.does_not_fit"
    assert mail_server.letters == []


@pytest.mark.parametrize(
    "recipient", ["", "a@b.test,c@d.test", "x%0a@demo .test", "Team: a@demo.test;", "a\r\nb@demo.test"]
)
def test_a_recipient_is_exactly_one_address(cast, recipient):
    with pytest.raises(InvalidError) as refused:
        try_draft(cast, typed_config(), recipient=recipient)
    assert refused.value.problems[0].field == "recipient"


@pytest.mark.asvs("2.4.1")
@pytest.mark.parametrize(
    ("verb", "recipient", "most"),
    [(Verb.SEND, "sue@demo.test", 10), (Verb.SEND, "stranger@example.test", 5), (Verb.CHECK, "x@example.test", 60)],
)
def test_nobody_is_bothered_by_tests_without_end(cast, services, verb, recipient, most):
    config = cast.config(cast.sue)

    def ask():
        services.trials.request_saved(cast.sue, config.tenant_id, config.id, verb=verb, recipient=recipient)

    for _ in range(most):
        ask()
    with pytest.raises(TooManyError):
        ask()


@pytest.mark.req("S1.30")
def test_a_customer_tests_his_own_mail_to_his_own_address_and_sees_the_outcome_alone(cast, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("tls"))
    trial_id = services.trials.request_own(cast.cal)
    run_trials(services)
    trial = services.trials.get_own(cast.cal, trial_id)

    assert (trial.code, trial.recipient, mail_server.letters[0].recipients) == (
        "ok",
        "cal@demo.test",
        ("cal@demo.test",),
    )
    assert (trial.findings, trial.transcript, trial.draft, trial.config_id) == ((), (), None, None)
    with pytest.raises(TooManyError):
        services.trials.request_own(cast.cal)


def test_somebody_elses_test_does_not_exist(cast, services):
    own, sues = services.trials.request_own(cast.cal), services.trials.request_own(cast.sue)

    with pytest.raises(NotFoundError):
        services.trials.get_own(cast.cal, sues)
    with pytest.raises(NotFoundError):
        services.trials.get(cast.sue, cast.cals_company.id, own)
    with pytest.raises(NotFoundError):
        services.trials.get(cast.otto, cast.sue.tenant.id, sues)


def test_a_trial_that_cannot_even_begin_ends(cast, services, monkeypatch):
    trial_id = services.trials.request_own(cast.cal)
    claimed = services.trial_runs.claim(OWNER)
    with pytest.raises(AttributeError):
        replace(services.trial_runs, resolver=None).perform(claimed)

    trial = services.trials.get_own(cast.cal, trial_id)
    assert (trial.state, trial.code) == (TrialState.DONE, "portal.error")


def test_a_trial_whose_worker_died_ends_as_unknown(cast, services, mail_server):
    trial_id = services.trials.request_own(cast.cal)
    services.trial_runs.claim(new_id())
    services.trial_runs.recover(OWNER)

    trial = services.trials.get_own(cast.cal, trial_id)
    assert (trial.state, trial.code) == (TrialState.DONE, "result.unknown")


def test_after_five_seconds_the_page_can_say_that_no_worker_runs(cast, services, clock):
    trial_id = services.trials.request_own(cast.cal)
    assert not services.trials.get_own(cast.cal, trial_id).worker_is_missing(clock())
    clock.forward(seconds=6)
    assert services.trials.get_own(cast.cal, trial_id).worker_is_missing(clock())
