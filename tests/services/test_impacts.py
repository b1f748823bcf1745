"""What a change would touch is told beforehand, and is exactly what it then touches."""

import random
from collections import Counter

import pytest

from portal.domain import impact as rules
from portal.domain.errors import InvalidError, NotFoundError
from portal.domain.impact import Impact, ensure_confirmed
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Permission, Role
from portal.store.db import SYSTEM, reading
from tests.counting import counting


class Estate:
    """A tree of companies with people, some of whom have something linked to them, grown by dice."""

    def __init__(self, cast, dice):
        self.cast, self.services, self.dice = cast, cast.services, dice
        self.tenants = [cast.pia.tenant, cast.rex.tenant, cast.sue.tenant, cast.cals_company, cast.otto.tenant]
        for number in range(8):
            parent = dice.choice([each for each in self.tenants if each.kind != "customer"])
            kind = {"provider": "reseller", "reseller": "sub_reseller", "sub_reseller": "sub_reseller"}[parent.kind]
            self.tenants.append(
                self.services.tenants.create(
                    cast.pia, parent.id, kind=dice.choice([kind, "customer"]), name=f"C{number}"
                )
            )
        self.configs = {
            each.id: [cast.config(cast.pia, tenant=each, name=name).id for name in "ab"] for each in self.tenants
        }
        self.people = []
        for each in self.tenants:
            self._furnish(each)

    def _furnish(self, tenant):
        pia, dice = self.cast.pia, self.dice
        self.services.mail_configs.select(pia, tenant.id, dice.choice([None, None, *self.configs[tenant.id]]))
        groups = [self.services.profiles.create(pia, tenant.id, name=name).id for name in ("x", "y")]
        for group in groups:
            linked = dice.choice([None, *self.configs[tenant.id]])
            self.services.linked_configs.link_profile(pia, tenant.id, group, linked)
        for number in range(dice.randint(0, 4)):
            user = self.services.accounts.add(
                tenant.id, email=f"{number}-{tenant.id.hex}@demo.test", name="X", role=Role.STAFF, password=None
            )
            self.people.append((tenant.id, user.id))
            own = dice.choice([None, None, *self.configs[tenant.id]])
            self.services.linked_configs.link_users(pia, tenant.id, [user.id], own)
            for group in groups:
                if dice.random() < 0.4:
                    self.services.profiles.add_members(pia, tenant.id, group, [user.id])
            if dice.random() < 0.4:
                self.services.sending.send(
                    tenant_id=tenant.id, to=(Mailbox("a@demo.test"),), content=Outgoing("A", "A"), user_id=user.id
                )

    def ways(self):
        """What everybody's mail really uses now: companies, and people beyond the cast."""
        resolver = self.services.outbox.resolver
        with reading(SYSTEM) as session:
            companies = {each.id: resolver.for_tenant(session, each.id).choice for each in self.tenants}
            people = {
                user_id: resolver.for_tenant(session, tenant_id, user_id=user_id).choice
                for tenant_id, user_id in self.people
            }
        cast = {person.user_id: companies[person.tenant.id] for person in self._cast()}
        return companies, people | cast

    def _cast(self):
        return self.cast.pia, self.cast.rex, self.cast.sue, self.cast.cal, self.cast.otto


def changed(before, after):
    return {key for key, way in before.items() if after[key] != way}


@pytest.mark.parametrize("seed", range(6))
def test_over_random_trees_the_counts_are_those_of_what_really_changes(cast, seed):
    dice = random.Random(seed)
    estate = Estate(cast, dice)
    impacts, configs, pia = cast.services.impacts, cast.services.mail_configs, cast.pia
    for _ in range(6):
        tenant = dice.choice(estate.tenants)
        chosen = dice.choice([None, *estate.configs[tenant.id]])
        before = estate.ways()
        if dice.random() < 0.6 or chosen is None:
            told = impacts.of_selection(pia, tenant.id, chosen)
            configs.select(pia, tenant.id, chosen)
        else:
            told = impacts.of_deletion(pia, tenant.id, chosen)
            configs.delete(pia, tenant.id, chosen)
            estate.configs[tenant.id].remove(chosen)
        after = estate.ways()
        companies, people = (changed(was, is_now) for was, is_now in zip(before, after, strict=True))

        assert (told.companies, told.people) == (len(companies), len(people))
        taking_over = Counter(after[0][each] for each in companies)
        assert {each.choice: each.companies for each in told.takeovers if each.companies} == taking_over
        heads = Counter(after[1][each] for each in people)
        assert {each.choice: each.people for each in told.takeovers if each.people} == heads


