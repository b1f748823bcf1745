"""Knows what the screen of a tenant's configurations shows, and what one of them serves."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from portal.domain.ids import ConfigId
from portal.domain.mail_config import Encryption, InheritedDefault, MailConfig
from portal.domain.tenancy import Tenant

MOST_COUNTED = 1000


# The two that follow are tuples because lists have many of them: one is made in a quarter of the time.


class ListedConfig(NamedTuple):
    """A configuration as far as lists show it; what is the same as in `MailConfig` is called the same."""

    id: ConfigId
    name: str
    host: str
    port: int
    encryption: Encryption
    from_address: str
    last_code: str | None = None
    last_at: datetime | None = None
    last_good_at: datetime | None = None
    paused_until: datetime | None = None
    slowed_to: int | None = None


class ConfigLine(NamedTuple):
    """One configuration in the list, and whom it serves: the tenants below that inherit it, users and profiles.

    Tenants are counted up to one more than MOST_COUNTED, which stands for many.
    """

    config: ListedConfig
    is_active: bool
    used_below: int
    users: int = 0
    profiles: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """`inherited` is what stands behind the top row: the Provider default, or for the root the instance default."""

    tenant: Tenant
    inherited: InheritedDefault
    lines: tuple[ConfigLine, ...]

    @property
    def stays_on_default(self) -> bool:
        return self.tenant.active_config_id is None

    def line_of(self, config_id: object) -> ConfigLine | None:
        if config_id is None:
            return None
        return next((line for line in self.lines if line.config.id == config_id), None)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a configuration serves now, and whether anything takes over when it goes.

    `users` and `profiles` are the names of those to whom it is linked.
    """

    config: MailConfig
    is_active: bool
    used_below: int
    successor_exists: bool
    users: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
