"""Whose configuration a mail leaves through: every rung in turn, at the moment of sending."""

from uuid import uuid4

import pytest

from portal.domain.config_rules import judged
from portal.domain.delivery import State
from portal.domain.ids import UserId
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.precedence import Reason, Source
from portal.domain.roles import Role
from portal.settings import InstanceDefault
from portal.store.db import SYSTEM, reading
from tests.cast import plant, typed_config
from tests.work import OWNER, deliver_all, run_trials

HELLO = Outgoing("Hello", "A line.\n")
TO_CAL = (Mailbox("cal@demo.test", "Cal"),)
UNKNOWN = UserId(uuid4())


class Ladder:
    """Every rung of Sue's own mail, each with a configuration whose sender says which one it is."""

    def __init__(self, cast, mail_server):
        self.cast, self.services, self.sue = cast, cast.services, cast.sue
        self._server = mail_server
        self.tenant_id = cast.sue.tenant.id
        self.profiles = [self.services.profiles.create(self.sue, self.tenant_id, name=name) for name in ("One", "Two")]
        for profile in self.profiles:
            self.services.profiles.add_members(self.sue, self.tenant_id, profile.id, [self.sue.user_id])

    def config(self, name, person=None):
        person = person or self.sue
        return self.cast.config(person, name=name, from_address=f"{name}@example.test", **self._server.typed("none"))

    def link_user(self, config_id):
        self.services.linked_configs.link_users(self.sue, self.tenant_id, [self.sue.user_id], config_id)

    def link_profile(self, number, config_id):
        self.services.linked_configs.link_profile(self.sue, self.tenant_id, self.profiles[number].id, config_id)

    def select(self, config_id, person=None):
        person = person or self.sue
        self.services.mail_configs.select(person, person.tenant.id, config_id)

    def sender(self, **options):
        """From which address the next mail really leaves; None where it is held."""
        self._server.clear()
        options = {"user_id": self.sue.user_id, **options}
        self.services.sending.send(tenant_id=self.tenant_id, to=TO_CAL, content=HELLO, **options)
        deliver_all(self.services)
        letters = [letter for letter in self._server.letters if "cal@demo.test" in letter.recipients]
        return letters[-1].sender.partition("@")[0] if letters else None

    def trace(self, user_id=None):
        with reading(SYSTEM) as session:
            resolver = self.services.outbox.resolver
            return resolver.for_tenant(session, self.tenant_id, user_id=user_id or self.sue.user_id).trace


@pytest.fixture
def ladder(make_portal, mail_server):
    last = judged(typed_config(**mail_server.typed("none"), from_address="instance@example.test"))
    app = make_portal(instance_default=InstanceDefault(last, None))
    with app.app_context():
        yield Ladder(plant(app.extensions["portal.services"]), mail_server)


@pytest.mark.req("S0.1", "S0.2", "S0.3", "S0.4", "S0.5")
def test_each_rung_that_is_taken_away_lets_the_next_mail_fall_to_the_one_below(ladder):
    named = ladder.config("named")
    user, one, two, own = (ladder.config(name) for name in ("user", "one", "two", "own"))
    top = ladder.config("top", ladder.cast.pia)
    ladder.select(top.id, ladder.cast.pia)
    ladder.select(own.id)
    ladder.link_user(user.id)
    ladder.link_profile(0, one.id)
    ladder.link_profile(1, two.id)

    assert ladder.sender(config_id=named.id) == "named"
    assert ladder.sender() == "user"
    ladder.link_user(None)
    assert ladder.sender() == "one"
    ladder.link_profile(0, None)
    assert ladder.sender() == "two"
    ladder.link_profile(1, None)
    assert ladder.sender() == "own"
    ladder.select(None)
    assert ladder.sender() == "top"
    ladder.select(None, ladder.cast.pia)
    assert ladder.sender() == "instance"


def test_the_trace_names_every_rung_that_was_asked_and_why_it_was_passed_over(ladder):
    top = ladder.config("top", ladder.cast.pia)
    ladder.select(top.id, ladder.cast.pia)

    assert [(rung.source, rung.place, rung.reason) for rung in ladder.trace()] == [
        (Source.NAMED, "", Reason.NONE_NAMED),
        (Source.USER, "Sue", Reason.NOT_LINKED),
        (Source.PROFILE, "One", Reason.NOT_LINKED),
        (Source.PROFILE, "Two", Reason.NOT_LINKED),
        (Source.TENANT, "Sue & Partners", Reason.STAYS_ON_DEFAULT),
        (Source.PROVIDER_DEFAULT, "Rex Hosting", Reason.STAYS_ON_DEFAULT),
        (Source.PROVIDER_DEFAULT, "Pia Cloud", None),
    ]


