"""Knows what the declared policies and the table of grants say of a request, whatever the portal answers to it."""

from portal.domain.roles import Permission, granted, is_operator
from tests.guards.inhabited import Company, Visitor
from tests.guards.routes import Way

OPEN = frozenset({200, 204, 303, 409, 422, 429})
ABSENT = frozenset({404})
REFUSED = frozenset({403})
# What the operator looks after, each a company's.
OF_A_COMPANY = frozenset({"message_id", "host_id"})
# Here the page makes an id before anything is saved: one that is nobody's is as good as any.
MADE_BEFOREHAND = frozenset({"draft_trials.create"})


def in_company(way: Way, visitor: Visitor, company: Company, *more: Permission) -> frozenset[int]:
    """Which answers are right; `more` is what the particular form needs beyond what the way asks for."""
    if visitor.actor is None:
        return sign_in_first(way)
    grants = granted(visitor.actor, company.tenant) if company.tenant else frozenset()
    if not grants:
        return ABSENT
    needed = {way.policy.permission, *more}
    is_resting = visitor.actor.tenant.suspended and not all(each.endswith(":view") for each in needed)
    return REFUSED if is_resting or not needed <= grants else OPEN


def of_oneself(way: Way, visitor: Visitor, other: Visitor) -> frozenset[int]:
    """For the ways that name no company: his own things, or those of somebody else."""
    if way.policy.is_public:
        return OPEN | ABSENT
    if visitor.actor is None:
        return sign_in_first(way)
    if other is not visitor or "letter_id" in way.ids:
        return ABSENT
    if way.policy.is_operators and (not is_operator(visitor.actor) or way.ids & OF_A_COMPANY):
        return ABSENT
    return OPEN | REFUSED if visitor.actor.tenant.suspended and not way.is_safe else OPEN


def sign_in_first(way: Way) -> frozenset[int]:
    return frozenset({303 if way.is_safe else 401})
