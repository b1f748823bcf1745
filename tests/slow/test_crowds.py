"""A thousand at once get no further than one after the other: limits are counted before anything is done."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.domain.errors import TooManyError, UnavailableError
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from portal.services.accounts import SignInRefusedError
from portal.store.db import db
from tests.work import run_trials

THOUSAND = 1_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def outcomes_of(app, work):
    """What becomes of a thousand tries, sixteen of them at any time, as many as the portal has threads for pages."""

    def tried(number):
        with app.app_context():
            try:
                work(number)
            except (SignInRefusedError, TooManyError, UnavailableError) as refused:
                return type(refused)
            finally:
                db.session.remove()
            return None

    with ThreadPoolExecutor(16) as pool:
        return Counter(pool.map(tried, range(THOUSAND)))


def test_a_thousand_guesses_at_one_account_from_as_many_places_are_ten_looks_at_the_password(app, cast, services):
    def guess(number):
        services.accounts.sign_in("sue@demo.test", Secret("wrong"), address=f"198.51.{number // 250}.{number % 250}")

    outcomes = outcomes_of(app, guess)

    assert outcomes[SignInRefusedError] <= 10
    assert outcomes[TooManyError] == THOUSAND - outcomes[SignInRefusedError]  # nobody is turned away as busy


def test_a_thousand_tests_asked_for_at_once_are_ten_mails(app, cast, services, mail_server):
    config = cast.config(cast.sue, **mail_server.typed("none"))

    def ask(_number):
        services.trials.request_saved(cast.sue, config.tenant_id, config.id, verb=Verb.SEND, recipient="sue@demo.test")

    outcomes = outcomes_of(app, ask)
    run_trials(services)

    assert outcomes[None] <= 10
    assert outcomes[TooManyError] == THOUSAND - outcomes[None]
    assert [letter.recipients for letter in mail_server.letters] == [("sue@demo.test",)] * outcomes[None]
