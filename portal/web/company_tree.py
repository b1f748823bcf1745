"""Knows how the tree of companies is shown: what sends whose mail, what is folded, and where each row leads."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import url_for

from portal.domain.ids import TenantId
from portal.domain.roles import Actor, Permission, granted
from portal.domain.tenancy import DEEPEST, HOLDS, Tenant, TenantKind, TenantStatus
from portal.domain.tree import MOST_CHILDREN, Branch, TreePage, TreeQuery
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web.forms.tree import address_of
from portal.web.sentences import kind_name

# What stands in a menu that many rows share for the company of each row: its id in addresses, and its name in words.
ANYBODY, ANY_NAME = UUID(int=0), "\ue000"


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of a row's menu. `attributes` make a link open in the pop-up."""

    text: str
    icon: str
    href: str
    attributes: dict[str, str]
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """What rows that offer the same share, written for ANYBODY; `number` tells the menus of a page apart."""

    number: int
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One row. `mail` names what sends its mail, `count` says how many stand directly below.

    `fold_url` unfolds the branch or folds it again, on a page of its own; `rows_url` is where a script fetches its
    children alone. `more_url` leads to those behind the last one shown. Each is empty where there is nothing.
    """

    tenant: Tenant
    kind: str
    mail: str
    inherits: bool
    count: str
    is_open: bool
    is_hit: bool
    fails: bool
    href: str
    menu: Menu
    children: tuple["Node", ...]
    fold_url: str
    rows_url: str
    more_url: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides which entries a row's menu has."""

    grants: Collection[Permission]
    has_others: bool
    may_hold: bool
    rests: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page is drawn with: for whom, what was asked, and which of its branches stand open.

    What many rows have alike is made once: addresses that differ in the company alone, names of kinds, menus.
    """

    actor: Actor
    page: TreePage
    query: TreeQuery
    opened: tuple[TenantId, ...]
    configs_url: str
    tree_url: str
    opening_url: str
    kinds: dict[TenantKind, str]
    menus: dict[_Shape, Menu]
    sources: dict[str, str]
    counts: dict[int, str]

    def menu(self, branch: Branch) -> Menu:
        shape = _Shape(
            grants=granted(self.actor, branch.tenant) if not self.actor.tenant.suspended else frozenset(),
            has_others=bool(branch.children) and branch is not self.page.top,
            may_hold=may_hold_companies(branch.tenant),
            rests=branch.tenant.status is TenantStatus.SUSPENDED,
        )
        if shape not in self.menus:
            self.menus[shape] = Menu(len(self.menus), tuple(_actions(shape)))
        return self.menus[shape]

    def unfolding(self, branch: Branch) -> str:
        """The same page with this branch open, or folded where it is open."""
        mine = branch.tenant.id
        if not branch.is_open:
            return self.opening_url.replace(str(ANYBODY), str(mine))
        query = replace(self.query, opened=tuple(each for each in self.opened if each != mine))
        return f"{address_of(self.page.top.tenant.id, query)}#company-{mine}"


def shown(actor: Actor, page: TreePage, query: TreeQuery) -> Node:
    """The rows of a page, from its first company downwards."""
    configs_url, tree_url = (url_for(each, tenant_id=ANYBODY) for each in ("mail_configs.index", "tenants.show"))
    kinds = {each: kind_name(each) for each in TenantKind}
    opened = tuple(_opened(page.top.branches))
    opening = replace(query, opened=(*opened, TenantId(ANYBODY)))
    opening_url = f"{address_of(page.top.tenant.id, opening)}#company-{ANYBODY}"
    drawing = Drawing(actor, page, query, opened, configs_url, tree_url, opening_url, kinds, {}, {}, {})
    source = ""
    for each in page.above:
        source = _source(each, source)
    return _node(drawing, page.top, above=source)


def shared_parts() -> dict[str, Any]:
    """What rows have alike, for the template to keep what it made of that; the words that stand for a row's own."""
    return {"anybody": str(ANYBODY), "any_name": ANY_NAME, "menus": {}}


def may_write(actor: Actor, tenant: Tenant, permission: Permission) -> bool:
    """Whether a button for this makes sense: granted, and nobody's company is suspended."""
    return permission in granted(actor, tenant) and not actor.tenant.suspended


