"""Knows whose mail a change touches and what takes over, and when that is so much that a name has to be typed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from portal.domain.errors import InvalidError, Problem
from portal.domain.ids import ConfigId, TenantId, UserId
from portal.domain.precedence import Choice

# Beyond either of these nobody presses a button by mistake: the name has to be typed.
MANY_COMPANIES = 25
MANY_PEOPLE = 100
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Company:
    """One company of a landscape. `people` counts those of its people to whom nothing is linked in any way."""

    id: TenantId
    parent_id: TenantId | None
    name: str
    active: ConfigId | None
    people: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to whom something is linked: his own configuration and those of his profiles, in their order."""

    id: UserId
    tenant_id: TenantId
    links: tuple[ConfigId, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many mails that wait in a company, of one person or of nobody in particular, perhaps with a named way."""

    tenant_id: TenantId
    user_id: UserId | None
    named: ConfigId | None
    mails: int


@dataclass(frozen=True, slots=True)
class Landscape:
    """Everybody in a subtree, parents before children, and what decides whose configuration his mail uses.

    `above` is what the level above the topmost company uses.
    """

    companies: tuple[Company, ...]
    people: tuple[Person, ...]
    waiting: tuple[Crowd, ...]
    above: Choice | None

    def with_selection(self, tenant_id: TenantId, config_id: ConfigId | None) -> "Landscape":
        """As if a company selected this; None is its Provider default."""
        changed = (replace(each, active=config_id) if each.id == tenant_id else each for each in self.companies)
        return replace(self, companies=tuple(changed))

    def without(self, config_id: ConfigId) -> "Landscape":
        """As if a configuration were deleted."""
        companies = (replace(each, active=None) if each.active == config_id else each for each in self.companies)
        people = (replace(each, links=tuple(link for link in each.links if link != config_id)) for each in self.people)
        return replace(self, companies=tuple(companies), people=tuple(people))

    def below(self, above: Choice | None) -> "Landscape":
        """As if it stood under somebody who uses this."""
        return replace(self, above=above)

    def ways(self) -> dict[TenantId, Choice | None]:
        """What each company's own mail uses."""
        found: dict[TenantId, Choice | None] = {}
        for company in self.companies:
            inherited = found.get(company.parent_id, self.above) if company.parent_id else self.above
            found[company.id] = Choice(company.active) if company.active else inherited
        return found

    def ways_of_people(self, ways: Mapping[TenantId, Choice | None]) -> dict[UserId, Choice | None]:
        """What the mail of each linked person uses, where `ways` are those of the companies."""
        return {each.id: Choice(each.links[0]) if each.links else ways[each.tenant_id] for each in self.people}


@dataclass(frozen=True, slots=True)
class Takeover:
    """So many companies and people use `choice` afterwards; with None their mail is held.

    `name` is that of the configuration, empty where it stands above what the reader may see.
    """

    choice: Choice | None
    companies: int
    people: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """Whose mail a change touches: how many companies, people and waiting mails; the first names; what takes over."""

    companies: int
    people: int
    waiting: int
    names: tuple[str, ...]
    takeovers: tuple[Takeover, ...] = ()

    @property
    def is_grave(self) -> bool:
        return self.companies > MANY_COMPANIES or self.people > MANY_PEOPLE

    @property
    def is_empty(self) -> bool:
        return not (self.companies or self.people or self.waiting)


def difference(before: Landscape, after: Landscape) -> Impact:
    """Whose mail goes another way after than before. Both landscapes have the same companies and people."""
    ways, then = before.ways(), after.ways()
    people, people_then = before.ways_of_people(ways), after.ways_of_people(then)
    companies = {tenant_id for tenant_id, way in ways.items() if then[tenant_id] != way}
    persons = {user_id for user_id, way in people.items() if people_then[user_id] != way}
    return _impact(before, companies, persons, then, people_then)


def served_by(landscape: Landscape, config_id: ConfigId) -> Impact:
    """Whose mail uses a configuration; it goes on doing so, so that nothing takes over."""
    ways = landscape.ways()
    people = landscape.ways_of_people(ways)
    companies = {tenant_id for tenant_id, way in ways.items() if way == Choice(config_id)}
    persons = {user_id for user_id, way in people.items() if way == Choice(config_id)}
    return replace(_impact(landscape, companies, persons, ways, people), takeovers=())


def everybody(landscape: Landscape) -> Impact:
    """The whole subtree: what a rest or an end touches."""
    ways = landscape.ways()
    companies, persons = set(ways), {each.id for each in landscape.people}
    return replace(_impact(landscape, companies, persons, ways, {}), takeovers=())


def ensure_confirmed(impact: Impact, name: str, typed: str) -> None:
    """Refuse a grave change until the name was typed. Raises InvalidError at the field `confirmation`."""
    if impact.is_grave and typed.strip().casefold() != name.casefold():
        raise InvalidError([Problem("confirmation", "not-the-name", {"name": name})])


def _impact(
    landscape: Landscape,
    companies: set[TenantId],
    persons: set[UserId],
    ways: Mapping[TenantId, Choice | None],
    people_ways: Mapping[UserId, Choice | None],
) -> Impact:
    touched = [each for each in landscape.companies if each.id in companies]
    by_choice: Counter[Choice | None] = Counter(ways[each.id] for each in touched)
    heads: Counter[Choice | None] = Counter()
    for each in touched:
        heads[ways[each.id]] += each.people
    heads.update(people_ways[user_id] for user_id in persons if user_id in people_ways)
    return Impact(
        companies=len(touched),
        people=sum(each.people for each in touched) + len(persons),
        waiting=sum(_waiting(landscape, companies, persons)),
        names=tuple(each.name for each in touched[:MOST_NAMED]),
        takeovers=tuple(_takeovers(by_choice, heads)),
    )


def _waiting(landscape: Landscape, companies: set[TenantId], persons: set[UserId]) -> Iterator[int]:
    linked = {each.id for each in landscape.people}
    for crowd in landscape.waiting:
        if crowd.named is not None:
            continue  # whoever named a configuration asks nobody
        is_touched = crowd.user_id in persons if crowd.user_id in linked else crowd.tenant_id in companies
        if is_touched:
            yield crowd.mails


def _takeovers(companies: Counter[Choice | None], people: Counter[Choice | None]) -> Iterable[Takeover]:
    choices = list(dict.fromkeys([*companies, *people]))
    found = [Takeover(each, companies[each], people[each]) for each in choices if companies[each] or people[each]]
    return sorted(found, key=lambda each: (each.companies, each.people), reverse=True)
