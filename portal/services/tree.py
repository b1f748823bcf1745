"""Knows how the tree of companies is looked at a page at a time, as far as the actor may see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.roles import GRANTS_BELOW, Actor, Permission, granted
from portal.domain.tenancy import Tenant
from portal.domain.tree import MOST_OPEN, PAGE, Branch, Show, TreePage, TreeQuery, pruned, unfolded
from portal.services.places import admit
from portal.store import tree
from portal.store.db import reading
from portal.store.tree import Line

EVERYTHING = TreeQuery()


@dataclass(frozen=True, slots=True)
class Tree:
    """However many companies there are, a page takes two statements."""

    def page(self, actor: Actor, tenant_id: TenantId, query: TreeQuery = EVERYTHING) -> TreePage:
        """A company with those below it that a page holds: everybody where they are few, else its first children.

        With a question those that it finds and everyone above them; `top` is then without branches where nobody is
        found below and it is no hit itself. Raises NotFoundError, ForbiddenError.
        """
        with reading(actor.tenant.id) as session:
            place = tree.place_of(session, tenant_id)
            admit(actor, place.lines[0].tenant, Permission.VIEW_TREE)
            root_first = [_branch(actor, each) for each in _from_above(place.lines)]
            above = tuple(each for each in root_first[:-1] if each.tenant.stands_under(actor.tenant))
            failing = place.failing if _sees_below(actor) else int(root_first[-1].fails)
            page = TreePage(root_first[-1], above, size=place.size, failing=failing, last="")
            return _found(session, actor, page, query) if query.is_filtered else _unfolded(session, actor, page, query)


def _unfolded(session: Session, actor: Actor, page: TreePage, query: TreeQuery) -> TreePage:
    top = page.top.tenant
    opened = query.opened
    if page.size <= PAGE and not query.after:
        lines = tree.everyone(session, top)
    else:
        opened = (opened or ())[-MOST_OPEN:]
        lines = tree.children(session, top, opened, after=query.after)
    shown = unfolded(page.top, [_branch(actor, each) for each in _resting(lines, page.top)], opened)
    return replace(page, top=shown, last=shown.end if shown.has_more else "")


def _found(session: Session, actor: Actor, page: TreePage, query: TreeQuery) -> TreePage:
    lines = tree.found_by(session, page.top.tenant, query, after=_id_from(query.after))
    hits = [each for each in lines if each.is_hit and (query.show is not Show.FAILING or _sees(actor, each.tenant))]
    in_order = sorted(hits, key=lambda each: each.tenant.path)
    here = {each.tenant.id for each in in_order[:PAGE]}
    last = str(in_order[PAGE - 1].tenant.id) if len(in_order) > PAGE else ""
    found = [_branch(actor, each, is_hit=each.tenant.id in here) for each in _resting(lines, page.top)]
    top = replace(page.top, is_hit=page.top.tenant.id in here)
    return replace(page, top=pruned(top, found) or top, last=last)


def _branch(actor: Actor, line: Line, *, is_hit: bool = False) -> Branch:
    """The name of a configuration, and whether it fails, are for whoever may see it."""
    sees = _sees(actor, line.tenant)
    name = None if line.config_name is None else line.config_name if sees else ""
    return Branch(line.tenant, name, line.fails and sees, children=line.children, is_hit=is_hit)


def _sees(actor: Actor, tenant: Tenant) -> bool:
    return Permission.VIEW_CONFIGS in granted(actor, tenant)


def _sees_below(actor: Actor) -> bool:
    return Permission.VIEW_CONFIGS in GRANTS_BELOW[actor.role]


def _from_above(nearest_first: Sequence[Line]) -> Iterator[Line]:
    """From the root downwards; whoever stands under somebody at rest rests."""
    rests = False
    for each in reversed(nearest_first):
        rests = rests or each.tenant.suspended
        yield replace(each, tenant=replace(each.tenant, suspended=rests))


def _resting(lines: Sequence[Line], top: Branch) -> list[Line]:
    """The same for those below, whose parents are among them, in the order in which they came."""
    resting = {top.tenant.path} if top.tenant.suspended else set[str]()
    for each in sorted(lines, key=lambda each: each.tenant.depth):
        if each.tenant.suspended or _path_above(each.tenant.path) in resting:
            resting.add(each.tenant.path)
    return [_at_rest(each) if each.tenant.path in resting else each for each in lines]


def _at_rest(line: Line) -> Line:
    return line if line.tenant.suspended else replace(line, tenant=replace(line.tenant, suspended=True))


def _path_above(path: str) -> str:
    return path[: path.rstrip(".").rfind(".") + 1]


def _id_from(text: str) -> TenantId | None:
    try:
        return TenantId(UUID(text)) if text else None
    except ValueError:
        return None
