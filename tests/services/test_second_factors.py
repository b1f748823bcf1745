"""A second factor: set up by showing a code, asked for at every sign-in, used once, lost and taken away."""

import threading
from datetime import timedelta

import pytest
from passlib.totp import TOTP

from portal.domain.errors import ForbiddenError, InvalidError, NotFoundError, TooManyError
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.services.accounts import SecondFactorNeededError, SignInRefusedError
from portal.services.browsers import Browser
from portal.store import second_factors, users
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.cast import PASSWORD
from tests.second_factors import code_of, set_up
from tests.work import deliver_all

HERE = Browser("a mark", "Firefox", "192.0.2.7")


@pytest.fixture
def sues(cast, services, clock):
    """Sue's app and her recovery codes; the code that she set it up with is spent."""
    found = set_up(services, cast.sue, clock)
    clock.forward(seconds=60)
    return found


def first_step(services, email="sue@demo.test", password=PASSWORD):
    with pytest.raises(SecondFactorNeededError) as half:
        services.accounts.sign_in(email, Secret(password), address="192.0.2.7", browser=HERE)
    return half.value.reference


def second_step(services, half, code):
    return services.security.second_steps.finish(half, code, address="192.0.2.7", browser=HERE)


def test_an_offer_counts_only_once_a_code_of_it_was_shown(cast, services, clock):
    services.security.second_factors.offer(cast.sue)
    assert services.security.second_factors.mine(cast.sue) is None
    assert services.accounts.sign_in("sue@demo.test", Secret(PASSWORD), address="192.0.2.7")

    with pytest.raises(InvalidError):
        services.security.second_factors.confirm(cast.sue, "000000")
    codes = services.security.second_factors.confirm(
        cast.sue, code_of(services.security.second_factors.offered(cast.sue), clock)
    )
    assert services.security.second_factors.mine(cast.sue).codes_left == len(codes) == 10
    with pytest.raises(NotFoundError):
        services.security.second_factors.offered(cast.sue)


def test_an_offer_ends_after_a_quarter_of_an_hour(cast, services, clock):
    services.security.second_factors.offer(cast.sue)
    clock.forward(minutes=15)
    with pytest.raises(NotFoundError):
        services.security.second_factors.offered(cast.sue)
    clock.forward(minutes=1)
    services.forgetting.sweep()
    with reading(SYSTEM) as session:
        assert second_factors.find(session, cast.sue.user_id).offered_seed is None


@pytest.mark.asvs("6.3.3")
def test_the_password_alone_opens_half_a_door(cast, services, sues):
    half = first_step(services)

    assert services.accounts.actor_of(half) is None
    assert services.accounts.actor_of(second_step(services, half, sues.code())).name == "Sue"
    with pytest.raises(NotFoundError):
        second_step(services, half, sues.code())


@pytest.mark.asvs("6.5.5")
def test_half_a_sign_in_ends_after_five_minutes_and_with_the_password(cast, services, sues, clock):
    half = first_step(services)
    clock.forward(minutes=5)
    with pytest.raises(NotFoundError):
        second_step(services, half, sues.code())

    half = first_step(services)
    services.password_changes.change(
        cast.sue, current=Secret(PASSWORD), password=Secret("a brand new one"), reference=""
    )
    with pytest.raises(NotFoundError):
        second_step(services, half, sues.code())


@pytest.mark.asvs("6.5.1")
def test_a_code_works_once(cast, services, sues):
    code = sues.code()
    second_step(services, first_step(services), code)
    with pytest.raises(SignInRefusedError):
        second_step(services, first_step(services), code)


@pytest.mark.asvs("6.5.5")
@pytest.mark.parametrize(("seconds", "is_taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(services, sues, clock, seconds, is_taken):
    half, code = first_step(services), sues.code(at=clock() + timedelta(seconds=seconds))
    if is_taken:
        assert second_step(services, half, code)
        return
    with pytest.raises(SignInRefusedError):
        second_step(services, half, code)


@pytest.mark.asvs("6.5.1")
def test_an_earlier_code_is_worth_nothing_after_a_later_one(cast, services, sues, clock):
    earlier = sues.code(at=clock() - timedelta(seconds=30))
    second_step(services, first_step(services), sues.code())
    with pytest.raises(SignInRefusedError):
        second_step(services, first_step(services), earlier)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "\0", "\ud800" * 6, "x" * 5000])
