"""Knows the frame around every signed-in page: where it stands, the menu as far as the role goes, and who is in."""

from dataclasses import dataclass

from flask import current_app, g, request, url_for

from portal.domain.roles import Actor, Permission, granted, is_operator
from portal.domain.tenancy import Tenant
from portal.i18n import gettext as _
from portal.web.identity import find_actor
from portal.web.sentences import kind_name
from portal.web.sentences.chapters import anchor_of


@dataclass(frozen=True, slots=True)
class NavItem:
    text: str
    href: str
    icon: str
    current: bool


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
    nav: tuple[NavItem, ...]
    who: Who
    sign_out_url: str


def shell_now() -> Shell | None:
    """The frame for the request at hand, or None while nobody is signed in."""
    actor = find_actor()
    if actor is None:
        return None
    tenant: Tenant = g.get("tenant") or actor.tenant
    return Shell(
        home_url=url_for("sign_ins.home"),
        place=Place(tenant.name, kind_name(tenant.kind), _parent_name(actor, tenant)),
        nav=tuple(_nav(actor, tenant)),
        who=Who(actor.name, actor.email),
        sign_out_url=url_for("sign_ins.delete"),
    )


def _parent_name(actor: Actor, tenant: Tenant) -> str:
    if tenant.id == actor.tenant.id:
        return ""
    return actor.tenant.name


def _nav(actor: Actor, tenant: Tenant) -> list[NavItem]:
    grants = granted(actor, tenant)
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
        _item(text, endpoint, icon, tenant_id=tenant.id)
        for permission, text, endpoint, icon in everything
        if permission in grants
    ]
    if is_operator(actor):
        items.append(_item(_("Queue"), "queue.index", "clock"))
        items.append(_item(_("Brand hosts"), "brand_host_approvals.index", "external"))
    return [*items, *_own_items(), *_demo_items(), _help_item()]


def _own_items() -> list[NavItem]:
    return [
        _item(_("My mail"), "my_mail.show", "inbox"),
        _item(_("Sign-in and security"), "security.show", "shield-check"),
    ]


def _demo_items() -> list[NavItem]:
    return [_item(_("Demo mailbox"), "demo_mailbox.index", "server")] if "portal.demo" in current_app.extensions else []


def _help_item() -> NavItem:
    """Help opens where it speaks of the page at hand."""
    return _item(_("Help"), "help.show", "info", _anchor=anchor_of(_area_now()) or None)


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


def _item(text: str, endpoint: str, icon: str, **values: object) -> NavItem:
    area = endpoint.partition(".")[0]
    return NavItem(text, url_for(endpoint, **values), icon, current=_area_now() == area)  # type: ignore[arg-type]  # ids of any type


def _area_now() -> str:
    """The blueprint of the menu's entry under which the page at hand belongs."""
    here = request.blueprint or ""
    return _UNDER.get(here, here)
