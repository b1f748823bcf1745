"""Knows what is worth remembering: the closed set of events, and how a change is written down without its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from portal.domain.mail_config import Draft


class Event(StrEnum):
    """resource.past-tense"""

    TENANT_CREATED = "tenant.created"
    TENANT_RENAMED = "tenant.renamed"
    TENANT_SUSPENDED = "tenant.suspended"
    TENANT_RESUMED = "tenant.resumed"
    TENANT_CLOSED = "tenant.closed"
    TENANT_MOVED = "tenant.moved"
    USER_ADDED = "user.added"
    USER_INVITED = "user.invited"
    USER_LINK_SHOWN = "user.link-shown"
    USER_JOINED = "user.joined"
    USER_EDITED = "user.edited"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    PROFILE_CREATED = "profile.created"
    PROFILE_EDITED = "profile.edited"
    PROFILE_MOVED = "profile.moved"
    PROFILE_DELETED = "profile.deleted"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    EMAIL_CHANGE_ASKED = "email.change-asked"
    EMAIL_CHANGED = "email.changed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - an event, not a password
    PASSWORD_RESET_ASKED = "password.reset-asked"  # noqa: S105 - an event, not a password
    SIGNED_IN = "sign-in.succeeded"
    SIGN_IN_REFUSED = "sign-in.refused"
    SIGNED_OUT = "sign-in.ended"
    SIGN_INS_ENDED = "sign-in.all-ended"
    SECOND_FACTOR_ADDED = "second-factor.added"
    SECOND_FACTOR_REMOVED = "second-factor.removed"
    SECOND_FACTOR_REFUSED = "second-factor.refused"
    RECOVERY_CODE_USED = "recovery-code.used"
    RECOVERY_CODES_RENEWED = "recovery-code.renewed"
    PROOF_REFUSED = "proof.refused"
    CONFIG_CREATED = "mail-config.created"
    CONFIG_EDITED = "mail-config.edited"
    CONFIG_DELETED = "mail-config.deleted"
    MAIL_PASSWORD_CHANGED = "mail-password.changed"  # noqa: S105 - an event, not a password
    CONFIG_SELECTED = "mail-config.selected"
    DEFAULT_SELECTED = "provider-default.selected"
    CONFIG_LINKED = "mail-config.linked"
    CONFIG_UNLINKED = "mail-config.unlinked"
    TEMPLATE_DRAFTED = "template.drafted"
    TEMPLATE_PUBLISHED = "template.published"
    TEMPLATE_DISCARDED = "template.discarded"
    TEMPLATE_WITHDRAWN = "template.withdrawn"
    SENDERS_CHANGED = "sender-policy.changed"
    CONFIG_FAILS = "mail-config.fails"
    CONFIG_RECOVERED = "mail-config.recovered"
    MAIL_RETRIED = "mail.retried"
    MAIL_CANCELLED = "mail.cancelled"
    MAIL_HELD = "mail.held"
    MAIL_RELEASED = "mail.released"
    QUEUE_HELD = "queue.held"
    QUEUE_RELEASED = "queue.released"
    MAIL_LOG_EXPORTED = "mail-log.exported"
    CONTACT_ADDED = "contact.added"
    CONTACT_AGREED = "contact.agreed"
    CONTACT_REMOVED = "contact.removed"
    INVOICE_SENT = "invoice.sent"
    TRIAL_REQUESTED = "trial.requested"
    TRIAL_REFUSED = "trial.refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log. `fields` maps a field's name to its value before and after."""

    number: int
    at: datetime
    actor_name: str
    event: str
    subject_name: str
    fields: Mapping[str, tuple[str, str]]


Change = Mapping[str, tuple[str, str]]
_CHANGED = ("changed", "changed")


def draft_change(before: Draft | None, after: Draft | None, *, password_changed: bool) -> Change:
    """The fields in which two drafts differ. A password is only ever said to have changed."""
    old, new = _flat(before), _flat(after)
    change = {name: (old.get(name, ""), new.get(name, "")) for name in (old | new) if old.get(name) != new.get(name)}
    return {**change, "password": _CHANGED} if password_changed else change


def _flat(draft: Draft | None) -> dict[str, str]:
    if draft is None:
        return {}
    own = {each.name: str(getattr(draft, each.name)) for each in fields(draft) if each.name != "destination"}
    place = draft.destination
    return own | {
        "host": place.host,
        "port": str(place.port),
        "encryption": place.encryption.value,
        "username": place.username,
        "mechanism": place.mechanism.value,
        "trust": place.trust.kind.value,
        "trust_anchor": place.trust.digest().hex()[:16],
    }
