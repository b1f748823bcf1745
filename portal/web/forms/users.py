"""Knows the forms about people: an invitation, a name and a role, a filter, and what to do with some of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, HiddenField, RadioField, StringField
from wtforms.validators import InputRequired

from portal.domain.errors import NotFoundError
from portal.domain.ids import ProfileId, UserId
from portal.domain.people import UserQuery, UserSort, UserStatus
from portal.domain.roles import Role
from portal.i18n import lazy_gettext as _l
from portal.web.forms.fields import find_id, id_from
from portal.web.forms.preferences import PreferencesFields
from portal.web.sentences import role_name
from portal.web.sorting import REVERSED

Chosen = TypeVar("Chosen", bound=StrEnum)
_LONGEST_WORDS = 200


class InvitationForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Type the person's name."))])
    email = EmailField(_l("E-mail address"), [InputRequired(_l("Type the e-mail address."))])
    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))], validate_choice=False)

    def offer_roles(self) -> None:
        self.role.choices = [(role.value, role_name(role)) for role in Role]


class UserForm(PreferencesFields):
    name = StringField(_l("Name"), [InputRequired(_l("Type the person's name."))])
    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))], validate_choice=False)
    version = HiddenField()

    def offer(self) -> None:
        self.role.choices = [(role.value, role_name(role)) for role in Role]
        self.offer_preferences()


class ChangeVerb(StrEnum):
    """What can be done with several people at once."""

    LINK = "link"
    UNLINK = "unlink"
    JOIN = "join"
    LEAVE = "leave"
    DISABLE = "disable"
    ENABLE = "enable"


_WITH_TARGET = frozenset({ChangeVerb.LINK, ChangeVerb.JOIN, ChangeVerb.LEAVE})


@dataclass(frozen=True, slots=True)
class Change:
    """`target` is the configuration or the profile that is meant, where one is."""

    verb: ChangeVerb
    target: UUID | None

    @property
    def text(self) -> str:
        return f"{self.verb.value}:{self.target}" if self.target else self.verb.value


def change_from(text: str | None) -> Change:
    """Read `verb` or `verb:id`. Raises NotFoundError for anything else."""
    word, _separator, rest = (text or "").partition(":")
    verb = _find(ChangeVerb, word)
    if verb is None or (verb in _WITH_TARGET) != bool(rest):
        raise NotFoundError
    return Change(verb, find_id(rest))


def users_from(texts: Sequence[str]) -> list[UserId]:
    """The people that were ticked. Raises NotFoundError for what is no id."""
    return [UserId(id_from(text)) for text in dict.fromkeys(texts)]


def query_from(asked: MultiDict[str, str]) -> UserQuery:
    """The question in a page's address; what it does not understand it leaves out. Raises NotFoundError for no id."""
    profile = find_id(asked.get("profile"))
    page = asked.get("page", "")
    return UserQuery(
        words=asked.get("q", "").strip()[:_LONGEST_WORDS],
        role=_find(Role, asked.get("role")),
        status=_find(UserStatus, asked.get("status")),
        profile_id=ProfileId(profile) if profile else None,
        sort=_find(UserSort, asked.get("sort")) or UserSort.NAME,
        is_reversed=asked.get("order") == REVERSED,
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) <= 6 and int(page) > 0 else 1,
    )


def _find(kind: type[Chosen], text: str | None) -> Chosen | None:
    return next((each for each in kind if each.value == text), None)
