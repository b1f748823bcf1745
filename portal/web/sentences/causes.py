"""Knows how a cause that the server itself named is told: what happened, and what to do about just that."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from portal.domain.causes import Cause
from portal.i18n import gettext as _
from portal.web.sentences.telling import Outcome

_Words = tuple[str, str, str]


def narrowed(told: Outcome, cause: Cause) -> Outcome:
    """An outcome with the cause that is known: it stands in the sentence, and its advice comes first."""
    short, clause, advice = _CAUSES[cause]()
    return replace(told, short=short, clause=clause, causes=(), advice=(advice, *told.advice))


def told_cause(cause: Cause) -> Outcome:
    """A cause as a row of the troubleshooting table."""
    short, clause, advice = _CAUSES[cause]()
    return Outcome(short, "bad", clause, (), (advice,))


_CAUSES: Mapping[Cause, Callable[[], _Words]] = MappingProxyType(
    {
        Cause.APP_PASSWORD: lambda: (
            _("App password needed"),
            _("the server does not take the account's own password here."),
            _("Make an app password (authorization code) in the account's security settings and type that here."),
        ),
        Cause.BASIC_RETIRED: lambda: (
            _("Password sign-in switched off"),
            _("the mail provider has switched off sign-in by password for this account."),
            _("Ask the account's administrator to allow authenticated SMTP for it, or use another mail server."),
        ),
        Cause.ACCOUNT_LOCKED: lambda: (
            _("Account locked"),
            _("the mail provider has locked the account, or waits for its owner to confirm something."),
            _("Sign in to the account's web mail once and follow what it asks for."),
        ),
        Cause.RELAY_DENIED: lambda: (
            _("Relay denied"),
            _("the server passes mail on only for people whom it knows, and it did not know you."),
            _("Switch on “Server asks for sign-in”, or ask whoever runs the server to let this portal relay."),
        ),
        Cause.NO_SUCH_RECIPIENT: lambda: (
            _("No such recipient"),
            _("the server says that this recipient does not exist."),
            _("Check the spelling of the recipient's address."),
        ),
        Cause.MAILBOX_FULL: lambda: (
            _("Mailbox full"),
            _("the recipient's mailbox is full."),
            _("Tell the recipient in another way, or try again later."),
        ),
        Cause.GREYLISTED: lambda: (
            _("Asked to come back"),
            _("the server takes mail from newcomers only at the second try, some minutes later."),
            _("Nothing to do: real mail is tried again by itself. Repeat the test in ten minutes."),
        ),
        Cause.NOT_YOUR_SENDER: lambda: (
            _("Sender not yours"),
            _("the server does not let this account send in the name of the default sender."),
            _("Use an address of the account you sign in with, or have the sender added to it at your mail provider."),
        ),
        Cause.LIMIT_REACHED: lambda: (
            _("Limit reached"),
            _("the mail provider takes no more mail from this account for now."),
            _("Wait until the limit ends, or ask your mail provider for a higher one."),
        ),
        Cause.TAKEN_FOR_SPAM: lambda: (
            _("Taken for spam"),
            _("the server took the mail for spam."),
            _("Ask your mail provider to let this portal's mail through, and show the technical details."),
        ),
        Cause.LISTED: lambda: (
            _("Sender's server listed"),
            _("the server refuses mail from this network, because a blocklist names it."),
            _("Send through your mail provider's submission server (port 587 or 465) instead of this one."),
        ),
        Cause.UNAUTHENTICATED_DOMAIN: lambda: (
            _("Domain not authenticated"),
            _("the sender's domain does not vouch for this mail server (SPF, DKIM or DMARC)."),
            _("Ask whoever runs the sender's domain to add this mail server to it, or send from another address."),
        ),
    }
)
