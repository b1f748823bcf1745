"""Knows how a provider's demands are said beside the form and on the help page."""

from portal.domain.providers import Needs, Provider
from portal.i18n import gettext as _


def password_label(provider: Provider | None) -> str:
    """What the password field is called where this provider's server is named."""
    match provider.needs if provider else Needs.PASSWORD:
        case Needs.APP_PASSWORD:
            return _("App password")
        case Needs.AUTHORIZATION_CODE:
            return _("Authorization code")
        case Needs.KEY:
            return _("SMTP password or key")
        case _:
            return _("Password")


def provider_note(provider: Provider) -> str:
    """What this provider wants, in one or two sentences."""
    match provider.needs:
        case Needs.APP_PASSWORD:
            return _(
                "%(provider)s does not take the account's own password here: make an app password in the account's "
                "security settings.",
                provider=provider.name,
            )
        case Needs.AUTHORIZATION_CODE:
            return _(
                "%(provider)s wants an authorization code: switch on SMTP in the mailbox settings, which shows it.",
                provider=provider.name,
            )
        case Needs.KEY:
            return _(
                "%(provider)s hands out SMTP user names and keys in its console; the account's password is not one.",
                provider=provider.name,
            )
        case Needs.ADMINISTRATOR:
            return _(
                "%(provider)s takes passwords only where an administrator allows authenticated SMTP for the mailbox, "
                "and is withdrawing sign-in by password altogether.",
                provider=provider.name,
            )
        case Needs.PASSWORD:
            return _(
                "%(provider)s may want SMTP access for third-party programs switched on in the mailbox settings first.",
                provider=provider.name,
            )


def user_name_note(provider: Provider) -> str:
    """What to sign in with."""
    match provider.username:
        case "address":
            return _("your full e-mail address")
        case "key":
            return _("the user name that comes with the key")
        case literal:
            return _("the word %(word)s", word=literal)
