"""Knows what each icon of the portal means."""

from portal.i18n import gettext as _


def icon_meanings() -> tuple[tuple[str, str], ...]:
    """Each icon that a page shows, with its meaning: parts of the portal, what buttons do, what signs say."""
    return (*_parts(), *_actions(), *_more_actions(), *_signs(), *_ways())


def _parts() -> tuple[tuple[str, str], ...]:
    return (
        ("mark", _("The portal; leads to the start page")),
        ("mail", _("Mail configuration; the mail of somebody")),
        ("network", _("Companies")),
        ("users", _("People")),
        ("scroll", _("Wording of mails; invoices")),
        ("layers", _("Profiles")),
        ("user", _("Contacts")),
        ("list", _("Mail log; export of a list")),
        ("history", _("Audit")),
        ("settings", _("Administration; more settings")),
        ("clock", _("Queue")),
        ("inbox", _("My mail; a list that is still empty")),
        ("shield-check", _("Sign-in and security; second factor")),
        ("server", _("Demo mailbox")),
        ("info", _("Help; something to know")),
    )


def _actions() -> tuple[tuple[str, str], ...]:
    return (
        ("plus", _("Add something new, such as a configuration")),
        ("send", _("Send: a test mail, an invitation, a new link")),
        ("check", _("Yes, or save; beside a test: check only, which sends nothing")),
        ("trash", _("Delete; asks first and says what takes over")),
        ("search", _("Show what fits the filter; show what would change")),
        ("pencil", _("Edit; a draft")),
        ("key", _("Change a password")),
        ("link", _("Link a configuration")),
        ("pointer", _("Mark this row, so that the buttons above act on it")),
        ("eye", _("Look at it; show what was just typed; branding")),
    )


def _more_actions() -> tuple[tuple[str, str], ...]:
    return (
        ("undo", _("Undo; throw a draft away")),
        ("pause", _("Suspend, disable or hold; something that rests")),
        ("x", _("Close, dismiss or unlink")),
        ("log-out", _("Sign out; end sessions")),
        ("arrow-up", _("Move up")),
        ("arrow-down", _("Move down")),
        ("menu", _("Open the menu of the portal")),
        ("more-vertical", _("Open the menu of a row")),
        ("house", _("Overview; to the start page")),
    )


def _signs() -> tuple[tuple[str, str], ...]:
    return (
        ("lock", _("Read-only: set at the level above; beside an encryption: encrypted")),
        ("circle-check", _("It worked; this is what was taken")),
        ("circle-x", _("It failed")),
        ("circle-minus", _("Skipped or passed over")),
        ("circle-dashed", _("Not reached")),
        ("loader", _("Under way")),
        ("alert-triangle", _("Needs attention, or a field to correct")),
    )


def _ways() -> tuple[tuple[str, str], ...]:
    return (
        ("chevron-right", _("Leads further down; unfolds what stands below")),
        ("chevron-down", _("Show more of a long list")),
        ("external", _("A name of one's own for the portal")),
    )