def test_whatever_else_is_typed_is_refused(cast, services, sues, code):
    with pytest.raises(SignInRefusedError):
        second_step(services, first_step(services), code)


@pytest.mark.asvs("6.5.4")
def test_ten_guesses_are_counted_before_they_are_looked_at_however_many_doors_are_half_open(
    cast, services, sues, clock
):
    for _ in range(10):
        with pytest.raises(SignInRefusedError):
            second_step(services, first_step(services), "000000")
    with pytest.raises(TooManyError):
        second_step(services, first_step(services), sues.code())

    clock.forward(minutes=16)
    assert second_step(services, first_step(services), sues.code())


def test_parallel_guesses_get_no_more_attempts_and_one_code_opens_one_session(cast, services, sues, app):
    half, outcomes, code = first_step(services), [], sues.code()

    def use():
        with app.app_context():
            try:
                outcomes.append(bool(second_step(services, half, code)))
            except (SignInRefusedError, NotFoundError, TooManyError):
                outcomes.append(False)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(True) == 1


@pytest.mark.asvs("6.5.1")
def test_a_recovery_code_works_once_in_any_spelling_and_its_use_is_told(cast, services, sues, mail_server):
    cast.active_config(cast.rex, **mail_server.typed("none"))
    code = sues.recovery[3]
    assert second_step(services, first_step(services), code.lower().replace(" ", "-"))
    with pytest.raises(SignInRefusedError):
        second_step(services, first_step(services), code)
    deliver_all(services)

    letter = next(each for each in mail_server.letters if "recovery code" in each.subject)
    assert (letter.recipients, "Codes left: 9" in letter.text) == (("sue@demo.test",), True)
    assert services.security.second_factors.mine(cast.sue).codes_left == 9


def test_new_recovery_codes_end_the_earlier_ones_and_nobodys_work_for_anybody_else(cast, services, sues, clock):
    others = set_up(services, cast.rex, clock)
    renewed = services.security.second_factors.renew_codes(cast.sue)

    for code in (sues.recovery[0], others.recovery[0]):
        with pytest.raises(SignInRefusedError):
            second_step(services, first_step(services), code)
    assert second_step(services, first_step(services), renewed[0])


@pytest.mark.asvs("6.5.2", "6.5.4")
def test_a_recovery_code_is_long_enough_to_be_kept_as_a_plain_hash(services, sues, tmp_path):
    """ASVS 6.5.2: at least 112 bits; base32 letters hold five each."""
    assert {len(code.replace(" ", "")) * 5 for code in sues.recovery} == {120}
    assert len(set(sues.recovery)) == 10
    found = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(code.replace(" ", "").encode() in each for code in sues.recovery for each in found)


def test_the_seed_is_sealed_to_its_holder(cast, services, sues, clock):
    others = set_up(services, cast.rex, clock)
    with unit_of_work(SYSTEM) as session:
        stolen = second_factors.find(session, cast.rex.user_id).seed
        second_factors.find(session, cast.sue.user_id).seed = stolen
    with pytest.raises(SignInRefusedError):
        second_step(services, first_step(services), others.code())


@pytest.mark.asvs("6.4.3")
def test_a_reset_by_mail_does_not_pass_the_second_factor(cast, services, sues):
    token = services.invitations.link_for(cast.sue.user_id).rpartition("/")[2]
    services.password_changes.reset(token, Secret("a brand new password"))

    half = first_step(services, password="a brand new password")
    assert services.accounts.actor_of(second_step(services, half, sues.code()))


def test_without_it_the_password_is_enough_again_and_the_old_app_is_worth_nothing(cast, services, sues, clock):
    services.security.second_factors.remove(cast.sue)
    assert services.accounts.sign_in("sue@demo.test", Secret(PASSWORD), address="192.0.2.7")

    again = set_up(services, cast.sue, clock)
    clock.forward(seconds=60)
    with pytest.raises(SignInRefusedError):
        second_step(services, first_step(services), sues.code())
    assert second_step(services, first_step(services), again.code())


