"""Another password: asked for without telling who is here, set once, and past every earlier one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from portal.domain.errors import InvalidError, NotFoundError, TooManyError
from portal.domain.secret import Secret
from portal.services.accounts import SignInRefusedError
from portal.services.passphrases import Passphrases
from portal.store.db import db, reading
from portal.store.sign_ins import OneTimeLinkRow
from tests.cast import PASSWORD
from tests.counting import noting
from tests.work import deliver_all

OLD, NEW, OTHER = Secret(PASSWORD), Secret("a brand new password"), Secret("chosen by a thief")


def ask(services, email="sue@demo.test", address="127.0.0.1"):
    services.password_changes.ask(email, address=address)


def interrupted_by(passphrases: Passphrases, happening: Callable[[], object]) -> Passphrases:
    """Passphrases during whose comparison `happening` happens."""

    class Interrupted(Passphrases):
        def matches(self, password: Secret, known: str | None) -> bool:
            right = super().matches(password, known)
            happening()
            return right

    return Interrupted(passphrases.context, passphrases.stolen)


def link_of(cast, person):
    return cast.services.invitations.link_for(person.user_id).rpartition("/")[2]


def statements(work):
    """The kinds of statements and commits that a piece of work makes, in order."""
    seen = []

    def note(statement):
        if not statement.startswith(("PRAGMA", "SAVEPOINT", "ROLLBACK TO", "RELEASE")):
            seen.append(statement.split("WHERE")[0])

    def note_commit(_connection):
        seen.append("COMMIT")

    event.listen(db.engine, "commit", note_commit)
    try:
        with noting(note):
            work()
    finally:
        event.remove(db.engine, "commit", note_commit)
    return seen


def test_asking_for_a_stranger_does_the_same_work_and_leaves_nothing_behind(cast, services):
    ask(services)
    before = services.mail_log.page(cast.sue, cast.sue.tenant.id)
    known = statements(lambda: ask(services, "rex@demo.test"))
    unknown = statements(lambda: ask(services, "nobody@demo.test"))

    inserts = [each for each in known if each.startswith("INSERT")]
    assert [each for each in unknown if each.startswith("INSERT")] == inserts
    assert len(inserts) > 3
    assert unknown.count("COMMIT") == known.count("COMMIT")
    assert services.mail_log.page(cast.sue, cast.sue.tenant.id) == before
    for person in (cast.pia, cast.cal, cast.otto):
        assert services.mail_log.page(cast.pia, person.tenant.id) == []
    with reading("system") as session:
        assert session.query(OneTimeLinkRow).count() == 2


@pytest.mark.asvs("6.6.3")
def test_asking_is_limited_for_whoever_asks_and_for_whom_it_is_asked(cast, services):
    for _ in range(3):
        ask(services)
    with pytest.raises(TooManyError):
        ask(services)
    for number in range(16):
        ask(services, f"nobody{number}@demo.test")
    with pytest.raises(TooManyError):
        ask(services, "rex@demo.test")


@pytest.mark.asvs("6.6.2")
def test_a_link_works_once_and_only_for_what_it_is_for(cast, services):
    token = link_of(cast, cast.sue)
    with pytest.raises(NotFoundError):
        services.invitations.accept(token, NEW)
    services.password_changes.reset(token, NEW)

    with pytest.raises(NotFoundError):
        services.password_changes.reset(token, OTHER)


def test_a_link_ends_after_half_an_hour_and_when_the_password_changed_otherwise(cast, services, clock):
    token = link_of(cast, cast.sue)
    services.password_changes.change(cast.sue, current=OLD, password=NEW, reference="")
    with pytest.raises(NotFoundError):
        services.password_changes.reset(token, OTHER)

    token = link_of(cast, cast.sue)
    clock.forward(minutes=30)
    with pytest.raises(NotFoundError):
        services.password_changes.reset(token, OTHER)


def test_an_old_password_that_was_looked_at_before_the_reset_opens_nothing_after_it(cast, services):
    token = link_of(cast, cast.sue)
    accounts = replace(
        services.accounts,
        passphrases=interrupted_by(services.accounts.passphrases, lambda: services.password_changes.reset(token, NEW)),
    )

    with pytest.raises(SignInRefusedError):
        accounts.sign_in("sue@demo.test", OLD, address="127.0.0.1")


def test_a_change_that_was_under_way_does_not_undo_the_reset(cast, services):
    token = link_of(cast, cast.sue)
    thief = replace(
        services.password_changes,
        passphrases=interrupted_by(
            services.password_changes.passphrases, lambda: services.password_changes.reset(token, NEW)
        ),
    )

    with pytest.raises(InvalidError):
        thief.change(cast.sue, current=OLD, password=OTHER, reference="")
    assert services.accounts.sign_in("sue@demo.test", NEW, address="127.0.0.1")


def test_guessing_the_current_password_is_slowed_down_too(cast, services):
    def guess(current):
        services.password_changes.change(cast.sue, current=current, password=NEW, reference="")

    for _ in range(10):
        with pytest.raises(InvalidError):
            guess(OTHER)
    with pytest.raises(TooManyError):
        guess(OLD)


@pytest.mark.req("S4.3")
def test_the_link_is_mailed_by_the_way_of_its_holder(cast, services, mail_server):
    cast.active_config(cast.rex, from_address="rex@rex.example", **mail_server.typed("none"))
    own = cast.config(cast.sue, from_address="own@sue.example", **mail_server.typed("tls"))
    services.linked_configs.link_users(cast.sue, cast.sue.tenant.id, [cast.sue.user_id], own.id)
    for person in (cast.sue, cast.cal):
        services.password_changes.ask(person.email, address="192.0.2.1")
    deliver_all(services)

    assert {letter.recipients[0]: letter.sender for letter in mail_server.letters} == {
        "sue@demo.test": "own@sue.example",
        "cal@demo.test": "rex@rex.example",
    }
    assert all("http://portal.test/password-resets/" in letter.text for letter in mail_server.letters)
