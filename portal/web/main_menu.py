"""Knows the main menu: where it leads, as far as somebody's role goes, and to which entry the page at hand belongs."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from flask import current_app, get_template_attribute, request, url_for
from markupsafe import Markup

from portal.domain.roles import Actor, Permission, granted, is_operator
from portal.domain.tenancy import Tenant
from portal.i18n import current_voice
from portal.i18n import gettext as _
from portal.web.addresses import ANY_TENANT
from portal.web.assets import asset_url
from portal.web.sentences.chapters import anchor_of

_MOST_MENUS = 256


@dataclass(frozen=True, slots=True)
class NavItem:
    text: str
    href: str
    icon: str
    current: bool


class _Menu(NamedTuple):
    """What a menu depends on; `language` is a catalogue, and `assets` tells where the portal is mounted."""

    language: object
    assets: str
    grants: AbstractSet[Permission]
    is_operators: bool
    is_demo: bool
    area: str


def menu_now(actor: Actor, tenant: Tenant) -> Markup:
    """The menu as it stands on the page at hand, in the company `tenant`.

    It is the same for everybody who may do the same, but for the id of the company in the addresses: so it is written
    once for each kind of them, with a mark in that place, and kept.
    """
    menu = _Menu(
        language=current_voice().translations,
        assets=asset_url("sprite.svg"),
        grants=granted(actor, tenant),
        is_operators=is_operator(actor),
        is_demo="portal.demo" in current_app.extensions,
        area=_area_now(),
    )
    return Markup(_pattern(menu).replace(str(ANY_TENANT), str(tenant.id)))  # noqa: S704 # nosec B704 - a pattern and an id


@lru_cache(_MOST_MENUS)
def _pattern(menu: _Menu) -> str:
    return str(get_template_attribute("components/nav.html", "nav")(_items(menu)))


def _items(menu: _Menu) -> list[NavItem]:
    everything = (
        (Permission.VIEW_CONFIGS, _("Overview"), "dashboards.show", "house"),
        (Permission.VIEW_CONFIGS, _("Mail configuration"), "mail_configs.index", "mail"),
        (Permission.VIEW_TREE, _("Companies"), "tenants.show", "network"),
        (Permission.VIEW_USERS, _("People"), "users.index", "users"),
        (Permission.VIEW_TEMPLATES, _("Wording"), "mail_templates.index", "scroll"),
        (Permission.VIEW_USERS, _("Profiles"), "profiles.index", "layers"),
        (Permission.VIEW_CONTACTS, _("Contacts"), "contacts.index", "user"),
        (Permission.VIEW_MAIL_LOG, _("Mail log"), "mail_log.index", "list"),
        (Permission.VIEW_AUDIT_LOG, _("Audit"), "audit_log.index", "history"),
        (Permission.VIEW_TREE, _("Branding"), "brandings.edit", "eye"),
        (Permission.VIEW_CONFIGS, _("Administration"), "administration.show", "settings"),
    )
    items = [
        _item(menu, text, endpoint, icon, tenant_id=ANY_TENANT)
        for permission, text, endpoint, icon in everything
        if permission in menu.grants
    ]
    if menu.is_operators:
        items.append(_item(menu, _("Queue"), "queue.index", "clock"))
        items.append(_item(menu, _("Brand hosts"), "brand_host_approvals.index", "external"))
    return [*items, *_own_items(menu), *_demo_items(menu), _help_item(menu)]


def _own_items(menu: _Menu) -> list[NavItem]:
    return [
        _item(menu, _("My mail"), "my_mail.show", "inbox"),
        _item(menu, _("Sign-in and security"), "security.show", "shield-check"),
    ]


def _demo_items(menu: _Menu) -> list[NavItem]:
    return [_item(menu, _("Demo mailbox"), "demo_mailbox.index", "server")] if menu.is_demo else []


def _help_item(menu: _Menu) -> NavItem:
    """Help opens where it speaks of the page at hand."""
    return _item(menu, _("Help"), "help.show", "info", _anchor=anchor_of(menu.area) or None)


# Pages that belong under another page's entry in the menu.
_UNDER = {
    **dict.fromkeys(
        (
            "deletions",
            "draft_trials",
            "drafts",
            "explanations",
            "extra_options",
            "mail_passwords",
            "provider_default",
            "several",
            "several_checks",
            "several_deletions",
            "samples",
        ),
        "mail_configs",
    ),
    **dict.fromkeys(("selections", "trials"), "mail_configs"),
    **dict.fromkeys(("closures", "movings", "suspensions"), "tenants"),
    **dict.fromkeys(("user_changes", "user_mail", "user_security", "user_trials", "invitations"), "users"),
    **dict.fromkeys(("profile_deletions", "profile_mail", "members"), "profiles"),
    **dict.fromkeys(("my_mail_passwords", "my_trials", "preferences"), "my_mail"),
    **dict.fromkeys(("emails", "passwords", "proofs", "recovery_codes", "second_factors"), "security"),
    "brand_hosts": "brandings",
    "invoices": "contacts",
    **dict.fromkeys(("queue_holds", "queued_mails"), "queue"),
    **dict.fromkeys(("mail_log_exports", "resendings"), "mail_log"),
    **dict.fromkeys(("sender_policies", "template_withdrawals"), "mail_templates"),
}


def _item(menu: _Menu, text: str, endpoint: str, icon: str, **values: object) -> NavItem:
    area = endpoint.partition(".")[0]
    return NavItem(text, url_for(endpoint, **values), icon, current=menu.area == area)  # type: ignore[arg-type]  # ids of any type


def _area_now() -> str:
    """The blueprint of the menu's entry under which the page at hand belongs."""
    here = request.blueprint or ""
    return _UNDER.get(here, here)
