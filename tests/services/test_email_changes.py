"""Another e-mail address: proven by a link that is mailed to it, and told to the one before."""

import re

import pytest

from portal.domain.errors import InvalidError, NotFoundError, TooManyError
from portal.domain.secret import Secret
from portal.services.accounts import SignInRefusedError
from tests.cast import PASSWORD
from tests.work import deliver_all

NEW = "sue@new.example"


@pytest.fixture(autouse=True)
def served(cast, mail_server):
    cast.active_config(cast.rex, **mail_server.typed("none"))


@pytest.fixture
def changes(services):
    return services.security.email_changes


def mailed(services, mail_server, to=NEW):
    """The token in the latest link that this address was mailed."""
    deliver_all(services)
    letters = [letter.text for letter in mail_server.letters if letter.recipients == (to,)]
    return re.findall(r"http://portal\.test/email-changes/(\S+)", letters[-1])[-1]


def sign_in(services, email):
    return services.accounts.actor_of(services.accounts.sign_in(email, Secret(PASSWORD), address="192.0.2.1"))


def test_an_address_counts_once_it_is_proven_and_the_old_one_is_told(cast, services, changes, mail_server):
    assert changes.ask(cast.sue, " Sue@NEW.example ") == "Sue@new.example"
    token = mailed(services, mail_server, "Sue@new.example")
    assert changes.asked(token) == ("sue@demo.test", "Sue@new.example")
    assert sign_in(services, "sue@demo.test").email == "sue@demo.test"

    changes.take(token)
    assert sign_in(services, NEW).user_id == cast.sue.user_id
    with pytest.raises(SignInRefusedError):
        sign_in(services, "sue@demo.test")
    deliver_all(services)
    assert (mail_server.letters[-1].recipients, "Sue@new.example" in mail_server.letters[-1].text) == (
        ("sue@demo.test",),
        True,
    )
    (entry,) = [
        each for each in services.audit.page(cast.sue, cast.sue.tenant.id, before=None) if each.event == "email.changed"
    ]
    assert entry.fields["email"] == ("sue@demo.test", "Sue@new.example")


def test_a_link_works_once_for_half_an_hour_and_only_the_latest(cast, services, changes, mail_server, clock):
    changes.ask(cast.sue, NEW)
    first = mailed(services, mail_server)
    changes.ask(cast.sue, NEW)
    second = mailed(services, mail_server)
    with pytest.raises(NotFoundError):
        changes.take(first)
    changes.take(second)
    with pytest.raises(NotFoundError):
        changes.take(second)

    changes.ask(sign_in(services, NEW), "sue@other.example")
    third = mailed(services, mail_server, "sue@other.example")
    clock.forward(minutes=30)
    with pytest.raises(NotFoundError):
        changes.take(third)


def test_it_ends_with_the_password_and_with_the_account(cast, services, changes, mail_server):
    changes.ask(cast.sue, NEW)
    token = mailed(services, mail_server)
    services.password_changes.change(
        cast.sue, current=Secret(PASSWORD), password=Secret("a brand new one"), reference=""
    )
    with pytest.raises(NotFoundError):
        changes.take(token)

    changes.ask(cast.cal, "cal@new.example")
    token = mailed(services, mail_server, "cal@new.example")
    services.users.disable(cast.sue, cast.cal.tenant.id, [cast.cal.user_id])
    with pytest.raises(NotFoundError):
        changes.take(token)


def test_somebody_elses_address_is_answered_alike_and_gets_no_mail(cast, services, changes, mail_server):
    assert changes.ask(cast.sue, "otto@demo.test") == "otto@demo.test"
    deliver_all(services)

    assert mail_server.letters == []


def test_an_address_that_was_given_away_meanwhile_is_not_taken(cast, services, changes, mail_server):
    changes.ask(cast.sue, NEW)
    token = mailed(services, mail_server)
    services.accounts.add(cast.otto.tenant.id, email=NEW, name="Other", role=cast.otto.role, password=None)
    with pytest.raises(NotFoundError):
        changes.take(token)
    assert sign_in(services, "sue@demo.test")


@pytest.mark.parametrize(
    ("email", "code"), [("sue", "not-an-address"), ("", "not-an-address"), ("SUE@demo.test", "own-already")]
)
def test_what_is_no_new_address_is_refused(cast, changes, email, code):
    with pytest.raises(InvalidError) as refused:
        changes.ask(cast.sue, email)
    assert [(each.field, each.code) for each in refused.value.problems] == [("email", code)]


def test_asking_is_limited(cast, changes):
    for number in range(5):
        changes.ask(cast.sue, f"sue{number}@new.example")
    with pytest.raises(TooManyError):
        changes.ask(cast.sue, NEW)


def test_a_link_for_one_thing_does_nothing_else(cast, services, changes, mail_server):
    changes.ask(cast.sue, NEW)
    token = mailed(services, mail_server)
    with pytest.raises(NotFoundError):
        services.password_changes.reset(token, Secret("chosen by a thief"))
    reset = services.invitations.link_for(cast.sue.user_id).rpartition("/")[2]
    with pytest.raises(NotFoundError):
        changes.take(reset)
