"""Explain tells what is really used: over a table of ladders, and over companies that change at random."""

import random

import pytest

from portal.domain.config_rules import judged
from portal.domain.diagnosis import Code
from portal.domain.explanation import Question, WhatIf
from portal.domain.outgoing import Mailbox, Outgoing, Purpose
from portal.domain.precedence import Source
from portal.domain.roles import Role
from portal.domain.templates import Wording
from portal.services.explanations import AS_IT_IS
from portal.settings import InstanceDefault
from portal.store import mail_configs
from portal.store.db import SYSTEM, unit_of_work
from tests.cast import plant, typed_config
from tests.services.test_templates import publish
from tests.work import deliver_all

TO_CAL = (Mailbox("cal@demo.test", "Cal"),)

# What stands on each rung: - nothing, ok, broken (its password belongs elsewhere), deleted (it was there).
# Then the rung that answers, and what becomes of the mail.
LADDERS = """
user     one      two      own      rex      pia      instance | source           state
-        -        -        -        -        -        -        | -                no_config
-        -        -        -        -        -        ok       | instance         ok
-        -        -        -        -        ok       -        | provider_default ok
-        -        -        -        ok       -        -        | provider_default ok
-        -        -        -        ok       ok       ok       | provider_default ok
-        -        -        ok       -        -        -        | tenant           ok
-        -        -        ok       ok       ok       ok       | tenant           ok
-        -        ok       -        -        -        -        | profile          ok
-        -        ok       ok       ok       ok       ok       | profile          ok
-        ok       -        -        -        -        -        | profile          ok
-        ok       ok       ok       ok       ok       ok       | profile          ok
ok       -        -        -        -        -        -        | user             ok
ok       ok       ok       ok       ok       ok       ok       | user             ok
ok       broken   broken   broken   broken   broken   -        | user             ok
broken   -        -        -        -        -        -        | user             password_needed
broken   ok       ok       ok       ok       ok       ok       | user             password_needed
-        broken   ok       ok       ok       ok       ok       | profile          password_needed
-        -        broken   ok       ok       ok       ok       | profile          password_needed
-        -        -        broken   ok       ok       ok       | tenant           password_needed
-        -        -        -        broken   ok       ok       | provider_default password_needed
-        -        -        -        -        broken   ok       | provider_default password_needed
-        ok       broken   -        -        -        -        | profile          ok
-        ok       -        broken   broken   broken   -        | profile          ok
-        -        -        ok       broken   broken   -        | tenant           ok
-        -        -        -        ok       broken   -        | provider_default ok
deleted  -        -        -        -        -        -        | -                no_config
deleted  ok       -        -        -        -        -        | profile          ok
deleted  -        ok       -        -        -        -        | profile          ok
deleted  -        -        ok       -        -        -        | tenant           ok
deleted  -        -        -        ok       -        -        | provider_default ok
deleted  -        -        -        -        ok       -        | provider_default ok
deleted  -        -        -        -        -        ok       | instance         ok
deleted  deleted  deleted  ok       -        -        -        | tenant           ok
deleted  deleted  deleted  deleted  ok       -        -        | provider_default ok
deleted  deleted  deleted  deleted  deleted  ok       -        | provider_default ok
deleted  deleted  deleted  deleted  deleted  deleted  ok       | instance         ok
deleted  deleted  deleted  deleted  deleted  deleted  -        | -                no_config
-        deleted  ok       -        -        -        -        | profile          ok
-        deleted  broken   ok       -        -        -        | profile          password_needed
-        -        deleted  broken   ok       -        -        | tenant           password_needed
-        -        -        deleted  broken   ok       -        | provider_default password_needed
-        -        -        deleted  -        -        ok       | instance         ok
deleted  broken   ok       ok       ok       ok       ok       | profile          password_needed
broken   deleted  ok       ok       ok       ok       ok       | user             password_needed
ok       deleted  -        -        -        -        -        | user             ok
-        -        -        -        deleted  deleted  ok       | instance         ok
"""
HEAD, *ROWS = [line.split() for line in LADDERS.strip().splitlines()]
RUNGS = HEAD[: HEAD.index("|")]


