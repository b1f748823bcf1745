"""Coming in, staying in, and being kept out."""

import threading

import pytest

from portal.domain.errors import InvalidError, TooManyError
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.services.accounts import SignInRefusedError
from portal.services.browsers import Browser
from portal.store import users
from portal.store.db import SYSTEM, unit_of_work
from tests.cast import PASSWORD

RIGHT = Secret(PASSWORD)


def sign_in(services, email="sue@demo.test", password=RIGHT, address="127.0.0.1"):
    return services.accounts.sign_in(email, password, address=address)


def test_whoever_knows_the_password_comes_in_under_any_spelling_of_the_address(cast, services):
    actor = services.accounts.actor_of(sign_in(services, " Sue@Demo.Test "))

    assert (actor.name, actor.role, actor.tenant.name) == ("Sue", Role.OWNER, "Sue & Partners")


@pytest.mark.parametrize("email", ["sue@demo.test", "nobody@demo.test", "", "\0", "\ud800@demo.test", "x" * 5000])
def test_whatever_is_wrong_the_refusal_is_the_same(cast, services, email):
    with pytest.raises(SignInRefusedError):
        sign_in(services, email, Secret("wrong"))


def test_an_invited_person_without_a_password_cannot_come_in(cast, services):
    services.accounts.add(cast.sue.tenant.id, email="new@demo.test", name="Sue", role=Role.STAFF, password=None)
    with pytest.raises(SignInRefusedError):
        sign_in(services, "new@demo.test", Secret(""))


@pytest.mark.asvs("7.2.2", "7.2.3")
def test_the_cookies_reference_is_not_what_the_database_keeps(cast, services, tmp_path):
    reference = sign_in(services)

    assert len(reference) >= 43
    assert not any(reference.encode() in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


@pytest.mark.asvs("7.2.1", "7.4.1")
def test_a_session_ends_with_sign_out_and_stays_ended(cast, services):
    reference = sign_in(services)
    services.security.sign_ins.end(cast.sue, reference)

    assert services.accounts.actor_of(reference) is None


@pytest.mark.asvs("7.3.1")
def test_a_session_ends_after_half_an_hour_without_a_sign_of_life(cast, services, clock):
    reference = sign_in(services)
    clock.forward(minutes=29)
    assert services.accounts.actor_of(reference)
    clock.forward(minutes=29)
    assert services.accounts.actor_of(reference)
    clock.forward(minutes=31)
    assert services.accounts.actor_of(reference) is None


@pytest.mark.asvs("7.3.2")
def test_a_session_ends_after_twelve_hours_however_busy(cast, services, clock):
    reference = sign_in(services)
    for _ in range(35):
        clock.forward(minutes=20)
        assert services.accounts.actor_of(reference)
    clock.forward(minutes=20)
    assert services.accounts.actor_of(reference) is None


@pytest.mark.asvs("7.4.2")
def test_a_disabled_account_is_out_at_once(cast, services):
    reference = sign_in(services)
    with unit_of_work(SYSTEM) as session:
        users.get_row(session, cast.sue.user_id).status = "disabled"

    assert services.accounts.actor_of(reference) is None
    with pytest.raises(SignInRefusedError):
        sign_in(services)


@pytest.mark.asvs("6.3.1")
def test_guessing_is_slowed_down_before_the_password_is_looked_at(cast, services, clock):
    for _ in range(10):
        with pytest.raises(SignInRefusedError):
            sign_in(services, password=Secret("wrong"))
    with pytest.raises(TooManyError) as refused:
        sign_in(services)
    assert 0 < refused.value.retry_after <= 900

    clock.forward(minutes=16)
    assert sign_in(services)


@pytest.mark.parametrize(("first", "second"), [("203.0.113.1", "203.0.113.9"), ("2001:db8:1::1", "2001:db8:1:f::1")])
def test_whoever_guesses_from_many_addresses_of_one_network_is_one_guesser(cast, services, first, second):
    for number in range(60):
        with pytest.raises(SignInRefusedError):
            sign_in(services, f"nobody{number}@demo.test", address=first)
    with pytest.raises(TooManyError):
        sign_in(services, address=second)
    assert sign_in(services, address="198.51.100.1")


def test_a_whole_office_comes_in_at_nine(cast, services):
    for _ in range(70):
        assert sign_in(services)


@pytest.mark.parametrize("spelling", ["cal@bücher.test", "CAL@BÜCHER.test.", "cal@xn--bcher-kva.test"])
def test_an_address_of_an_international_domain_is_one_account_in_every_spelling(cast, services, spelling):
    services.accounts.add(cast.sue.tenant.id, email="cal@bücher.test", name="Cal", role=Role.STAFF, password=RIGHT)

    assert sign_in(services, spelling)
    with pytest.raises(InvalidError):
        services.accounts.add(cast.sue.tenant.id, email=spelling, name="Cal", role=Role.STAFF, password=RIGHT)


@pytest.mark.asvs("2.3.2")
def test_parallel_guesses_get_no_more_attempts_than_one_after_the_other(cast, services, app):
    outcomes = []

    def guess():
        with app.app_context():
            try:
                sign_in(services, password=Secret("wrong"))
            except (SignInRefusedError, TooManyError) as refused:
                outcomes.append(type(refused))

    threads = [threading.Thread(target=guess) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count(SignInRefusedError), outcomes.count(TooManyError)) == (10, 20)


def test_a_hash_made_with_weaker_settings_is_renewed_at_sign_in(cast, services):
    weaker = services.accounts.passphrases.context.using(argon2__memory_cost=8, argon2__time_cost=2)
    with unit_of_work(SYSTEM) as session:
        users.get_row(session, cast.sue.user_id).password_hash = weaker.hash(PASSWORD)
    sign_in(services)

    with unit_of_work(SYSTEM) as session:
        assert "t=1" in users.get_row(session, cast.sue.user_id).password_hash


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("email", {"email": "sue"}),
        ("email", {"email": "SUE@demo.test"}),
        ("name", {"name": " "}),
        ("name", {"name": "a\0b"}),
        ("password", {"password": Secret("short")}),
        ("password", {"password": Secret("x" * 129)}),
        ("password", {"password": Secret("\ud800" * 10)}),
    ],
)
def test_a_person_that_cannot_be_added_is_refused_at_the_field(cast, services, field, values):
    person = {"email": "new@demo.test", "name": "Sue", "role": Role.STAFF, "password": RIGHT} | values
    with pytest.raises(InvalidError) as refused:
        services.accounts.add(cast.sue.tenant.id, **person)
    assert [problem.field for problem in refused.value.problems] == [field]


