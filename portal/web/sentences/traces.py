"""Knows how the way of a mail is told: every rung that was asked, and the notes written on the way."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.domain.precedence import Reason, Rung, Source
from portal.i18n import gettext as _

Word = Callable[[], str]


def source_name(source: Source) -> str:
    """Where a configuration comes from, in the words of the ladder."""
    match source:
        case Source.NAMED:
            return _("Named by the caller")
        case Source.USER:
            return _("Linked to the user")
        case Source.PROFILE:
            return _("Linked to a profile")
        case Source.TENANT:
            return _("Active configuration")
        case Source.PROVIDER_DEFAULT:
            return _("Provider default")
        case Source.INSTANCE:
            return _("Instance default")


def rung_sentence(rung: Rung) -> str:
    """One line of a trace: who was asked and what the answer was."""
    return _taken(rung) if rung.reason is None else _passed_over(rung)


def note_sentence(note: str) -> str:
    """A note as it is stored with a mail or a test; an unknown one as it is."""
    key, _separator, rest = note.partition(":")
    part, _separator, character = rest.partition(":")
    match key:
        case "sent-as-utf-8":
            return _(
                "%(part)s: sent as UTF-8, because the chosen encoding does not have %(character)s.",
                part=_part_name(part),
                character=_shown(character),
            )
        case "does-not-fit":
            return _(
                "%(part)s: the chosen encoding does not have %(character)s.",
                part=_part_name(part),
                character=_shown(character),
            )
        case "sender-moved-to-reply-to":
            return _("The mail's own sender is not allowed here, so it became the address for replies.")
        case "sender-name-from-template":
            return _("The sender's name is that of the mail's template.")
        case "sender-address-from-template":
            return _("The sender's address is that of the mail's template.")
        case "sender-name-not-allowed":
            return _("The template's sender name is not allowed here, so the configuration's sender stands.")
        case "credentials-unused":
            return _("The server asked for no sign-in; your user name and password were not used.")
        case _:
            return note


def _taken(rung: Rung) -> str:
    match rung.source:
        case Source.NAMED:
            return _("Named by the caller: used")
        case Source.USER:
            return _("User %(place)s: linked configuration, used", place=rung.place)
        case Source.PROFILE:
            return _("Profile %(place)s: linked configuration, used", place=rung.place)
        case Source.TENANT | Source.PROVIDER_DEFAULT:
            return _("%(place)s: active configuration, used", place=rung.place)
        case Source.INSTANCE:
            return _("Instance default: used")


def _passed_over(rung: Rung) -> str:
    if rung.reason is Reason.ITS_SUBJECT:
        return _("%(who)s: the mail is about this very configuration", who=rung.place or source_name(rung.source))
    match rung.source:
        case Source.NAMED:
            return _("Named by the caller: nothing named")
        case Source.USER:
            return _("User %(place)s: no configuration linked", place=rung.place)
        case Source.PROFILE if not rung.place:
            return _("Profiles: in none")
        case Source.PROFILE:
            return _("Profile %(place)s: no configuration linked", place=rung.place)
        case Source.TENANT | Source.PROVIDER_DEFAULT:
            return _("%(place)s: stays on its Provider default, so its provider is asked", place=rung.place)
        case Source.INSTANCE:
            return _("Instance default: not configured")


def _shown(character: str) -> str:
    """The character between quotes where it can be seen, and its number in any case."""
    number = " ".join(f"U+{ord(each):04X}" for each in character)
    return f"“{character}” ({number})" if character.isprintable() else number


def _part_name(part: str) -> str:
    word = _PARTS.get(part)
    return word() if word else part


_PARTS: Mapping[str, Word] = MappingProxyType(
    {
        "subject": lambda: _("Subject"),
        "from-name": lambda: _("Sender name"),
        "to-name": lambda: _("Recipient's name"),
        "reply-to-name": lambda: _("Name for replies"),
        "text": lambda: _("Text"),
        "html": lambda: _("Formatted text"),
        "file-name": lambda: _("Name of an attachment"),
    }
)
