"""Knows what is worth remembering: the closed set of events, and how a change is written down without its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from portal.domain.audit_chain import time_part
from portal.domain.mail_config import Draft

PAGE = 50
MOST_EXPORTED = 50_000


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
    BRANDING_CHANGED = "branding.changed"
    BRAND_HOST_ASKED = "brand-host.asked"
    BRAND_HOST_APPROVED = "brand-host.approved"
    BRAND_HOST_REFUSED = "brand-host.refused"
    BRAND_HOST_GIVEN_UP = "brand-host.given-up"
    CONFIG_FAILS = "mail-config.fails"
    CONFIG_RECOVERED = "mail-config.recovered"
    MAIL_RETRIED = "mail.retried"
    MAIL_CANCELLED = "mail.cancelled"
    MAIL_HELD = "mail.held"
    MAIL_RELEASED = "mail.released"
    KEYS_ROTATED = "keys.rotated"
    TENANT_REKEYED = "tenant.rekeyed"
    QUEUE_HELD = "queue.held"
    QUEUE_RELEASED = "queue.released"
    MAIL_LOG_EXPORTED = "mail-log.exported"
    CONTACT_ADDED = "contact.added"
    CONTACT_AGREED = "contact.agreed"
    CONTACT_REMOVED = "contact.removed"
    INVOICE_SENT = "invoice.sent"
    TRIAL_REQUESTED = "trial.requested"
    TRIAL_REFUSED = "trial.refused"
    LOG_EXPORTED = "audit-log.exported"
    LOG_BEGUN = "audit-log.begun"
    DENIED = "access.denied"


class EventGroup(StrEnum):
    """Events as people ask for them."""

    SIGN_IN = "sign-in"
    PEOPLE = "people"
    PROFILES = "profiles"
    COMPANIES = "companies"
    CONFIGS = "configurations"
    TESTS = "tests"
    WORDING = "wording"
    MAIL = "mail"
    CONTACTS = "contacts"
    LOG = "log"
    DENIED = "denied"


_GROUP_OF = MappingProxyType(
    {
        "sign-in": EventGroup.SIGN_IN,
        "password": EventGroup.SIGN_IN,
        "email": EventGroup.SIGN_IN,
        "second-factor": EventGroup.SIGN_IN,
        "recovery-code": EventGroup.SIGN_IN,
        "proof": EventGroup.SIGN_IN,
        "keys": EventGroup.COMPANIES,
        "user": EventGroup.PEOPLE,
        "profile": EventGroup.PROFILES,
        "member": EventGroup.PROFILES,
        "tenant": EventGroup.COMPANIES,
        "branding": EventGroup.COMPANIES,
        "brand-host": EventGroup.COMPANIES,
        "mail-config": EventGroup.CONFIGS,
        "mail-password": EventGroup.CONFIGS,
        "provider-default": EventGroup.CONFIGS,
        "trial": EventGroup.TESTS,
        "template": EventGroup.WORDING,
        "sender-policy": EventGroup.WORDING,
        "mail": EventGroup.MAIL,
        "queue": EventGroup.MAIL,
        "mail-log": EventGroup.LOG,
        "audit-log": EventGroup.LOG,
        "contact": EventGroup.CONTACTS,
        "invoice": EventGroup.CONTACTS,
        "access": EventGroup.DENIED,
    }
)
EVENTS_OF: Mapping[EventGroup, tuple[Event, ...]] = MappingProxyType(
    {group: tuple(event for event in Event if _GROUP_OF[event.partition(".")[0]] is group) for group in EventGroup}
)
# What people do to their own accounts has no other actor than the account.
BY_THE_ACCOUNT_ITSELF = frozenset({Event.SIGNED_IN, Event.USER_JOINED, Event.PASSWORD_CHANGED})

Change = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries are asked for: None and an empty text ask for all.

    `since` is the first moment, `until` the first one that is too late. `who` stands in the name of whoever did it,
    `words` in what it was done to or in what changed. The newest stand first, with `is_reversed` the oldest.
    """

    group: EventGroup | None = None
    who: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_reversed: bool = False


EVERYTHING = AuditQuery()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log. `fields` maps a field's name to its value before and after.

    `number` counts the events of the company. `impersonator_name` is who acted as the actor, if anybody else did.
    """

    number: int
    at: datetime
    actor_name: str
    impersonator_name: str
    event: str
    subject_name: str
    fields: Change

    @property
    def done_by(self) -> str:
        """Empty for what the portal did by itself."""
        return self.actor_name or (self.subject_name if self.event in BY_THE_ACCOUNT_ITSELF else "")


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry with all that its hash is over.

    `tenant_id` is the company's; `written` are the fields as they are stored. `previous` is the hash of the entry
    before it, None for the first one; it and `hash` are None before the chain begins.
    """

    tenant_id: UUID
    entry: Entry
    id: UUID | None
    actor_id: UUID | None
    impersonator_id: UUID | None
    subject_id: UUID | None
    written: str
    previous: bytes | None
    hash: bytes | None
    key_name: str | None

    def as_json(self) -> dict[str, Any]:
        """The same as plain values, each text exactly as the hash is over it."""
        return {
            "company": self.tenant_id.hex,
            "number": self.entry.number,
            "previous": self.previous.hex() if self.previous else None,
            "id": _hex(self.id),
            "at": time_part(self.entry.at).decode(),
            "actor_id": _hex(self.actor_id),
            "actor": self.entry.actor_name,
            "impersonator_id": _hex(self.impersonator_id),
            "impersonator": self.entry.impersonator_name if self.impersonator_id else None,
            "event": self.entry.event,
            "subject_id": _hex(self.subject_id),
            "subject": self.entry.subject_name,
            "fields": self.written,
            "key": self.key_name,
            "hash": self.hash.hex() if self.hash else None,
        }


def _hex(value: UUID | None) -> str | None:
    return value.hex if value else None


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