def may_hold_companies(tenant: Tenant) -> bool:
    return bool(HOLDS[tenant.kind]) and tenant.depth < DEEPEST


def next_url(page: TreePage, query: TreeQuery) -> str:
    """Where those are that stand behind the last one of a page, or nothing."""
    return address_of(page.top.tenant.id, replace(query, after=page.last, opened=None)) if page.last else ""


def _opened(branches: Sequence[Branch]) -> Iterator[TenantId]:
    for each in branches:
        if each.is_open:
            yield each.tenant.id
        yield from _opened(each.branches)


def _node(drawing: Drawing, branch: Branch, *, above: str) -> Node:
    tenant, source = branch.tenant, _source(branch, above)
    is_top, is_filtered = branch is drawing.page.top, drawing.query.is_filtered
    folds = bool(branch.children) and not is_top and not is_filtered
    return Node(
        tenant=tenant,
        kind=drawing.kinds[tenant.kind],
        mail=_mail(drawing, branch, above),
        inherits=branch.active_name is None,
        count=_count(drawing, branch.children),
        is_open=branch.is_open,
        is_hit=bool(drawing.query.words) and branch.is_hit,
        fails=branch.fails,
        href=_there(drawing.configs_url, tenant),
        menu=drawing.menu(branch),
        children=tuple(_node(drawing, each, above=source) for each in branch.branches),
        fold_url=drawing.unfolding(branch) if folds else "",
        rows_url=f"{_there(drawing.tree_url, tenant)}?open=none" if folds else "",
        more_url=_more_url(drawing, branch) if branch.has_more else "",
    )


def _there(address: str, tenant: Tenant) -> str:
    return address.replace(str(ANYBODY), str(tenant.id))


def _more_url(drawing: Drawing, branch: Branch) -> str:
    if branch is drawing.page.top:
        return next_url(drawing.page, drawing.query)
    return address_of(branch.tenant.id, TreeQuery(after=branch.end))


def _count(drawing: Drawing, children: int) -> str:
    if children > MOST_CHILDREN:
        return _("more than %(number)s below", number=MOST_CHILDREN)
    if children not in drawing.counts:
        drawing.counts[children] = ngettext("%(number)s below", "%(number)s below", children) if children else ""
    return drawing.counts[children]


def _own(branch: Branch) -> str:
    """What the company selected itself, or nothing; its name is for whoever may see its configurations."""
    return "" if branch.active_name is None else branch.active_name or _("a configuration of its own")


def _source(branch: Branch, above: str) -> str:
    """What those below that decide nothing use, as far as it may be told."""
    return _own(branch) or (_("Instance default") if branch.tenant.is_root else above)


def _mail(drawing: Drawing, branch: Branch, above: str) -> str:
    if own := _own(branch):
        return own
    if branch.tenant.is_root:
        return _("Instance default")
    if above not in drawing.sources:
        drawing.sources[above] = _("Provider default → %(source)s", source=above or _("from above"))
    return drawing.sources[above]


def _actions(shape: _Shape) -> Iterator[Action]:
    """The menu of a row, as far as the role goes."""
    grants, dialog = shape.grants, {"data-dialog": ""}
    yield Action(_("Open"), "mail", _anywhere("mail_configs.index"), {})
    if shape.has_others:
        yield Action(_("Companies below"), "network", _anywhere("tenants.show"), {})
    if Permission.CREATE_TENANT in grants and shape.may_hold:
        yield Action(_("Add company"), "plus", _anywhere("tenants.new"), dialog)
    if Permission.EDIT_TENANT in grants:
        yield Action(_("Settings"), "pencil", _anywhere("tenants.edit"), dialog)
    if Permission.MOVE_TENANT in grants:
        yield Action(_("Move"), "network", _anywhere("movings.new"), dialog)
    if Permission.SUSPEND_TENANT in grants:
        text = _("Resume") if shape.rests else _("Suspend")
        yield Action(text, "pause", _anywhere("suspensions.new"), dialog)
    if Permission.CLOSE_TENANT in grants:
        yield Action(_("Close"), "trash", _anywhere("closures.new"), dialog, danger=True)


def _anywhere(endpoint: str) -> str:
    return url_for(endpoint, tenant_id=ANYBODY)
