"""Knows how the audit log speaks: its events, and the names of the fields that changed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.domain.audit import Event
from portal.i18n import gettext as _

Word = Callable[[], str]


def event_sentence(event: str) -> str:
    """What happened, without who and to what, which stand in columns of their own; an unknown event as it is."""
    word = _EVENTS.get(event)
    return word() if word else event


def field_name(name: str) -> str:
    """What a form calls the field that an audit entry names; an unknown name as it is."""
    word = _FIELDS.get(name)
    return word() if word else name


_EVENTS: Mapping[str, Word] = MappingProxyType(
    {
        Event.TENANT_CREATED: lambda: _("Company created"),
        Event.TENANT_RENAMED: lambda: _("Company renamed"),
        Event.TENANT_SUSPENDED: lambda: _("Company suspended"),
        Event.TENANT_RESUMED: lambda: _("Suspension lifted"),
        Event.TENANT_MOVED: lambda: _("Company moved"),
        Event.TENANT_CLOSED: lambda: _("Company closed"),
        Event.USER_ADDED: lambda: _("User added"),
        Event.USER_INVITED: lambda: _("User invited"),
        Event.USER_LINK_SHOWN: lambda: _("Sign-in link shown instead of mailed"),
        Event.USER_JOINED: lambda: _("Invitation accepted"),
        Event.USER_EDITED: lambda: _("User changed"),
        Event.USER_DISABLED: lambda: _("User disabled"),
        Event.USER_ENABLED: lambda: _("User enabled again"),
        Event.PROFILE_CREATED: lambda: _("Profile created"),
        Event.PROFILE_EDITED: lambda: _("Profile changed"),
        Event.PROFILE_MOVED: lambda: _("Profile moved in the order"),
        Event.PROFILE_DELETED: lambda: _("Profile deleted"),
        Event.MEMBER_ADDED: lambda: _("User added to a profile"),
        Event.MEMBER_REMOVED: lambda: _("User removed from a profile"),
        Event.PASSWORD_CHANGED: lambda: _("Password changed"),
        Event.PASSWORD_RESET_ASKED: lambda: _("Password forgotten: link asked for"),
        Event.SIGNED_IN: lambda: _("Signed in"),
        Event.SIGN_IN_REFUSED: lambda: _("Sign-in refused: wrong password"),
        Event.SIGNED_OUT: lambda: _("Signed out"),
        Event.CONFIG_CREATED: lambda: _("Mail configuration created"),
        Event.CONFIG_EDITED: lambda: _("Mail configuration changed"),
        Event.CONFIG_DELETED: lambda: _("Mail configuration deleted"),
        Event.MAIL_PASSWORD_CHANGED: lambda: _("Password of a mail configuration changed"),
        Event.CONFIG_FAILS: lambda: _("Mail configuration does not work; its people were told"),
        Event.CONFIG_RECOVERED: lambda: _("Mail configuration works again"),
        Event.CONFIG_SELECTED: lambda: _("Mail configuration selected"),
        Event.DEFAULT_SELECTED: lambda: _("Provider default selected"),
        Event.CONFIG_LINKED: lambda: _("Mail configuration linked"),
        Event.CONFIG_UNLINKED: lambda: _("Mail configuration unlinked"),
        Event.TEMPLATE_DRAFTED: lambda: _("Wording of a mail drafted"),
        Event.TEMPLATE_PUBLISHED: lambda: _("Wording of a mail published"),
        Event.TEMPLATE_DISCARDED: lambda: _("Draft of a mail thrown away"),
        Event.TEMPLATE_WITHDRAWN: lambda: _("Wording of a mail given up"),
        Event.SENDERS_CHANGED: lambda: _("Sender domains or language of mails changed"),
        Event.MAIL_RETRIED: lambda: _("Mail asked for again"),
        Event.MAIL_CANCELLED: lambda: _("Mail called off"),
        Event.MAIL_HELD: lambda: _("Mail held by the operator"),
        Event.MAIL_RELEASED: lambda: _("Mail let go by the operator"),
        Event.QUEUE_HELD: lambda: _("Whole queue held"),
        Event.QUEUE_RELEASED: lambda: _("Whole queue let go"),
        Event.MAIL_LOG_EXPORTED: lambda: _("Mail log exported"),
        Event.CONTACT_ADDED: lambda: _("Contact named and asked"),
        Event.CONTACT_AGREED: lambda: _("Contact agreed"),
        Event.CONTACT_REMOVED: lambda: _("Contact removed"),
        Event.INVOICE_SENT: lambda: _("Invoice sent"),
        Event.TRIAL_REQUESTED: lambda: _("Test requested"),
        Event.TRIAL_REFUSED: lambda: _("Test refused: too many different servers"),
    }
)
_FIELDS: Mapping[str, Word] = MappingProxyType(
    {
        "name": lambda: _("Name"),
        "shows_sender": lambda: _("Sender shown to those below"),
        "host": lambda: _("Server"),
        "port": lambda: _("Port"),
        "encryption": lambda: _("Encryption"),
        "sign_in": lambda: _("Sign-in"),
        "username": lambda: _("User name"),
        "password": lambda: _("Password"),
        "mechanism": lambda: _("Way of signing in"),
        "cleartext_consent": lambda: _("Password may travel unencrypted"),
        "trust": lambda: _("Certificate trust"),
        "trust_anchor": lambda: _("Trusted certificate"),
        "from_address": lambda: _("Sender address"),
        "from_name": lambda: _("Sender name"),
        "reply_to": lambda: _("Reply-to address"),
        "envelope_from": lambda: _("Address for returned mail"),
        "per_minute": lambda: _("Messages per minute"),
        "helo_name": lambda: _("Name given to the server (HELO)"),
        "charset": lambda: _("Encoding"),
        "misfit": lambda: _("What does not fit the encoding"),
        "subject": lambda: _("Subject"),
        "text": lambda: _("Text"),
        "header": lambda: _("Text above"),
        "footer": lambda: _("Text below"),
        "domains": lambda: _("Sender domains"),
        "language": lambda: _("Language"),
        "zone": lambda: _("Time zone"),
        "parent": lambda: _("Stands below"),
        "recipient": lambda: _("Recipient"),
        "verb": lambda: _("Kind of test"),
        "role": lambda: _("Role"),
        "order": lambda: _("Order"),
        "profile": lambda: _("Profile"),
        "linked_config": lambda: _("Linked configuration"),
    }
)
