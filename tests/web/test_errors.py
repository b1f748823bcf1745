"""A mistake of ours is told plainly, logged with its place, and gives nothing away."""

import pytest

from portal.domain.errors import Trouble, UnavailableError


def stumble(*_arguments, **_options):
    raise ZeroDivisionError("a bug")


@pytest.mark.asvs("16.3.4", "16.5.1")
def test_a_bug_is_one_sentence_for_whoever_met_it_and_a_traceback_for_the_operator(app, monkeypatch, caplog):
    monkeypatch.setattr("portal.web.pages.password_resets.page", stumble)
    answer = app.test_client().get("/password-resets/a-canary-that-works-once")

    assert (answer.status_code, "Something went wrong on our side." in answer.text) == (500, True)
    assert "a bug" not in answer.text
    assert "ZeroDivisionError: a bug" in caplog.text


@pytest.mark.asvs("14.2.1")
def test_a_link_that_works_once_is_not_written_into_the_log(app, monkeypatch, caplog):
    monkeypatch.setattr("portal.web.pages.password_resets.page", stumble)
    app.test_client().get("/password-resets/a-canary-that-works-once?next=another-canary")

    assert "unexpected: GET /password-resets/<token>" in caplog.text
    assert "canary" not in caplog.text


TROUBLES = {
    Trouble.FULL: "The disk of this portal is full",
    Trouble.READ_ONLY: "its disk can only be read",
    Trouble.GONE: "does not answer right now",
    Trouble.BUSY: "Too many others are saving something in this portal right now.",
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whoever_cannot_save_is_told_why_and_that_nothing_was_lost(cast, as_, services, monkeypatch, trouble):
    def refuse(*_arguments, **_options):
        error = UnavailableError()
        error.trouble = trouble
        raise error

    browser = as_(cast.sue)
    token = browser.token()
    monkeypatch.setattr(type(services.profiles), "create", refuse)
    if trouble is Trouble.GONE:
        monkeypatch.setattr(type(services.accounts), "actor_of", refuse)
    form = {"name": "Front desk", "csrf_token": token}
    answer = browser.client.post(f"/t/{cast.sue.tenant.id}/profiles", data=form)

    assert answer.status_code == 503
    assert TROUBLES[trouble] in answer.text
    assert "Nothing was lost" in answer.text
    assert answer.headers["Retry-After"] == ("5" if trouble is Trouble.BUSY else "30")
    assert ("Try again in a moment." in answer.text) is (trouble is Trouble.BUSY)


def test_whoever_saves_while_the_database_is_busy_may_send_the_same_form_again(cast, as_, somebody_writes):
    browser = as_(cast.sue)
    form = {"name": "Front desk", "csrf_token": browser.token()}
    with somebody_writes():
        refused = browser.client.post(f"/t/{cast.sue.tenant.id}/profiles", data=form)
        assert browser.get(f"/t/{cast.sue.tenant.id}/profiles").status_code == 200

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "Nothing was lost, and nothing was changed." in refused.text
    assert browser.client.post(f"/t/{cast.sue.tenant.id}/profiles", data=form).status_code == 303


def test_whoever_only_reads_may_go_on_while_nothing_can_be_saved(cast, as_, services, monkeypatch, clock):
    browser = as_(cast.sue)
    clock.forward(minutes=10)

    def refuse(*_arguments):
        raise UnavailableError

    monkeypatch.setattr(type(services.security.sign_ins), "_see", refuse)
    assert browser.get(f"/t/{cast.sue.tenant.id}/mail-configs").status_code == 200
