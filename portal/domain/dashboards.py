"""Knows what whoever looks after a company sees first: what sends its mail, how that does, and what needs somebody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from portal.domain.delivery import UNSETTLED, State
from portal.domain.diagnosis import Code
from portal.domain.health import has_worked
from portal.domain.mail_config import InheritedDefault, MailConfig
from portal.domain.queue import Tally
from portal.domain.tenancy import Tenant

DAYS = 14
# So many configurations are told by name; the others stand in their list.
MOST_CONFIGS = 5
# Nobody reads the last digits of more, and the database would count them for every look at the page.
MOST_COMPANIES = 10_000
# States in which a mail stays as it is until somebody does something about it.
FOR_A_PERSON = (State.HELD, State.UNCERTAIN, State.QUARANTINED)


class Matter(StrEnum):
    """What somebody has to look at, the gravest first."""

    NOBODY_DELIVERS = "nobody-delivers"
    DISK = "disk"
    QUEUE_HELD = "queue-held"
    RESTORED = "restored"
    LATE = "late"
    SUSPENDED = "suspended"
    NOTHING_APPLIES = "nothing-applies"
    DEFAULT_FAILS = "default-fails"
    PASSWORD_NEEDED = "password-needed"  # noqa: S105 - what is wrong, not a password
    PAUSED = "paused"
    FAILS = "fails"
    NEVER_TRIED = "never-tried"
    MORE_CONFIGS = "more-configs"
    HELD = "held"
    UNCERTAIN = "uncertain"
    QUARANTINED = "quarantined"
    FAILING_BELOW = "failing-below"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for somebody: how many there are of it, or which configuration it is about."""

    matter: Matter
    number: int = 1
    config: MailConfig | None = None


@dataclass(frozen=True, slots=True)
class UsedConfig:
    """A configuration of the company that is selected or linked. `is_failing` is true once its people were told."""

    config: MailConfig
    is_selected: bool
    is_failing: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many there are in a company, and companies below it; `failing_below` are those with one that fails.

    `companies` counts up to one more than MOST_COMPANIES, which stands for many.
    """

    people: int
    configs: int
    companies: int
    failing_below: int

    @property
    def has_many_companies(self) -> bool:
        return self.companies > MOST_COMPANIES


@dataclass(frozen=True, slots=True)
class QueueNow:
    """The queue of the whole portal: mails due and since when the first of them is, mails in hand, and what fails.

    `restored` are recipients that are held because the database was restored.
    """

    due: int
    oldest: datetime | None
    in_hand: int
    paused_configs: int
    failing_configs: int
    restored: int
    is_held: bool


@dataclass(frozen=True, slots=True)
class Engine:
    """How the portal itself does, for whoever runs it."""

    queue: QueueNow
    delivers: bool
    has_room: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a company's mail. `default` is None where it sends through a configuration of its own."""

    tenant: Tenant
    used: Sequence[UsedConfig]
    default: InheritedDefault | None
    waiting: Mapping[State, int]
    numbers: Numbers
    engine: Engine | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`selected` is the company's own choice, or None where it uses `default`; `days` are its mails day by day."""

    tenant: Tenant
    selected: MailConfig | None
    default: InheritedDefault | None
    needs: tuple[Need, ...]
    days: tuple[Tally, ...]
    numbers: Numbers
    engine: Engine | None


def last_days(now: datetime, zone: tzinfo = UTC, count: int = DAYS) -> list[datetime]:
    """The midnights in a zone that bound the last days, today's end among them; a day may have 23 or 25 hours."""
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(1 - count, 2))
    return [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]


def daily(edges: Sequence[datetime], counts: Sequence[tuple[int, State, int]]) -> tuple[Tally, ...]:
    """Sum (day, state, recipients) up by what became of them. What was called off is nothing that went wrong."""
    sums = [dict.fromkeys((State.SENT, State.FAILED, State.DEFERRED), 0) for _ in edges[1:]]
    for day, state, number in counts:
        if state is not State.CANCELLED:
            sums[day][_fate(state)] += number
    return tuple(
        Tally(since, each[State.SENT], each[State.FAILED], each[State.DEFERRED])
        for since, each in zip(edges, sums, strict=False)
    )


def needs(facts: Facts) -> tuple[Need, ...]:
    """Everything that waits for somebody, the gravest first."""
    order = list(Matter)
    found = (*_of_engine(facts.engine), *_of_way(facts), *_of_configs(facts.used), *_of_mail(facts))
    return tuple(sorted(found, key=lambda need: order.index(need.matter)))


def _fate(state: State) -> State:
    if state is State.SENT:
        return State.SENT
    return State.DEFERRED if state in UNSETTLED else State.FAILED


def _of_engine(engine: Engine | None) -> Iterator[Need]:
    if engine is None:
        return
    if not engine.delivers:
        yield Need(Matter.NOBODY_DELIVERS)
    if not engine.has_room:
        yield Need(Matter.DISK)
    if engine.queue.is_held:
        yield Need(Matter.QUEUE_HELD)
    if engine.queue.restored:
        yield Need(Matter.RESTORED, engine.queue.restored)
    if engine.is_late and not engine.queue.is_held:
        yield Need(Matter.LATE)


def _of_way(facts: Facts) -> Iterator[Need]:
    if facts.tenant.suspended:
        yield Need(Matter.SUSPENDED)
    if facts.default is None:
        return
    if not facts.default.exists:
        yield Need(Matter.NOTHING_APPLIES)
    elif facts.default.last_code is not None and not has_worked(Code(facts.default.last_code)):
        yield Need(Matter.DEFAULT_FAILS)


def _of_configs(used: Sequence[UsedConfig]) -> Iterator[Need]:
    found = [Need(matter, config=each.config) for each in used if (matter := _trouble_with(each)) is not None]
    yield from found[:MOST_CONFIGS]
    if len(found) > MOST_CONFIGS:
        yield Need(Matter.MORE_CONFIGS, len(found) - MOST_CONFIGS)


def _trouble_with(used: UsedConfig) -> Matter | None:
    config = used.config
    if config.last_code == Code.PASSWORD_NEEDED:
        return Matter.PASSWORD_NEEDED
    if config.paused_until is not None:
        return Matter.PAUSED
    if used.is_failing or (config.last_code is not None and not has_worked(Code(config.last_code))):
        return Matter.FAILS
    return Matter.NEVER_TRIED if config.last_code is None and used.is_selected else None


def _of_mail(facts: Facts) -> Iterator[Need]:
    matters = {State.HELD: Matter.HELD, State.UNCERTAIN: Matter.UNCERTAIN, State.QUARANTINED: Matter.QUARANTINED}
    for state, matter in matters.items():
        if number := facts.waiting.get(state, 0):
            yield Need(matter, number)
    if facts.numbers.failing_below:
        yield Need(Matter.FAILING_BELOW, facts.numbers.failing_below)
