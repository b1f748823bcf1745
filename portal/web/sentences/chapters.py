"""Knows what the help page says about each part of the portal, by the blueprint of its entry in the menu."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Chapter:
    """`anchor` is its place on the help page, in words with hyphens."""

    anchor: str
    title: str
    sentences: tuple[str, ...]


def chapters(blueprints: frozenset[str]) -> tuple[Chapter, ...]:
    """The chapters on what this installation has, in the order of the menu."""
    return tuple(Chapter(anchor_of(area), *told()) for area, told in _CHAPTERS.items() if area in blueprints)


def anchor_of(area: str) -> str:
    """Where the help page speaks of this part of the portal, or nothing where it does not."""
    return area.replace("_", "-") if area in _CHAPTERS else ""


def _dashboards() -> tuple[str, tuple[str, ...]]:
    return _("Overview"), (
        _("What sends the mail of this company, how that does, and what needs somebody: the gravest first."),
        _("The picture shows what became of the mail of the last days. The same figures stand below it as a table."),
    )


def _mail_configs() -> tuple[str, tuple[str, ...]]:
    return _("Mail configuration"), (
        _(
            "All system mail of a company leaves through the configuration that is selected. Choose another one "
            "with its round button: it counts from the next mail on."
        ),
        _(
            "Provider default stands on top, in purple. It is whatever the level above uses: you can select it, "
            "but neither change nor delete it."
        ),
        _(
            "Add config opens the form. Test before you save: type an address at the bottom and press Send Test "
            "Mail. A saved configuration is used once it is selected in the list."
        ),
        _("Send test and Delete act on the marked row. A click on the empty part of a row marks it."),
    )


def _tenants() -> tuple[str, tuple[str, ...]]:
    return _("Companies"), (
        _(
            "Your company and everyone below it, with what sends their mail. The menu of a row adds a company "
            "below, renames it, lets it rest, moves or closes it."
        ),
        _(
            "Before anything changes, the page says whose mail changes its way, how much mail waits and what "
            "takes over."
        ),
    )


def _users() -> tuple[str, tuple[str, ...]]:
    return _("People"), (
        _(
            "An owner looks after everything here and below, staff after the mail of this company alone, and a "
            "customer sees only their own mail."
        ),
        _(
            "The envelope beside a name opens the mail of that person: what it uses and why, the configuration "
            "linked to the person, and a test."
        ),
        _("Tick several people to change them at once. A page says what happens before it happens."),
    )


def _mail_templates() -> tuple[str, tuple[str, ...]]:
    return _("Wording"), (
        _(
            "The mails that the portal sends can be worded anew, for each language. Whatever you do not word "
            "yourself comes from the level above."
        ),
        _("A draft changes nothing until it is published. Look at it first, or send it to yourself."),
    )


def _profiles() -> tuple[str, tuple[str, ...]]:
    return _("Profiles"), (
        _(
            "A profile is a group of people. The configuration linked to a profile is used for everybody in it "
            "who has none of their own."
        ),
        _(
            "Whoever is in several profiles gets the configuration of the one with the lowest number. The arrows "
            "change the order."
        ),
    )


def _contacts() -> tuple[str, tuple[str, ...]]:
    return _("Contacts"), (
        _(
            "Contacts are those whom a company names for invoices, technical matters and complaints. Each of them"
            " is asked by mail to agree before any other mail goes there."
        ),
        _("Invoices lists what a company was sent by the one above it, and whether it arrived."),
    )


def _mail_log() -> tuple[str, tuple[str, ...]]:
    return _("Mail log"), (
        _(
            "Every mail, where it went and what became of it. Open one to see which configuration it took and "
            "why, and every attempt."
        ),
        _("A mail that failed or waits can be tried again, and one that waits can be called off."),
    )


def _audit_log() -> tuple[str, tuple[str, ...]]:
    return _("Audit"), (
        _("Who did what, with the values before and after. Of passwords it only says that they were changed."),
        _("Nobody can change or delete an entry without that showing."),
    )


def _brandings() -> tuple[str, tuple[str, ...]]:
    return _("Branding"), (
        _(
            "How the portal is called and how it looks for the people of this company and of those below it. "
            "What is left empty comes from the company above."
        ),
        _("A brand host is a name of your own for the portal. Whoever runs the portal approves it first."),
    )


def _brand_host_approvals() -> tuple[str, tuple[str, ...]]:
    return _("Brand hosts"), (
        _("The names that companies ask for. An approved name leads to the portal, and links in mails lead there."),
    )


def _administration() -> tuple[str, tuple[str, ...]]:
    return _("Administration"), (
        _(
            "The ways to people, profiles and the security of mail, and a test of settings typed by hand, which "
            "saves nothing."
        ),
        _(
            "“Why does a mail go this way?” shows, for anybody and any kind of mail, who is asked in which order,"
            " and how it would be if something were different."
        ),
    )


def _queue() -> tuple[str, tuple[str, ...]]:
    return _("Queue"), (
        _("The mail of all companies that waits. Only whoever runs the portal sees this page."),
        _("The whole queue or a single mail can be held. What is held loses nothing, and leaves once it is released."),
    )


def _my_mail() -> tuple[str, tuple[str, ...]]:
    return _("My mail"), (
        _("What your own mails use, and a test mail to yourself with one button."),
        _("Here you also choose your language and your time zone."),
    )


def _security() -> tuple[str, tuple[str, ...]]:
    return _("Sign-in and security"), (
        _("Your password, your second factor, your e-mail address, and every browser in which you are signed in."),
        _("If you do not know one of the browsers, end its session and change your password."),
    )


def _demo_mailbox() -> tuple[str, tuple[str, ...]]:
    return _("Demo mailbox"), (_("In the demo every mail arrives here. Open one to read it, decoded and as it came."),)


_CHAPTERS: Mapping[str, Callable[[], tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "dashboards": _dashboards,
        "mail_configs": _mail_configs,
        "tenants": _tenants,
        "users": _users,
        "mail_templates": _mail_templates,
        "profiles": _profiles,
        "contacts": _contacts,
        "mail_log": _mail_log,
        "audit_log": _audit_log,
        "brandings": _brandings,
        "administration": _administration,
        "queue": _queue,
        "brand_host_approvals": _brand_host_approvals,
        "my_mail": _my_mail,
        "security": _security,
        "demo_mailbox": _demo_mailbox,
    }
)
