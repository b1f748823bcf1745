"""Knows how the tree of companies is shown: what sends whose mail, what is folded, and where each row leads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import url_for

from portal.domain.ids import TenantId
from portal.domain.roles import Actor, Permission, granted
from portal.domain.tenancy import DEEPEST, HOLDS, Tenant, TenantStatus
from portal.domain.tree import MOST_CHILDREN, Branch, TreePage, TreeQuery
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web.forms.tree import address_of

# Stands in an address for the company that each row puts there.
_ANYBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of a row's menu. `attributes` make a link open in the pop-up."""

    text: str
    icon: str
    href: str
    attributes: dict[str, str]
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One row. `mail` names what sends its mail, `count` says how many stand directly below.

    `fold_url` unfolds the branch or folds it again, on a page of its own; `rows_url` is where a script fetches its
    children alone. `more_url` leads to those behind the last one shown. Each is empty where there is nothing.
    """

    tenant: Tenant
    mail: str
    inherits: bool
    count: str
    is_open: bool
    is_hit: bool
    fails: bool
    href: str
    actions: tuple[Action, ...]
    children: tuple["Node", ...]
    fold_url: str
    rows_url: str
    more_url: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page is drawn with: for whom, what was asked, and which of its branches stand open."""

    actor: Actor
    page: TreePage
    query: TreeQuery
    opened: tuple[TenantId, ...]
    addresses: dict[str, str]

    def url(self, endpoint: str, tenant_id: TenantId) -> str:
        """Built once for a page: a list leads to hundreds of places that differ in the company alone."""
        if endpoint not in self.addresses:
            self.addresses[endpoint] = url_for(endpoint, tenant_id=_ANYBODY)
        return self.addresses[endpoint].replace(str(_ANYBODY), str(tenant_id))

    def unfolding(self, branch: Branch) -> str:
        """The same page with this branch open, or folded where it is open."""
        mine = branch.tenant.id
        others = tuple(each for each in self.opened if each != mine)
        query = replace(self.query, opened=others if branch.is_open else (*others, mine))
        return f"{address_of(self.page.top.tenant.id, query)}#company-{mine}"


def shown(actor: Actor, page: TreePage, query: TreeQuery) -> Node:
    """The rows of a page, from its first company downwards."""
    drawing = Drawing(actor, page, query, tuple(_opened(page.top.branches)), {})
    source = ""
    for each in page.above:
        source = _source(each, source)
    return _node(drawing, page.top, above=source)


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
        mail=_mail(branch, above),
        inherits=branch.active_name is None,
        count=_count(branch.children),
        is_open=branch.is_open,
        is_hit=bool(drawing.query.words) and branch.is_hit,
        fails=branch.fails,
        href=drawing.url("mail_configs.index", tenant.id),
        actions=tuple(_actions(drawing, branch)),
        children=tuple(_node(drawing, each, above=source) for each in branch.branches),
        fold_url=drawing.unfolding(branch) if folds else "",
        rows_url=f"{drawing.url('tenants.show', tenant.id)}?open=none" if folds else "",
        more_url=_more_url(drawing, branch) if branch.has_more else "",
    )


def _more_url(drawing: Drawing, branch: Branch) -> str:
    if branch is drawing.page.top:
        return next_url(drawing.page, drawing.query)
    return address_of(branch.tenant.id, TreeQuery(after=branch.end))


def _count(children: int) -> str:
    if children > MOST_CHILDREN:
        return _("more than %(number)s below", number=MOST_CHILDREN)
    return ngettext("%(number)s below", "%(number)s below", children) if children else ""


def _own(branch: Branch) -> str:
    """What the company selected itself, or nothing; its name is for whoever may see its configurations."""
    return "" if branch.active_name is None else branch.active_name or _("a configuration of its own")


def _source(branch: Branch, above: str) -> str:
    """What those below that decide nothing use, as far as it may be told."""
    return _own(branch) or (_("Instance default") if branch.tenant.is_root else above)


def _mail(branch: Branch, above: str) -> str:
    if own := _own(branch):
        return own
    if branch.tenant.is_root:
        return _("Instance default")
    return _("Provider default → %(source)s", source=above or _("from above"))


def _actions(drawing: Drawing, branch: Branch) -> Iterator[Action]:
    """The menu of one row, as far as the role goes."""
    actor, tenant, url = drawing.actor, branch.tenant, drawing.url
    dialog = {"data-dialog": ""}
    yield Action(_("Open"), "mail", url("mail_configs.index", tenant.id), {})
    if branch.children and branch is not drawing.page.top:
        yield Action(_("Companies below"), "network", url("tenants.show", tenant.id), {})
    grants = granted(actor, tenant) if not actor.tenant.suspended else frozenset()
    if Permission.CREATE_TENANT in grants and may_hold_companies(tenant):
        yield Action(_("Add company"), "plus", url("tenants.new", tenant.id), dialog)
    if Permission.EDIT_TENANT in grants:
        yield Action(_("Settings"), "pencil", url("tenants.edit", tenant.id), dialog)
    if Permission.MOVE_TENANT in grants:
        yield Action(_("Move"), "network", url("movings.new", tenant.id), dialog)
    if Permission.SUSPEND_TENANT in grants:
        text = _("Resume") if tenant.status is TenantStatus.SUSPENDED else _("Suspend")
        yield Action(text, "pause", url("suspensions.new", tenant.id), dialog)
    if Permission.CLOSE_TENANT in grants:
        yield Action(_("Close"), "trash", url("closures.new", tenant.id), dialog, danger=True)
