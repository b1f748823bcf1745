"""Knows how a test types a command: what it printed, and with which code it ended."""

import pytest


@pytest.fixture
def typed(app):
    def run(*words, stdin=None):
        answer = app.test_cli_runner().invoke(args=["portal", *words], input=stdin)
        assert answer.exception is None or isinstance(answer.exception, SystemExit)
        return answer

    return run


@pytest.fixture
def refused(typed):
    """Run a command that cannot be done and return the one line it says."""

    def run(*words, stdin=None):
        answer = typed(*words, stdin=stdin)
        lines = answer.stderr.splitlines()
        assert (answer.exit_code, len(lines), lines[0][:7]) == (2, 1, "Error: ")
        return lines[0][7:]

    return run
