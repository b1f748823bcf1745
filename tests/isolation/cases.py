"""Knows every case: who asks which way with whose things, and what has to come of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from portal.domain.roles import Permission, is_operator
from tests.guards.inhabited import Company, Inhabited, Visitor, everything
from tests.guards.routes import Way, ways
from tests.isolation.asking import form_of
from tests.isolation.expected import ABSENT, MADE_BEFOREHAND, OF_A_COMPANY, OPEN, in_company, of_oneself
from tests.isolation.relations import Relation, home_of, others, relation

Values = Mapping[str, object]

# What a form or a question may hold that belongs to somebody: the field, and how the thing is written there.
TYPED = (
    *(("config", "{config_id}"), ("select", "{config_id}"), ("selected", "{config_id}"), ("deleted", "{config_id}")),
    *(("trial", "{trial_id}"), ("profile", "{profile_id}"), ("parent", "{tenant_id}")),
    *(("user", "{user_id}"), ("user", "{mark}@demo.test"), ("unlinked", "profile:{mark}")),
    *(("change", "link:{config_id}"), ("change", "join:{profile_id}"), ("change", "leave:{profile_id}")),
    *(("link_to", "user:{user_id}"), ("link_to", "profile:{profile_id}")),
    *(("name", "{mark}"), ("email", "{mark}@demo.test"), ("emails", "{mark}@demo.test")),
    *(("owner_email", "{mark}@demo.test"), ("q", "{mark}"), ("confirmation", "{mark}")),
)
# A form that needs more than the way to it: what it is about decides.
STRICTER = {
    "disable": Permission.EDIT_USERS,
    "enable": Permission.EDIT_USERS,
    "join:{profile_id}": Permission.EDIT_PROFILES,
    "leave:{profile_id}": Permission.EDIT_PROFILES,
    "unlink": Permission.LINK_CONFIGS,
    "link:{config_id}": Permission.LINK_CONFIGS,
}


@dataclass(frozen=True, slots=True)
class Case:
    """`like` is the request about what never was whose answer this one must equal; None where it need not.

    `typed` is what the visitor himself typed of somebody else's, and may thus see again; `told` is the company
    whose person is told by mail that somebody tried to invite him.
    """

    way: Way
    visitor: Visitor
    relation: Relation
    slot: str
    ids: Values
    fields: Values
    expected: frozenset[int]
    like: tuple[Values, Values] | None = None
    typed: str = ""
    told: object = None

    @property
    def name(self) -> str:
        return f"{self.visitor.name}: {self.way.name} with {self.slot} of {self.relation}"


def all_cases(town: Inhabited, read: Mapping[str, frozenset[str]]) -> Iterator[Case]:
    for way, visitor in product(ways(town.app), town.visitors):
        if "tenant_id" not in way.ids:
            yield from _of_oneself(town, way, visitor)
            continue
        yield from _in_companies(town, way, visitor)
        if way.is_safe:
            yield from _with_questions(town, way, visitor, read[way.name])
        if visitor.actor is not None:
            yield from _with_things(town, way, visitor)
            yield from _with_fields(town, way, visitor, read[way.name])
            yield from _with_stricter_forms(town, way, visitor, read[way.name])


def _in_companies(town: Inhabited, way: Way, visitor: Visitor) -> Iterator[Case]:
    nowhere = town.nobodys.ids
    for each, company in others(town, visitor):
        expected = in_company(way, visitor, company)
        like = (nowhere, form_of(way, nowhere)) if expected == ABSENT else None
        yield Case(way, visitor, each, "everything", company.ids, form_of(way, company.ids), expected, like)


def _with_questions(town: Inhabited, way: Way, visitor: Visitor, read: frozenset[str]) -> Iterator[Case]:
    """Whoever only looks asks everything that can be asked."""
    for each, company in others(town, visitor):
        asked = {name: value for name, value in everything(company.ids).items() if name in read}
        if asked and each in {Relation.OWN, Relation.DESCENDANT, Relation.FOREIGN}:
            expected = in_company(way, visitor, company)
            yield Case(way, visitor, each, "the question", company.ids, asked, expected | ABSENT)
        if "below" in read and each is Relation.OWN:
            expected = in_company(way, visitor, company)
            yield Case(way, visitor, each, "the question about those below", company.ids, {"below": "1"}, expected)


def _with_things(town: Inhabited, way: Way, visitor: Visitor) -> Iterator[Case]:
    """Somebody else's thing under the address of a company in which one may do something."""
    for base, name in product(_bases(town, visitor), sorted(way.ids - {"tenant_id"})):
        here = in_company(way, visitor, base)
        found = [(each, company.ids) for each, company in others(town, visitor) if company is not base]
        if name in base.gone:
            found.append((Relation.DELETED, base.gone))
        nowhere = {**base.ids, name: town.nobodys.ids[name]}
        is_free = way.rule.endpoint in MADE_BEFOREHAND
        for each, things in found:
            if is_free and each in {Relation.NONEXISTENT, Relation.DELETED}:
                continue
            ids = {**base.ids, name: things[name]}
            expected = ABSENT if here == OPEN else here
            like = None if is_free else (nowhere, form_of(way, base.ids))
            yield Case(way, visitor, each, name, ids, form_of(way, base.ids), expected, like)


