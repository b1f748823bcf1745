"""A company moves with everyone below it, nothing gets lost on the way, and nothing ever stands below itself."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.domain.audit import Event
from portal.domain.delivery import State
from portal.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, PortalError
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Actor, Permission, Role
from portal.domain.tenancy import DEEPEST
from portal.store import paths
from portal.store.db import SYSTEM, reading
from tests.work import deliver_all

TO_CAL = (Mailbox("cal@demo.test", "Cal"),)


def now(services, cast, tenant):
    return services.tenants.get(cast.pia, tenant.id, Permission.VIEW_TREE)


def move(services, cast, tenant, parent, *, by=None):
    return services.moving.move(by or cast.pia, tenant.id, parent.id, version=now(services, cast, tenant).version)


def misplaced():
    with reading(SYSTEM) as session:
        return paths.misplaced(session)


def send(services, tenant):
    message_id, _ = services.sending.send(tenant_id=tenant.id, to=TO_CAL, content=Outgoing("Hello", "A line."))
    return message_id


def test_a_company_moves_with_everyone_below_it_and_only_the_new_parent_sees_it(cast, services):
    moved = move(services, cast, cast.sue.tenant, cast.otto.tenant)

    assert moved.parent_id == cast.otto.tenant.id
    assert moved.path.startswith(cast.otto.tenant.path)
    assert now(services, cast, cast.cals_company).path.startswith(moved.path)
    assert misplaced() == []
    assert services.tenants.tree(cast.otto, cast.otto.tenant.id).size == 2
    with pytest.raises(NotFoundError):
        services.tenants.tree(cast.rex, cast.sue.tenant.id)


def test_after_the_move_the_old_parents_server_sees_nothing_any_more(cast, services, mail_server):
    cast.active_config(cast.rex, from_address="rex@rex.example", **mail_server.typed("none"), password="wrong")
    cast.active_config(cast.otto, from_address="otto@otto.example", **mail_server.typed("none"))
    waiting = send(services, cast.cals_company)
    services.tenants.suspend(cast.rex, cast.sue.tenant.id)
    held = send(services, cast.sue.tenant)
    deliver_all(services)
    services.tenants.resume(cast.rex, cast.sue.tenant.id)
    move(services, cast, cast.sue.tenant, cast.otto.tenant)
    deliver_all(services)

    assert {letter.sender for letter in mail_server.letters} == {"otto@otto.example"}
    for message_id, tenant in ((waiting, cast.cals_company), (held, cast.sue.tenant)):
        assert [each.state for each in services.mail_log.show(cast.pia, tenant.id, message_id).lines] == [State.SENT]


def test_three_logs_tell_of_it_and_neither_parent_learns_of_the_other(cast, services):
    move(services, cast, cast.sue.tenant, cast.otto.tenant)
    logs = {
        person.name: [
            each.fields["parent"]
            for each in services.audit.page(person, person.tenant.id, before=None)
            if each.event == Event.TENANT_MOVED
        ]
        for person in (cast.rex, cast.otto, cast.sue)
    }

    assert {name: [tuple(each) for each in changes] for name, changes in logs.items()} == {
        "Rex": [("Rex Hosting", "")],
        "Otto": [("", "Otto Online")],
        "Sue": [("Rex Hosting", "Otto Online")],
    }


@pytest.mark.parametrize(
    ("what", "where", "code"),
    [
        ("sue", "rex", "stands-there"),
        ("rex", "sue", "below-itself"),
        ("rex", "rex", "below-itself"),
        ("rex", "otto", "holds-no-such"),
        ("sue", "pia", "holds-no-such"),
    ],
)
def test_where_it_does_not_fit_it_is_not_put(cast, services, what, where, code):
    companies = {name: getattr(cast, name).tenant for name in ("pia", "rex", "sue", "otto")}
    with pytest.raises(InvalidError) as refused:
        move(services, cast, companies[what], companies[where])

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("parent", code)]
    assert misplaced() == []


def test_no_two_companies_of_one_name_stand_side_by_side(cast, services):
    services.tenants.create(cast.pia, cast.otto.tenant.id, kind="sub_reseller", name="SUE & partners")
    with pytest.raises(InvalidError) as refused:
        move(services, cast, cast.sue.tenant, cast.otto.tenant)

    assert refused.value.problems[0].code == "name-taken"


def test_the_tree_becomes_no_deeper_than_it_may(cast, services):
    last = cast.otto.tenant
    while last.depth < DEEPEST - 1:
        last = services.tenants.create(cast.pia, last.id, kind="sub_reseller", name=f"Level {last.depth}")

    assert last not in [each.tenant for each in services.moving.targets(cast.pia, cast.sue.tenant.id)]
    with pytest.raises(InvalidError) as refused:
        move(services, cast, cast.sue.tenant, last)
    assert refused.value.problems[0].code == "too-deep"


def test_only_an_owner_above_both_may_move(cast, services):
    staff = Actor(cast.pia.user_id, cast.pia.tenant, Role.STAFF, "", "")
    for person, error in ((cast.rex, NotFoundError), (cast.sue, ForbiddenError), (staff, NotFoundError)):
        with pytest.raises(error):
            move(services, cast, cast.sue.tenant, cast.otto.tenant, by=person)
    with pytest.raises(ForbiddenError):
        move(services, cast, cast.pia.tenant, cast.rex.tenant)


def test_a_company_that_somebody_changed_meanwhile_is_looked_at_again(cast, services):
    with pytest.raises(ConflictError):
        services.moving.move(cast.pia, cast.sue.tenant.id, cast.otto.tenant.id, version=7)


def test_sender_domains_that_the_new_parent_does_not_allow_are_named(cast, services):
    for person, domains in (
        (cast.pia, "a.example\nb.example"),
        (cast.rex, "a.example\nb.example"),
        (cast.otto, "a.example"),
    ):
        allow(services, cast, person.tenant, domains)
    allow(services, cast, cast.sue.tenant, "a.example\nb.example")

    assert services.moving.lost_domains(cast.pia, cast.sue.tenant.id, cast.otto.tenant.id) == ["b.example"]


def allow(services, cast, tenant, domains):
    version = now(services, cast, tenant).version
    services.sender_policies.change(cast.pia, tenant.id, domains=domains, language="", version=version)


def wander(app, services, cast, seed):
    """Moves, selections and deletions as they come; whatever is refused is refused with a reason."""
    dice = random.Random(seed)
    refusals = []
    with app.app_context():
        for _ in range(12):
            everyone = list(flat(services.tenants.tree(cast.pia, cast.pia.tenant.id)))
            tenant, parent = dice.choice(everyone[1:]), dice.choice(everyone)
            try:
                if dice.random() < 0.7:
                    services.moving.move(cast.pia, tenant.id, parent.id, version=tenant.version)
                elif dice.random() < 0.5:
                    config = dice.choice(services.mail_configs.overview(cast.pia, tenant.id).lines or (None,))
                    services.mail_configs.select(cast.pia, tenant.id, config.config.id if config else None)
                else:
                    cast.active_config(cast.pia, tenant=tenant, name=f"{seed}-{dice.random()}")
            except PortalError as refusal:
                refusals.append(refusal)
    return refusals


def flat(branch):
    return [branch.tenant, *(each for below in branch.branches for each in flat(below))]


def test_whatever_moves_at_the_same_time_the_tree_stays_a_tree(app, cast, services):
    for number in range(6):
        reseller = services.tenants.create(cast.pia, cast.pia.tenant.id, kind="reseller", name=f"R{number}")
        services.tenants.create(cast.pia, reseller.id, kind="sub_reseller", name=f"S{number}")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: wander(app, services, cast, seed), range(8)))

    assert misplaced() == []
    assert len(flat(services.tenants.tree(cast.pia, cast.pia.tenant.id))) == 5 + 12
