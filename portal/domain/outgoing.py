"""Knows what a mail says before anybody decides how it travels: its words, its attachments, its purpose and lane."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from portal.domain.ids import TenantId

Shape = dict[str, Any]


class Purpose(StrEnum):
    """The closed catalogue of mails: the portal's own, and `message` for what a programmer hands in."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of a mail, not a password
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of a mail, not a password
    EMAIL_CHANGE = "email-change"
    NEW_SIGN_IN = "new-sign-in"
    ALERT = "alert"
    RECOVERY = "recovery"
    CONTACT_CONFIRMATION = "contact-confirmation"
    INVOICE = "invoice"
    NOTICE = "notice"
    TEMPLATE_TEST = "template-test"
    MESSAGE = "message"


# Mail that carries a link which works once: it is never sent again, another one with a new link is.
CARRIES_LINK = frozenset(
    {Purpose.INVITATION, Purpose.PASSWORD_RESET, Purpose.EMAIL_CHANGE, Purpose.CONTACT_CONFIRMATION}
)
# Mail that only serves to come in; whoever is shut out gets none of it.
LEADS_IN = frozenset({Purpose.INVITATION, Purpose.PASSWORD_RESET})


class Lane(StrEnum):
    """How urgent a mail is. Somebody sits and waits for an interactive one."""

    INTERACTIVE = "interactive"
    NORMAL = "normal"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address in its canonical spelling (`portal.domain.addresses`) and the name shown with it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels along. `media_type` is `type/subtype` without parameters.

    With a `content_id` (RFC 2392, without angle brackets) the file is shown where the HTML says `cid:…`.
    """

    file_name: str
    media_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class MailingList:
    """Marks mail that goes to many: the list's name (RFC 2919) and the ways off it (RFC 2369).

    `id` is written like a domain name; `unsubscribe` are https: or mailto: addresses, the preferred one first.
    `one_click` promises that a POST to the https: address is enough (RFC 8058).
    """

    id: str
    unsubscribe: tuple[str, ...]
    one_click: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The content of one mail.

    `sender` is a template's own From, which may override the configuration's; an empty name or address leaves that
    one to the configuration. `author` is the tenant that wrote the template, where it is not the mail's own.
    `layout` is the name of a mail of ours whose words it has, and `values` what a tenant's own wording of it may name;
    neither is kept with the mail. `auto_submitted` marks mail
    that no person wrote (RFC 3834 §5), so that no machine answers it. `reports` asks the server to report by mail to
    the envelope sender what fails or is delayed further on, where the server offers that (RFC 3461).
    """

    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    reply_to: Mailbox | None = None
    auto_submitted: bool = True
    sender: Mailbox | None = None
    mailing_list: MailingList | None = None
    reports: bool = False
    author: TenantId | None = None
    layout: str = ""
    values: Mapping[str, str] | None = None

    def as_json(self) -> Shape:
        """Return plain values that JSON can carry; attachments become base64."""
        return {
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "attachments": [_shape_of_attachment(each) for each in self.attachments],
            "reply_to": _shape_of_mailbox(self.reply_to),
            "auto_submitted": self.auto_submitted,
            "sender": _shape_of_mailbox(self.sender),
            "mailing_list": None if self.mailing_list is None else asdict(self.mailing_list),
            "reports": self.reports,
            "author": None if self.author is None else self.author.hex,
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Self:
        """Read back what `as_json` returned; what an earlier version did not write yet is as if not set.

        Raises KeyError where another field is missing.
        """
        return cls(
            subject=shape["subject"],
            text=shape["text"],
            html=shape["html"],
            attachments=tuple(_attachment_from(each) for each in shape["attachments"]),
            reply_to=_mailbox_from(shape["reply_to"]),
            auto_submitted=shape["auto_submitted"],
            sender=_mailbox_from(shape["sender"]),
            mailing_list=_mailing_list_from(shape.get("mailing_list")),
            reports=shape.get("reports", False),
            author=TenantId(UUID(shape["author"])) if shape.get("author") else None,
        )


def _shape_of_mailbox(mailbox: Mailbox | None) -> Shape | None:
    return None if mailbox is None else {"address": mailbox.address, "name": mailbox.name}


def _mailbox_from(shape: Mapping[str, Any] | None) -> Mailbox | None:
    return None if shape is None else Mailbox(address=shape["address"], name=shape["name"])


def _shape_of_attachment(attachment: Attachment) -> Shape:
    return {
        "file_name": attachment.file_name,
        "media_type": attachment.media_type,
        "content": base64.b64encode(attachment.content).decode("ascii"),
        "content_id": attachment.content_id,
    }


def _attachment_from(shape: Mapping[str, Any]) -> Attachment:
    return Attachment(
        file_name=shape["file_name"],
        media_type=shape["media_type"],
        content=base64.b64decode(shape["content"], validate=True),
        content_id=shape.get("content_id", ""),
    )


def _mailing_list_from(shape: Mapping[str, Any] | None) -> MailingList | None:
    return None if shape is None else MailingList(shape["id"], tuple(shape["unsubscribe"]), shape["one_click"])
