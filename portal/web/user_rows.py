"""Knows how the rows of the list of people come about: alike but for what each person has of his own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup

from portal.domain.people import UserLine, UserStatus
from portal.domain.roles import Role
from portal.web.addresses import address
from portal.web.identity import current_actor, current_tenant
from portal.web.patterns import Pattern, kept_pattern
from portal.web.sentences import role_name, user_status_name

_OWN, _SHARED = ("id", "name", "email", "profiles", "mail_url", "opening"), ("role", "mail", "status", "kind")
_TONES = MappingProxyType({UserStatus.ACTIVE: "good", UserStatus.INVITED: "accent"})


@dataclass(frozen=True, slots=True)
class Cells:
    """What writes a row, some of its cells, and the menu of the row that is opened."""

    row: Callable[..., str]
    profiles: Callable[..., str]
    mail: Callable[..., str]
    status: Callable[..., str]
    menu: Callable[..., str]


class _Kind(NamedTuple):
    """What a row shows beside what is its own; most rows of a page are of few kinds."""

    role: Role
    status: UserStatus
    linked_name: str | None
    is_oneself: bool

    @property
    def menu(self) -> str:
        return "oneself" if self.is_oneself else self.status.value


def user_rows(lines: Sequence[UserLine], opened: str, opening: str, cells: Cells, **may: bool) -> Markup:
    """`opened` is the id of the row that has its menu, `opening` the address that opens that of an id put behind it.

    `may` tells what the reader may: `may_link`, `sees_mail`.
    """
    return Markup("".join(_rows(lines, opened, opening, cells, **may)))  # noqa: S704 # nosec B704 - every piece is safe


def _rows(lines: Sequence[UserLine], opened: str, opening: str, cells: Cells, **may: bool) -> Iterator[str]:
    plain, oneself = kept_pattern(cells.row, *_OWN, *_SHARED, **may), current_actor().user_id
    people = address("users.index", tenant_id=current_tenant().id)
    alike: dict[_Kind, Pattern] = {}
    for line in lines:
        user, own = line.user, _own(line, people, opening, cells)
        kind = _Kind(user.role, user.status, line.linked_name, user.id == oneself)
        if opened == own[0] and may["sees_mail"]:
            yield cells.row(*own, **_shared(kind, cells), menu=cells.menu(user.name, user.id, kind.menu), **may)
        else:
            if kind not in alike:
                alike[kind] = plain.partly_filled(**_shared(kind, cells))
            yield alike[kind].filled(*own)


def _own(line: UserLine, people: str, opening: str, cells: Cells) -> tuple[str, ...]:
    user, user_id = line.user, str(line.user.id)
    profiles = cells.profiles(", ".join(each.name for each in line.profiles)) if line.profiles else ""
    return user_id, user.name, user.email, profiles, f"{people}/{user_id}/mail", f"{opening}{user_id}"


def _shared(kind: _Kind, cells: Cells) -> dict[str, str]:
    return {
        "role": role_name(kind.role),
        "mail": cells.mail(kind.linked_name),
        "status": cells.status(user_status_name(kind.status), _TONES.get(kind.status, "neutral")),
        "kind": kind.menu,
    }
