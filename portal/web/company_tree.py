"""Knows how the tree of companies is shown: what sends whose mail, what is folded, and what a filter leaves."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from portal.domain.roles import Actor, Permission, granted
from portal.domain.tenancy import DEEPEST, HOLDS, Tenant, TenantStatus
from portal.domain.tree import Branch
from portal.i18n import gettext as _

# Levels that stand open before anybody unfolds anything.
_OPEN_LEVELS = 3


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
    """One row. `mail` names what sends its mail; `size` counts everyone below, `children` may be fewer by a filter."""

    tenant: Tenant
    mail: str
    inherits: bool
    size: int
    is_open: bool
    is_hit: bool
    fails: bool
    href: str
    actions: tuple[Action, ...]
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody looks for: `words` in a company's name, and whether only those that need attention."""

    words: tuple[str, ...]
    only_failing: bool

    @property
    def is_set(self) -> bool:
        return bool(self.words) or self.only_failing

    def takes(self, branch: Branch) -> bool:
        name = branch.tenant.name.casefold()
        return (branch.fails or not self.only_failing) and all(word in name for word in self.words)


def shown(actor: Actor, top: Branch, *, words: str, only_failing: bool) -> Node | None:
    """The tree as rows, or None where nobody is found; whoever stands above a hit stays visible."""
    return _node(actor, top, Filter(tuple(words.casefold().split()), only_failing), level=0, above="")


def may_write(actor: Actor, tenant: Tenant, permission: Permission) -> bool:
    """Whether a button for this makes sense: granted, and nobody's company is suspended."""
    return permission in granted(actor, tenant) and not actor.tenant.suspended


def may_hold_companies(tenant: Tenant) -> bool:
    return bool(HOLDS[tenant.kind]) and tenant.depth < DEEPEST


def _node(actor: Actor, branch: Branch, wanted: Filter, *, level: int, above: str) -> Node | None:
    tenant = branch.tenant
    source = _own(branch) or (_("Instance default") if tenant.is_root else above)
    below = (_node(actor, each, wanted, level=level + 1, above=source) for each in branch.branches)
    children = tuple(each for each in below if each is not None)
    is_hit = wanted.takes(branch)
    if not is_hit and not children:
        return None
    return Node(
        tenant=tenant,
        mail=_mail(branch, above),
        inherits=branch.active_name is None,
        size=branch.size,
        is_open=wanted.is_set or level < _OPEN_LEVELS,
        is_hit=bool(wanted.words) and is_hit,
        fails=branch.fails,
        href=url_for("mail_configs.index", tenant_id=tenant.id),
        actions=tuple(_actions(actor, tenant)),
        children=children,
    )


def _own(branch: Branch) -> str:
    """What the company selected itself, or nothing; its name is for whoever may see its configurations."""
    return "" if branch.active_name is None else branch.active_name or _("a configuration of its own")


def _mail(branch: Branch, above: str) -> str:
    if own := _own(branch):
        return own
    if branch.tenant.is_root:
        return _("Instance default")
    return _("Provider default → %(source)s", source=above or _("from above"))


def _actions(actor: Actor, tenant: Tenant) -> Iterator[Action]:
    """The menu of one row, as far as the role goes."""
    dialog = {"data-dialog": ""}
    yield Action(_("Open"), "mail", url_for("mail_configs.index", tenant_id=tenant.id), {})
    if may_write(actor, tenant, Permission.CREATE_TENANT) and may_hold_companies(tenant):
        yield Action(_("Add company"), "plus", url_for("tenants.new", tenant_id=tenant.id), dialog)
    if may_write(actor, tenant, Permission.EDIT_TENANT):
        yield Action(_("Settings"), "pencil", url_for("tenants.edit", tenant_id=tenant.id), dialog)
    if may_write(actor, tenant, Permission.MOVE_TENANT):
        yield Action(_("Move"), "network", url_for("movings.new", tenant_id=tenant.id), dialog)
    if may_write(actor, tenant, Permission.SUSPEND_TENANT):
        text = _("Resume") if tenant.status is TenantStatus.SUSPENDED else _("Suspend")
        yield Action(text, "pause", url_for("suspensions.new", tenant_id=tenant.id), dialog)
    if may_write(actor, tenant, Permission.CLOSE_TENANT):
        yield Action(_("Close"), "trash", url_for("closures.new", tenant_id=tenant.id), dialog, danger=True)