def _with_fields(town: Inhabited, way: Way, visitor: Visitor, read: frozenset[str]) -> Iterator[Case]:
    """What is somebody else's in a field of the form or the question, answered like what is nobody's."""
    home = home_of(town, visitor)
    for (field, template), (each, company) in product(TYPED, others(town, visitor)):
        is_his = company is home or (field == "parent" and each is Relation.DESCENDANT)
        # What he did to companies below him, closed ones too, stands in his own log, by their names.
        is_his = is_his or (
            field == "q" and "/audit-log" in way.name and each in {Relation.DESCENDANT, Relation.DELETED}
        )
        if field not in read or is_his or each is Relation.NONEXISTENT:
            continue
        base = everything(home.ids)
        fields = base if not way.is_safe else {name: base[name] for name in read & base.keys()}
        like = {**fields, field: _written(template, town.nobodys)}
        typed = {**fields, field: _written(template, company)}
        needed = [STRICTER[template]] if template in STRICTER else []
        expected, slot = in_company(way, visitor, home, *needed) | ABSENT, f"the field {field}={template}"
        told = company.ids["tenant_id"] if "@" in template else None
        yield Case(way, visitor, each, slot, home.ids, typed, expected, (home.ids, like), company.mark, told)


def _with_stricter_forms(town: Inhabited, way: Way, visitor: Visitor, read: frozenset[str]) -> Iterator[Case]:
    if way.is_safe or "change" not in read:
        return
    for (template, permission), (each, company) in product(STRICTER.items(), others(town, visitor)):
        expected = in_company(way, visitor, company, permission)
        fields = {**everything(company.ids), "change": _written(template, company)}
        yield Case(way, visitor, each, f"the change {template}", company.ids, fields, expected)


def _of_oneself(town: Inhabited, way: Way, visitor: Visitor) -> Iterator[Case]:
    for other in town.visitors:
        if way.ids.isdisjoint(other.ids) and other is not visitor:
            continue
        ids = {**town.nobodys.ids, **other.ids}
        expected = of_oneself(way, visitor, other)
        each = Relation.OWN if other is visitor else relation(home_of(town, visitor), home_of(town, other))
        nowhere = (town.nobodys.ids, form_of(way, ids)) if expected == ABSENT and not way.policy.is_operators else None
        yield Case(way, visitor, each, f"{other.name}'s", ids, form_of(way, ids), expected, nowhere)
    for thing in way.ids & OF_A_COMPANY:
        for each, company in others(town, visitor):
            ids = {**town.nobodys.ids, **company.ids}
            is_his = visitor.actor is not None and is_operator(visitor.actor) and company is not town.nobodys
            is_his = is_his and not (
                thing == "host_id" and each is Relation.DELETED
            )  # whoever closes gives up his names
            expected = OPEN if is_his else of_oneself(way, visitor, visitor)
            yield Case(way, visitor, each, thing, ids, form_of(way, ids), expected)


def _bases(town: Inhabited, visitor: Visitor) -> list[Company]:
    """The visitor's own company, and the nearest below it."""
    near = (Relation.OWN, Relation.DESCENDANT)
    found = {each: company for each, company in reversed(list(others(town, visitor))) if each in near}
    return [found[each] for each in near if each in found]


def _written(template: str, company: Company) -> str:
    return template.format(**company.ids, mark=company.mark or "nobody0000000000")
