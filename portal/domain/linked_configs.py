"""Knows whose mail goes through which configuration, as the pages of a user, of a profile and of oneself tell it."""

from dataclasses import dataclass
from datetime import datetime

from portal.domain.ids import ConfigId
from portal.domain.mail_config import InheritedDefault, MailConfig
from portal.domain.people import User
from portal.domain.precedence import Rung, Source
from portal.domain.profiles import Profile
from portal.domain.roles import Role


@dataclass(frozen=True, slots=True)
class Way:
    """What a mail uses now; `source` is None where nothing applies and the mail is held.

    `config` is set where it is one of the tenant's own; otherwise `inherited` is all there is to know.
    """

    source: Source | None
    config: MailConfig | None
    inherited: InheritedDefault
    trace: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class MailOfUser:
    """`choices` are the tenant's configurations, any of which can be linked to him; `linked` is the one that is."""

    user: User
    profiles: tuple[Profile, ...]
    linked: MailConfig | None
    choices: tuple[MailConfig, ...]
    way: Way


@dataclass(frozen=True, slots=True)
class MailOfProfile:
    """`members` counts the profile's users, `with_own` those of them who have a linked configuration of their own."""

    profile: Profile
    members: int
    with_own: int
    linked: MailConfig | None
    choices: tuple[MailConfig, ...]
    way: Way


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The mail account that is linked to one person alone, as he may know it: enough to see where a password goes."""

    config_id: ConfigId
    host: str
    port: int
    username: str
    version: int
    changed_at: datetime | None
    changed_by: Role | None


@dataclass(frozen=True, slots=True)
class MyMail:
    """`config_name` is empty where he may not know it; `account` is set where the linked one is his alone."""

    source: Source | None
    config_name: str | None
    account: OwnAccount | None
