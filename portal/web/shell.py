"""Knows the frame around every signed-in page: where it stands, the menu as far as the role goes, and who is in."""

from dataclasses import dataclass

from flask import g
from markupsafe import Markup

from portal.domain.roles import Actor
from portal.domain.tenancy import Tenant
from portal.web.addresses import address
from portal.web.main_menu import menu_now
from portal.web.sentences import kind_name


@dataclass(frozen=True, slots=True)
class Place:
    """The tenant in which the page stands; `parent` is empty where it lies outside the actor's own subtree."""

    name: str
    kind: str
    parent: str


@dataclass(frozen=True, slots=True)
class Who:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Shell:
    home_url: str
    place: Place
    nav: Markup
    who: Who
    sign_out_url: str


def shell_of(actor: Actor | None) -> Shell | None:
    """The frame for the request at hand, or None while nobody is signed in."""
    if actor is None:
        return None
    tenant: Tenant = g.get("tenant") or actor.tenant
    return Shell(
        home_url=address("sign_ins.home"),
        place=Place(tenant.name, kind_name(tenant.kind), _parent_name(actor, tenant)),
        nav=menu_now(actor, tenant),
        who=Who(actor.name, actor.email),
        sign_out_url=address("sign_ins.delete"),
    )


def _parent_name(actor: Actor, tenant: Tenant) -> str:
    if tenant.id == actor.tenant.id:
        return ""
    return actor.tenant.name