class Ladder:
    """Sue's mail and everything it could go through; each configuration's sender says which one it is."""

    def __init__(self, cast, mail_server):
        self.cast, self.services, self.sue, self._server = cast, cast.services, cast.sue, mail_server
        self.tenant_id = cast.sue.tenant.id
        self.profiles = [self.services.profiles.create(self.sue, self.tenant_id, name=name) for name in ("one", "two")]
        for profile in self.profiles:
            self.services.profiles.add_members(self.sue, self.tenant_id, profile.id, [self.sue.user_id])

    def put(self, rung, state):
        if state == "-" or rung == "instance":
            return
        person = {"rex": self.cast.rex, "pia": self.cast.pia}.get(rung, self.sue)
        config = self.config(person, rung)
        self.place(rung, config.id)
        if state == "deleted":
            self.services.mail_configs.delete(person, person.tenant.id, config.id)
        if state == "broken":
            with unit_of_work(SYSTEM) as session:
                mail_configs.get_by_id(session, config.id).username = "somebody else"

    def config(self, person, name):
        return self.cast.config(person, name=name, from_address=f"{name}@example.test", **self._server.typed("tls"))

    def place(self, rung, config_id):
        links = self.services.linked_configs
        match rung:
            case "user":
                links.link_users(self.sue, self.tenant_id, [self.sue.user_id], config_id)
            case "one" | "two":
                links.link_profile(self.sue, self.tenant_id, self.profiles[rung == "two"].id, config_id)
            case _:
                person = {"rex": self.cast.rex, "pia": self.cast.pia}.get(rung, self.sue)
                self.services.mail_configs.select(person, person.tenant.id, config_id)

    def told(self, what_if=AS_IT_IS, *, by=None, question=None):
        question = question or Question(self.sue.user_id)
        return self.services.explanations.explain(by or self.cast.pia, self.tenant_id, question, what_if)

    def really_used(self):
        """Whose sender the next mail has; None where it does not leave."""
        self._server.clear()
        self.services.sending.send(
            tenant_id=self.tenant_id, to=TO_CAL, content=Outgoing("Hello", "A line."), user_id=self.sue.user_id
        )
        deliver_all(self.services)
        letters = [letter for letter in self._server.letters if "cal@demo.test" in letter.recipients]
        return letters[-1].sender.partition("@")[0] if letters else None


@pytest.fixture
def ladder(make_portal, mail_server, request):
    last = judged(typed_config(**mail_server.typed("none"), from_address="instance@example.test"))
    has_last = getattr(request, "param", True)
    app = make_portal(instance_default=InstanceDefault(last, None) if has_last else None)
    with app.app_context():
        yield Ladder(plant(app.extensions["portal.services"]), mail_server)


@pytest.mark.parametrize(
    ("ladder", "states", "source", "state"),
    [(row[6] == "ok", row[:7], row[8], row[9]) for row in ROWS],
    indirect=["ladder"],
    ids=["/".join(row[:7]) for row in ROWS],
)
def test_the_ladder_that_is_told_is_the_one_that_is_climbed(ladder, states, source, state):
    for rung, stands in zip(RUNGS, states, strict=True):
        ladder.put(rung, stands)
    told = ladder.told()

    assert (told.source or "-", told.obstacle) == (source, Code[state.upper()])
    leaves = told.obstacle is Code.OK
    assert ladder.really_used() == (told.signature.sender.address.partition("@")[0] if leaves else None)


def test_a_suspended_company_keeps_its_way_and_its_mail_waits(ladder):
    ladder.put("own", "ok")
    ladder.services.tenants.suspend(ladder.cast.rex, ladder.tenant_id)

    assert (ladder.told().source, ladder.told().obstacle) == (Source.TENANT, Code.SUSPENDED)
    assert ladder.really_used() is None


def test_after_a_move_the_ladder_goes_through_the_new_parent(ladder):
    otto = ladder.cast.otto
    ladder.put("rex", "ok")
    config = ladder.config(otto, "otto")
    ladder.services.mail_configs.select(otto, otto.tenant.id, config.id)
    ladder.services.moving.move(ladder.cast.pia, ladder.tenant_id, otto.tenant.id, version=1)
    told = ladder.told()

    assert (told.source, told.config) == (Source.PROVIDER_DEFAULT, "otto")
    assert "Rex Hosting" not in [step.place for step in told.ladder]
    assert ladder.really_used() == "otto"


def test_a_disabled_user_keeps_his_link_but_gets_no_mail_that_leads_in(ladder):
    staff = ladder.services.accounts.add(
        ladder.tenant_id, email="new@demo.test", name="New", role=Role.STAFF, password=None
    )
    config = ladder.config(ladder.sue, "linked")
    ladder.services.linked_configs.link_users(ladder.sue, ladder.tenant_id, [staff.id], config.id)
    ladder.services.users.disable(ladder.sue, ladder.tenant_id, [staff.id])

    assert ladder.told(question=Question(staff.id)).config == "linked"
    assert not ladder.told(question=Question(staff.id)).is_shut_out
    assert ladder.told(question=Question(staff.id, Purpose.PASSWORD_RESET)).is_shut_out


def test_a_password_that_was_refused_is_told(ladder, mail_server):
    config = ladder.cast.config(ladder.sue, name="own", password="close but no", **mail_server.typed("tls"))
    ladder.place("own", config.id)
    assert ladder.really_used() is None

    assert ladder.told().obstacle is Code.AUTH_REJECTED