def test_whoever_is_in_no_profile_is_told_so(ladder):
    for profile in ladder.profiles:
        ladder.services.profiles.remove_members(ladder.sue, ladder.tenant_id, profile.id, [ladder.sue.user_id])

    assert [rung.reason for rung in ladder.trace()][1:3] == [Reason.NOT_LINKED, Reason.IN_NO_PROFILE]


def test_the_mail_of_nobody_in_particular_asks_no_person(ladder):
    ladder.link_user(ladder.config("user").id)

    assert ladder.sender(user_id=None) == "instance"
    assert Source.USER not in [rung.source for rung in ladder.trace(UNKNOWN)]


def test_a_profile_that_moves_up_is_asked_first(ladder):
    ladder.link_profile(0, ladder.config("one").id)
    ladder.link_profile(1, ladder.config("two").id)

    ladder.services.profiles.move(ladder.sue, ladder.tenant_id, ladder.profiles[1].id, up=True)

    assert ladder.sender() == "two"


def test_going_up_asks_for_the_active_configuration_and_never_for_what_is_linked_to_people_there(ladder):
    rex = ladder.cast.rex
    config = ladder.config("rexs-own", rex)
    ladder.services.linked_configs.link_users(rex, rex.tenant.id, [rex.user_id], config.id)
    profile = ladder.services.profiles.create(rex, rex.tenant.id, name="All")
    ladder.services.profiles.add_members(rex, rex.tenant.id, profile.id, [rex.user_id])
    ladder.services.linked_configs.link_profile(rex, rex.tenant.id, profile.id, config.id)

    assert ladder.sender() == "instance"


@pytest.mark.parametrize("rung", ["user", "profile"])
def test_a_linked_configuration_that_cannot_send_keeps_the_question(ladder, mail_server, rung):
    broken = ladder.cast.config(ladder.sue, name="Broken", password="wrong", **mail_server.typed("starttls"))
    ladder.select(ladder.config("own").id)
    if rung == "user":
        ladder.link_user(broken.id)
    else:
        ladder.link_profile(0, broken.id)

    assert ladder.sender() is None


def test_linking_wakes_the_mail_that_was_held(cast, services, mail_server):
    message_id, resolution = services.sending.send(
        tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO, user_id=cast.sue.user_id
    )
    deliver_all(services)
    assert resolution.choice is None

    config = cast.config(cast.sue, **mail_server.typed("tls"))
    services.linked_configs.link_users(cast.sue, cast.sue.tenant.id, [cast.sue.user_id], config.id)
    deliver_all(services)

    assert [line.state for line in services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines] == [
        State.SENT
    ]


def test_a_link_that_is_taken_away_while_the_mail_travels_stops_it_at_the_fence(ladder, mail_server, monkeypatch):
    ladder.link_user(ladder.config("user").id)
    ladder.select(ladder.config("own").id)
    ladder.services.sending.send(tenant_id=ladder.tenant_id, to=TO_CAL, content=HELLO, user_id=ladder.sue.user_id)
    job = ladder.services.delivering.preparation.prepare(ladder.services.delivering.claim(OWNER))
    ladder.link_user(None)
    report = ladder.services.delivering._transmit(job)
    ladder.services.delivering._settle(job, report)
    assert mail_server.letters == []

    deliver_all(ladder.services)
    assert [letter.sender for letter in mail_server.letters] == ["own@example.test"]


@pytest.mark.req("S0.2")
def test_ones_own_test_mail_takes_ones_own_way(ladder, mail_server):
    ladder.link_user(ladder.config("user").id)
    ladder.services.trials.request_own(ladder.sue)
    run_trials(ladder.services)

    assert [letter.sender for letter in mail_server.letters] == ["user@example.test"]


def test_a_new_colleague_uses_what_his_profile_uses_from_the_next_mail_on(ladder):
    staff = ladder.services.accounts.add(
        ladder.tenant_id, email="new@demo.test", name="New", role=Role.STAFF, password=None
    )
    ladder.link_profile(1, ladder.config("two").id)
    assert ladder.sender(user_id=staff.id) == "instance"

    ladder.services.profiles.add_members(ladder.sue, ladder.tenant_id, ladder.profiles[1].id, [staff.id])
    assert ladder.sender(user_id=staff.id) == "two"
