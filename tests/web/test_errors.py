"""A mistake of ours is told plainly, logged with its place, and gives nothing away."""

import pytest


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
