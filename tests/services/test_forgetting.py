"""Nothing is kept for ever that serves nobody any more."""

from contextlib import suppress

import pytest
from sqlalchemy import func, select

from portal.domain.errors import NotFoundError
from portal.domain.secret import Secret
from portal.domain.trial import TrialState, Verb
from portal.services.accounts import SignInRefusedError
from portal.store.db import SYSTEM, reading
from portal.store.limits import LimitRow
from portal.store.sign_ins import OneTimeLinkRow, SignInRow
from tests.cast import PASSWORD
from tests.work import run_trials


def count(table):
    with reading(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(table))


def test_sessions_links_and_counts_go_when_their_time_is_over_and_not_before(cast, services, clock):
    for password in (PASSWORD, "wrong"):
        with suppress(SignInRefusedError):
            services.accounts.sign_in("sue@demo.test", Secret(password), address="127.0.0.1")
    services.password_changes.ask("rex@demo.test", address="127.0.0.1")
    services.forgetting.sweep()
    assert (count(SignInRow), count(OneTimeLinkRow)) == (1, 1)

    clock.forward(minutes=31)
    services.forgetting.sweep()
    assert (count(SignInRow), count(OneTimeLinkRow), count(LimitRow) > 0) == (0, 0, True)
    clock.forward(days=1)
    services.forgetting.sweep()
    assert count(LimitRow) == 0


def test_what_a_test_found_is_kept_for_a_month(cast, services, clock):
    trial_id = services.trials.request_own(cast.sue)
    run_trials(services)
    clock.forward(days=29)
    services.forgetting.sweep()
    assert services.trials.get_own(cast.sue, trial_id)

    clock.forward(days=2)
    services.forgetting.sweep()
    with pytest.raises(NotFoundError):
        services.trials.get_own(cast.sue, trial_id)


def test_a_test_that_no_worker_took_up_does_not_leave_hours_later(cast, services, clock, mail_server):
    config = cast.config(cast.sue, **mail_server.typed("tls"))
    own = config.tenant_id
    trial_id = services.trials.request_saved(cast.sue, own, config.id, verb=Verb.SEND, recipient="cal@demo.test")
    clock.forward(minutes=61)
    services.forgetting.sweep()
    run_trials(services)

    trial = services.trials.get(cast.sue, own, trial_id)
    assert (trial.state, trial.code, mail_server.letters) == (TrialState.DONE, "portal.error", [])
