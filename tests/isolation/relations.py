"""Knows how companies stand to somebody: his own, above, below, beside, elsewhere, closed, never there."""

from collections.abc import Iterator
from enum import StrEnum
from uuid import UUID

from portal.domain.roles import granted
from tests.guards.inhabited import Company, Inhabited, Visitor

# Who is not let in any more, or never was, stands where his company stands.
_WITHOUT_ACTOR = {"Sue, disabled": "Sue", "Otto, before his reset": "Otto", "nobody signed in": "Sue"}
# Named in the plan, but not to be had in this product yet; somebody further stands in for each.
NOT_BUILT = {
    "somebody who acts as another person": "Sue's staff, in a profile",
    "an API token": "Sue, suspended",
    "staff who only read": "Rex as staff",
}


class Relation(StrEnum):
    OWN = "own"
    ANCESTOR = "ancestor"
    DESCENDANT = "descendant"
    SIBLING = "sibling"
    FOREIGN = "foreign"
    DELETED = "deleted"
    NONEXISTENT = "nonexistent"


def home_of(town: Inhabited, visitor: Visitor) -> Company:
    return town.company_of(town[_WITHOUT_ACTOR.get(visitor.name, visitor.name)])


def relation(home: Company, company: Company) -> Relation:
    if company.tenant is None:
        return Relation.DELETED if company.gone else Relation.NONEXISTENT
    if company.tenant.id == home.tenant.id:
        return Relation.OWN
    if home.tenant.stands_under(company.tenant):
        return Relation.ANCESTOR
    if company.tenant.stands_under(home.tenant):
        return Relation.DESCENDANT
    return Relation.SIBLING if company.tenant.parent_id == home.tenant.parent_id else Relation.FOREIGN


def others(town: Inhabited, visitor: Visitor) -> Iterator[tuple[Relation, Company]]:
    """One company for every relation that somebody has, and of those below the nearest and the farthest."""
    home = home_of(town, visitor)
    for each in Relation:
        found = [company for company in (*town.companies, town.nobodys) if relation(home, company) is each]
        if found:
            found.sort(key=lambda company: company.tenant.depth if company.tenant else 0)
            yield each, found[0]
        if each is Relation.DESCENDANT and len(found) > 1:
            yield each, found[-1]


def shown(town: Inhabited, visitor: Visitor) -> set[UUID]:
    """The companies of which somebody may see, or whose rows he may change; nobody's for whoever is not let in."""
    if visitor.actor is None:
        return set()
    real = [company.tenant for company in town.companies if company.tenant]
    return {tenant.id for tenant in real if granted(visitor.actor, tenant)}