def test_the_sender_that_is_told_is_the_one_that_travels(ladder, mail_server):
    ladder.put("pia", "ok")
    wanted = Mailbox("sue@sue.example", "Sue")
    told = ladder.told(question=Question(sender=wanted))
    ladder.services.sending.send(
        tenant_id=ladder.tenant_id, to=TO_CAL, content=Outgoing("Hello", "A line.", sender=wanted)
    )
    deliver_all(ladder.services)
    message = mail_server.letters[-1].message

    assert (told.signature.sender.address, told.signature.reply_to) == ("pia@example.test", wanted)
    assert told.signature.notes == ("sender-moved-to-reply-to",)
    assert message["From"].addresses[0].addr_spec == "pia@example.test"
    assert message["Reply-To"].addresses[0].addr_spec == "sue@sue.example"


def test_the_sender_of_inherited_words_is_judged_by_who_wrote_them(ladder, mail_server):
    """Rex's words over Rex's own configuration, for a mail of Sue's company."""
    ladder.put("rex", "ok")
    publish(ladder.services, ladder.cast.rex, words=Wording("x", "{{url}}", from_address="welcome@rex.test"))
    told = ladder.told(question=Question(purpose=Purpose.INVITATION))

    assert (told.signature.sender.address, told.signature.notes) == (
        "welcome@rex.test", ("sender-address-from-template",),
    )  # fmt: skip


class Model:
    """What stands where, in plain Python."""

    RUNGS = ("user", "one", "two", "own", "rex", "pia")

    def __init__(self, ladder):
        self.ladder = ladder
        self.stands = dict.fromkeys(self.RUNGS)
        people = {"rex": ladder.cast.rex, "pia": ladder.cast.pia}
        self.configs = {name: ladder.config(ladder.sue, name).id for name in ("a", "b", "c")}
        self.above = {name: ladder.config(person, f"{name}s").id for name, person in people.items()}

    def used(self, stands):
        return next((name for name in map(stands.get, self.RUNGS) if name), "instance")

    def imagine(self, dice):
        """A change that can be imagined: what it is called, what would stand then, and how it is really done."""
        links = self.ladder.services.linked_configs
        sue, tenant_id = self.ladder.sue, self.ladder.tenant_id
        verb = dice.choice(["unlink user", "unlink one", "unlink two", "select", "default", "delete"])
        name = dice.choice(sorted(self.configs))
        then = dict(self.stands)
        match verb:
            case "unlink user":
                then["user"] = None
                return WhatIf(unlinked_user=True), then, lambda: links.link_users(sue, tenant_id, [sue.user_id], None)
            case "unlink one" | "unlink two":
                rung = verb.partition(" ")[2]
                then[rung] = None
                what_if = WhatIf(unlinked_profiles=frozenset({rung}))
                return what_if, then, lambda: self.ladder.place(rung, None)
            case "select":
                then["own"] = name
                config_id = self.configs[name]
                return WhatIf(selected=config_id), then, lambda: self.ladder.place("own", config_id)
            case "default":
                then["own"] = None
                return WhatIf(stays_on_default=True), then, lambda: self.ladder.place("own", None)
            case _:
                then = {rung: None if stands == name else stands for rung, stands in then.items()}
                return WhatIf(deleted=self.configs[name]), then, lambda: self._delete(name)

    def _delete(self, name):
        self.ladder.services.mail_configs.delete(self.ladder.sue, self.ladder.tenant_id, self.configs.pop(name))
        self.configs[name] = self.ladder.config(self.ladder.sue, name).id

    def wander(self, dice):
        """Put something somewhere."""
        rung = dice.choice(self.RUNGS)
        if rung in self.above:
            stands = dice.choice([None, f"{rung}s"])
            self.ladder.place(rung, self.above[rung] if stands else None)
        else:
            stands = dice.choice([None, *sorted(self.configs)])
            self.ladder.place(rung, self.configs[stands] if stands else None)
        self.stands[rung] = stands


@pytest.mark.parametrize("seed", range(5))
def test_over_random_changes_what_is_told_is_what_is_used_and_what_if_is_what_then_is(ladder, seed):
    dice, model = random.Random(seed), Model(ladder)
    for _ in range(25):
        for _ in range(dice.randint(1, 4)):
            model.wander(dice)
        what_if, then, do = model.imagine(dice)
        assert (ladder.told().config or "instance") == model.used(model.stands) == ladder.really_used()
        imagined = ladder.told(what_if)
        do()
        model.stands = then
        real = ladder.told()

        assert (imagined.ladder, imagined.config, imagined.signature) == (real.ladder, real.config, real.signature)
        assert (real.config or "instance") == model.used(then)