HERS = Browser("the mark of her browser", "Firefox", "192.0.2.7")


def test_whoever_guesses_does_not_lock_her_out_of_a_browser_in_which_she_was_seen(cast, services):
    services.accounts.sign_in("sue@demo.test", RIGHT, address="192.0.2.7", browser=HERS)
    for number in range(11):
        guesser = Browser(f"mark {number}", "Firefox", "203.0.113.1")
        with pytest.raises((SignInRefusedError, TooManyError)):
            services.accounts.sign_in("sue@demo.test", Secret("wrong"), address="203.0.113.1", browser=guesser)
    with pytest.raises(TooManyError):
        sign_in(services, address="198.51.100.1")

    assert services.accounts.sign_in(" SUE@demo.test", RIGHT, address="192.0.2.7", browser=HERS)
    with pytest.raises(TooManyError):
        sign_in(services, address="198.51.100.1")


def test_a_browser_that_is_known_for_one_is_known_for_nobody_else(cast, services):
    services.accounts.sign_in("sue@demo.test", RIGHT, address="192.0.2.7", browser=HERS)
    for _ in range(10):
        with pytest.raises(SignInRefusedError):
            services.accounts.sign_in("rex@demo.test", Secret("wrong"), address="192.0.2.7", browser=HERS)
    with pytest.raises(TooManyError):
        sign_in(services, "rex@demo.test", address="198.51.100.1")


def test_guesses_in_a_known_browser_are_counted_too(cast, services):
    services.accounts.sign_in("sue@demo.test", RIGHT, address="192.0.2.7", browser=HERS)
    for _ in range(10):
        with pytest.raises(SignInRefusedError):
            services.accounts.sign_in("sue@demo.test", Secret("wrong"), address="192.0.2.7", browser=HERS)
    with pytest.raises(TooManyError):
        services.accounts.sign_in("sue@demo.test", RIGHT, address="192.0.2.7", browser=HERS)


def test_a_closed_browser_is_one_of_ten_at_most(cast, services, clock):
    references = []
    for _ in range(11):
        clock.forward(seconds=1)
        references.append(sign_in(services))

    assert [bool(services.accounts.actor_of(each)) for each in references] == [False] + [True] * 10