@pytest.mark.parametrize("seed", range(3))
def test_over_random_trees_a_move_touches_whom_it_was_said_to_touch(cast, seed):
    dice = random.Random(seed)
    estate = Estate(cast, dice)
    for _ in range(6):
        tenant = dice.choice(estate.tenants[1:])
        targets = cast.services.moving.targets(cast.pia, tenant.id)
        if not targets:
            continue
        parent, before = dice.choice(targets).tenant, estate.ways()
        told = cast.services.impacts.of_move(cast.pia, tenant.id, parent.id)
        version = cast.services.tenants.get(cast.pia, tenant.id, Permission.VIEW_TREE).version
        cast.services.moving.move(cast.pia, tenant.id, parent.id, version=version)
        after = estate.ways()

        assert (told.companies, told.people) == tuple(
            len(changed(was, is_now)) for was, is_now in zip(before, after, strict=True)
        )


def test_whom_an_edit_touches_and_what_waits_is_told(cast, services):
    office = cast.active_config(cast.rex)
    cast.active_config(cast.otto)
    services.sending.send(tenant_id=cast.sue.tenant.id, to=(Mailbox("a@demo.test"),), content=Outgoing("A", "A"))
    told = services.impacts.of_edit(cast.rex, cast.rex.tenant.id, office.id)

    assert told == Impact(3, 3, 1, ("Rex Hosting", "Sue & Partners", "Cal & Co"))


def test_a_rest_touches_everybody_below(cast, services):
    cast.active_config(cast.sue)
    assert services.impacts.of_rest(cast.pia, cast.rex.tenant.id).companies == 3


def test_what_takes_over_is_named_only_where_one_may_look(cast, services):
    cast.active_config(cast.rex, name="Rex's relay")
    config = cast.active_config(cast.sue)

    assert [each.name for each in services.impacts.of_deletion(cast.sue, cast.sue.tenant.id, config.id).takeovers] == [
        ""
    ]
    assert [each.name for each in services.impacts.of_deletion(cast.rex, cast.sue.tenant.id, config.id).takeovers] == [
        "Rex's relay"
    ]


def test_foreign_configurations_and_companies_do_not_exist(cast, services):
    config = cast.config(cast.otto)
    for ask in (
        lambda: services.impacts.of_selection(cast.sue, cast.sue.tenant.id, config.id),
        lambda: services.impacts.of_deletion(cast.sue, cast.sue.tenant.id, config.id),
        lambda: services.impacts.of_edit(cast.sue, cast.otto.tenant.id, config.id),
        lambda: services.impacts.of_move(cast.rex, cast.sue.tenant.id, cast.otto.tenant.id),
        lambda: services.impacts.of_rest(cast.sue, cast.otto.tenant.id),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_it_takes_as_many_statements_for_many_as_for_few(cast, services):
    active, other = cast.active_config(cast.pia, name="a"), cast.config(cast.pia, name="b")
    here = cast.pia.tenant.id
    questions = (
        lambda: services.impacts.of_selection(cast.pia, here, other.id),
        lambda: services.impacts.of_edit(cast.pia, here, active.id),
        lambda: services.impacts.of_deletion(cast.pia, here, active.id),
        lambda: services.impacts.of_rest(cast.pia, cast.rex.tenant.id),
        lambda: services.impacts.of_move(cast.pia, cast.sue.tenant.id, cast.otto.tenant.id),
        lambda: services.moving.targets(cast.pia, cast.sue.tenant.id),
    )

    def statements():
        counts = []
        for ask in questions:
            with counting() as asked:
                ask()
            counts.append(len(asked))
        return counts

    few = statements()
    for number in range(12):
        tenant = services.tenants.create(cast.pia, here, kind="reseller", name=f"R{number}")
        services.tenants.create(cast.pia, cast.sue.tenant.id, kind="customer", name=f"C{number}")
        services.accounts.add(tenant.id, email=f"{number}@demo.test", name="X", role=Role.STAFF, password=None)
    assert statements() == few


@pytest.mark.parametrize(
    ("impact", "is_grave"),
    [
        (Impact(rules.MANY_COMPANIES, rules.MANY_PEOPLE, 10_000, ()), False),
        (Impact(rules.MANY_COMPANIES + 1, 0, 0, ()), True),
        (Impact(0, rules.MANY_PEOPLE + 1, 0, ()), True),
    ],
)
def test_what_touches_many_wants_the_name_typed(impact, is_grave):
    ensure_confirmed(impact, "Office relay", " office RELAY ")
    if is_grave:
        with pytest.raises(InvalidError) as refused:
            ensure_confirmed(impact, "Office relay", "office")
        assert refused.value.problems[0].field == "confirmation"
    else:
        ensure_confirmed(impact, "Office relay", "")
