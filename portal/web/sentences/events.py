"""Knows how the audit log speaks: its events, and the names of the fields that changed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.domain.audit import Event, EventGroup
from portal.i18n import gettext as _

Word = Callable[[], str]


def event_sentence(event: str) -> str:
    """What happened, without who and to what, which stand in columns of their own; an unknown event as it is."""
    word = _EVENTS.get(event)
    return word() if word else event


def event_group_name(group: EventGroup) -> str:
    return _GROUPS[group]()


def said_value(name: str, value: str) -> str:
    """A field's value before or after a change, in words where it has some."""
    word = (_REASONS if name == "reason" else _VALUES).get(value)
    return word() if word else value


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
        Event.EMAIL_CHANGE_ASKED: lambda: _("Another e-mail address asked for"),
        Event.EMAIL_CHANGED: lambda: _("E-mail address changed"),
        Event.PASSWORD_CHANGED: lambda: _("Password changed"),
        Event.PASSWORD_RESET_ASKED: lambda: _("Password forgotten: link asked for"),
        Event.SIGNED_IN: lambda: _("Signed in"),
        Event.SIGN_IN_REFUSED: lambda: _("Sign-in refused: wrong password"),
        Event.SIGNED_OUT: lambda: _("Signed out"),
        Event.SIGN_INS_ENDED: lambda: _("Signed out everywhere else"),
        Event.SECOND_FACTOR_ADDED: lambda: _("Second factor set up"),
        Event.SECOND_FACTOR_REMOVED: lambda: _("Second factor removed"),
        Event.SECOND_FACTOR_REFUSED: lambda: _("Wrong code for the second factor"),
        Event.RECOVERY_CODE_USED: lambda: _("Recovery code used"),
        Event.RECOVERY_CODES_RENEWED: lambda: _("Recovery codes made anew"),
        Event.PROOF_REFUSED: lambda: _("Not confirmed who it is: wrong password or code"),
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
        Event.BRANDING_CHANGED: lambda: _("Branding changed"),
        Event.BRAND_HOST_ASKED: lambda: _("Brand host asked for"),
        Event.BRAND_HOST_APPROVED: lambda: _("Brand host approved by the operator"),
        Event.BRAND_HOST_REFUSED: lambda: _("Brand host refused or taken away by the operator"),
        Event.BRAND_HOST_GIVEN_UP: lambda: _("Brand host given up"),
        Event.MAIL_RETRIED: lambda: _("Mail asked for again"),
        Event.MAIL_CANCELLED: lambda: _("Mail called off"),
        Event.MAIL_HELD: lambda: _("Mail held by the operator"),
        Event.MAIL_RELEASED: lambda: _("Mail let go by the operator"),
        Event.KEYS_ROTATED: lambda: _("Master key rotated"),
        Event.TENANT_REKEYED: lambda: _("Everything secret sealed with a new key"),
        Event.QUEUE_HELD: lambda: _("Whole queue held"),
        Event.QUEUE_RELEASED: lambda: _("Whole queue let go"),
        Event.MAIL_LOG_EXPORTED: lambda: _("Mail log exported"),
        Event.CONTACT_ADDED: lambda: _("Contact named and asked"),
        Event.CONTACT_AGREED: lambda: _("Contact agreed"),
        Event.CONTACT_REMOVED: lambda: _("Contact removed"),
        Event.INVOICE_SENT: lambda: _("Invoice sent"),
        Event.TRIAL_REQUESTED: lambda: _("Test requested"),
        Event.TRIAL_REFUSED: lambda: _("Test refused: too many different servers"),
        Event.LOG_EXPORTED: lambda: _("Audit log exported"),
        Event.LOG_BEGUN: lambda: _("Earlier events sealed: from here on nobody changes them unseen"),
        Event.DENIED: lambda: _("Refused: not allowed, or not there"),
    }
)
_GROUPS: Mapping[EventGroup, Word] = MappingProxyType(
    {
        EventGroup.SIGN_IN: lambda: _("Sign-in and passwords"),
        EventGroup.PEOPLE: lambda: _("People"),
        EventGroup.PROFILES: lambda: _("Profiles"),
        EventGroup.COMPANIES: lambda: _("Companies"),
        EventGroup.CONFIGS: lambda: _("Mail configuration"),
        EventGroup.TESTS: lambda: _("Tests"),
        EventGroup.WORDING: lambda: _("Wording"),
        EventGroup.MAIL: lambda: _("Mail"),
        EventGroup.CONTACTS: lambda: _("Contacts and invoices"),
        EventGroup.LOG: lambda: _("Logs"),
        EventGroup.DENIED: lambda: _("Refused"),
    }
)
_VALUES: Mapping[str, Word] = MappingProxyType(
    {
        "True": lambda: _("yes"),
        "False": lambda: _("no"),
        "changed": lambda: _("changed"),
    }
)
_REASONS: Mapping[str, Word] = MappingProxyType(
    {
        "not-found": lambda: _("it is not there for this person"),
        "forbidden": lambda: _("the role does not allow it"),
        "tenant-suspended": lambda: _("the company is suspended"),
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
        "events": lambda: _("Events"),
        "reason": lambda: _("Reason"),
        "product": lambda: _("Name of the portal"),
        "accent": lambda: _("Colour"),
        "support": lambda: _("Support address"),
        "privacy": lambda: _("Privacy policy"),
        "terms": lambda: _("Terms of use"),
        "imprint": lambda: _("Legal notice"),
        "logo": lambda: _("Logo"),
        "starts_afresh": lambda: _("Takes nothing from above"),
        "brand_host": lambda: _("Brand host"),
    }
)