def test_another_app_takes_over_only_once_it_has_shown_a_code(cast, services, sues, clock):
    services.security.second_factors.offer(cast.sue)
    assert second_step(services, first_step(services), sues.code())

    offer = services.security.second_factors.offered(cast.sue)
    services.security.second_factors.confirm(cast.sue, code_of(offer, clock))
    clock.forward(seconds=60)
    with pytest.raises(SignInRefusedError):
        second_step(services, first_step(services), sues.code())


def test_setting_up_and_removing_are_told_and_written_down(cast, services, sues, mail_server):
    cast.active_config(cast.rex, **mail_server.typed("none"))
    services.security.second_factors.remove(cast.sue)
    deliver_all(services)

    assert "The second factor of your account was removed" in {letter.subject for letter in mail_server.letters}
    events = [entry.event for entry in services.audit.page(cast.sue, cast.sue.tenant.id, before=None)]
    assert {"second-factor.added", "second-factor.removed"} <= set(events)


@pytest.mark.asvs("6.4.4")
def test_a_lost_one_is_removed_from_above_and_that_ends_every_session(cast, services, sues):
    reference = second_step(services, first_step(services), sues.code())
    services.security.second_factors.remove_lost(cast.rex, cast.sue.tenant.id, cast.sue.user_id)

    assert services.accounts.actor_of(reference) is None
    assert services.accounts.sign_in("sue@demo.test", Secret(PASSWORD), address="192.0.2.7")
    with pytest.raises(NotFoundError):
        services.security.second_factors.remove_lost(cast.rex, cast.sue.tenant.id, cast.sue.user_id)


@pytest.mark.asvs("6.4.4")
def test_nobody_else_removes_it_and_nobody_his_own_this_way(cast, services, sues, clock):
    staff = services.accounts.add(
        cast.sue.tenant.id, email="staff@demo.test", name="Staff", role=Role.STAFF, password=Secret(PASSWORD)
    )
    helper = services.accounts.actor_of(services.accounts.sign_in(staff.email, Secret(PASSWORD), address=""))
    remove = services.security.second_factors.remove_lost
    with pytest.raises(NotFoundError):
        remove(cast.otto, cast.sue.tenant.id, cast.sue.user_id)
    with pytest.raises(ForbiddenError):
        remove(helper, cast.sue.tenant.id, cast.sue.user_id)
    with pytest.raises(InvalidError):
        remove(cast.sue, cast.sue.tenant.id, cast.sue.user_id)
    with pytest.raises(NotFoundError):
        remove(cast.rex, cast.rex.tenant.id, cast.sue.user_id)
    assert services.security.second_factors.mine(cast.sue)


def test_an_app_that_is_held_by_somebody_disabled_opens_nothing(cast, services, sues):
    half = first_step(services)
    with unit_of_work(SYSTEM) as session:
        users.get_row(session, cast.sue.user_id).status = "disabled"
    with pytest.raises(NotFoundError):
        second_step(services, half, sues.code())


@pytest.mark.asvs("6.5.4")
def test_the_codes_are_those_of_common_apps(cast, services):
    services.security.second_factors.offer(cast.sue)
    totp = TOTP.from_uri(services.security.second_factors.offered(cast.sue).uri)

    assert (totp.digits, totp.period, totp.alg, totp.issuer) == (6, 30, "sha1", "Relaytree")
    assert totp.label == "sue@demo.test"


def test_whoever_knows_the_password_opens_no_more_than_ten_halves(cast, services, sues, clock):
    halves = []
    for _ in range(11):
        clock.forward(seconds=1)
        halves.append(first_step(services))

    is_open = services.security.second_steps.is_open
    assert [is_open(each) for each in halves] == [False] + [True] * 10


def test_a_company_with_a_new_data_key_keeps_the_second_factors_of_its_people(cast, services, sues):
    with reading(SYSTEM) as session:
        before = second_factors.find(session, cast.sue.user_id).seed
    assert services.keys.rekey(cast.sue.tenant.id).lost == 0
    with reading(SYSTEM) as session:
        assert second_factors.find(session, cast.sue.user_id).seed != before

    assert second_step(services, first_step(services), sues.code())
