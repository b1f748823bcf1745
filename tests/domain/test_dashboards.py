"""What needs somebody, the gravest first, and what became of the mail of each day."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from portal.domain.config_rules import judged
from portal.domain.dashboards import (
    MOST_CONFIGS,
    Engine,
    Facts,
    Matter,
    Numbers,
    QueueNow,
    UsedConfig,
    daily,
    last_days,
    needs,
)
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.mail_config import InheritedDefault, MailConfig
from portal.domain.tenancy import Tenant, TenantKind, TenantStatus
from tests.cast import typed_config

NOW = datetime(2026, 3, 30, 9, 41, tzinfo=UTC)
ACME = Tenant(
    id=uuid4(), parent_id=uuid4(), kind=TenantKind.RESELLER, name="Rex Hosting", path="1.2.", status=TenantStatus.ACTIVE,
    suspended=False, active_config_id=None, shows_sender=True, version=1,
)  # fmt: skip
WORKING = InheritedDefault("Pia Cloud", None, exists=True, last_code="ok", last_at=NOW)
CALM = Facts(ACME, (), WORKING, {}, Numbers(1, 0, 0, 0), None)
QUIET = QueueNow(0, None, 0, 0, 0, 0, is_held=False)


def used(code=Code.OK, *, is_selected=True, is_failing=False, paused_until=None):
    config = MailConfig(
        id=uuid4(), tenant_id=ACME.id, draft=judged(typed_config()), has_password=True, version=1, updated_at=NOW,
        last_code=code.value if code else None, last_at=NOW, paused_until=paused_until,
    )  # fmt: skip
    return UsedConfig(config, is_selected, is_failing)


def matters(**changes):
    return [need.matter for need in needs(replace(CALM, **changes))]


def test_where_all_is_well_nothing_needs_anybody():
    assert matters() == []
    assert matters(default=None, used=[used()]) == []
    assert matters(engine=Engine(QUIET, delivers=True, has_room=True, is_late=False)) == []


def test_a_configuration_is_told_once_by_what_is_gravest():
    assert matters(used=[used(Code.PASSWORD_NEEDED, is_failing=True)]) == [Matter.PASSWORD_NEEDED]
    assert matters(used=[used(Code.REFUSED, is_failing=True, paused_until=NOW)]) == [Matter.PAUSED]
    assert matters(used=[used(Code.REFUSED)]) == [Matter.FAILS]
    assert matters(used=[used(Code.OK, is_failing=True)]) == [Matter.FAILS]
    assert matters(used=[used(None)]) == [Matter.NEVER_TRIED]
    assert matters(used=[used(None, is_selected=False)]) == []


def test_a_mail_that_its_recipient_did_not_take_says_nothing_against_a_configuration():
    assert matters(used=[used(Code.RECIPIENT_REJECTED)]) == []


def test_many_failing_configurations_are_summed_up():
    found = needs(replace(CALM, used=[used(Code.REFUSED) for _ in range(MOST_CONFIGS + 2)]))

    assert [need.matter for need in found] == [*[Matter.FAILS] * MOST_CONFIGS, Matter.MORE_CONFIGS]
    assert next(need.number for need in found if need.matter is Matter.MORE_CONFIGS) == 2


def test_what_is_inherited_needs_somebody_where_it_is_missing_or_fails():
    assert matters(default=InheritedDefault("Pia Cloud", None, exists=False)) == [Matter.NOTHING_APPLIES]
    assert matters(default=replace(WORKING, last_code="net.refused")) == [Matter.DEFAULT_FAILS]
    assert matters(default=replace(WORKING, last_code=None)) == []


def test_the_gravest_stands_first():
    engine = Engine(replace(QUIET, is_held=True, restored=3), delivers=False, has_room=False, is_late=True)
    waiting = {State.HELD: 2, State.UNCERTAIN: 1, State.QUARANTINED: 1, State.QUEUED: 9}
    tenant, numbers = replace(ACME, suspended=True), Numbers(1, 0, 4, 2)

    found = matters(engine=engine, waiting=waiting, tenant=tenant, numbers=numbers)

    assert found == [
        *(Matter.NOBODY_DELIVERS, Matter.DISK, Matter.QUEUE_HELD, Matter.RESTORED, Matter.SUSPENDED),
        *(Matter.HELD, Matter.UNCERTAIN, Matter.QUARANTINED, Matter.FAILING_BELOW),
    ]


def test_a_late_mail_in_a_held_queue_is_no_news():
    held = Engine(replace(QUIET, is_held=True), delivers=True, has_room=True, is_late=True)

    assert matters(engine=held) == [Matter.QUEUE_HELD]
    assert matters(engine=replace(held, queue=QUIET)) == [Matter.LATE]


def test_days_begin_at_midnight_where_the_reader_is_also_where_one_has_23_hours():
    edges = last_days(NOW, ZoneInfo("Europe/Berlin"), 2)

    assert edges == [
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
        datetime(2026, 3, 30, 22, tzinfo=UTC),
    ]


def test_each_day_says_what_became_of_its_mail_and_leaves_out_what_was_called_off():
    edges = last_days(NOW, count=2)
    counts = [
        (0, State.SENT, 3),
        (0, State.EXPIRED, 1),
        (1, State.HELD, 2),
        (1, State.COMMITTING, 1),
        (1, State.CANCELLED, 5),
    ]

    first, second = daily(edges, counts)

    assert (first.since, first.delivered, first.failed, first.put_off) == (edges[0], 3, 1, 0)
    assert (second.delivered, second.failed, second.put_off) == (0, 0, 3)
