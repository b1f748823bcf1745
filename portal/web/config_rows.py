"""Knows how the rows of the list of configurations come about: alike but for what each configuration has of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from portal.domain.mail_config import Encryption
from portal.domain.overview import ConfigLine, ListedConfig
from portal.i18n import gettext as _
from portal.i18n.times import moment
from portal.web.addresses import address
from portal.web.identity import current_tenant
from portal.web.patterns import Pattern, kept_pattern
from portal.web.times import ago

_OWN, _SHARED = ("id", "href", "name", "address", "sender"), ("serves", "encryption", "state")


@dataclass(frozen=True, slots=True)
class Cells:
    """What writes a row, and what writes the cells for which there are few words; those remember what they wrote."""

    row: Callable[..., str]
    marked_row: Callable[..., str]
    serves: Callable[..., str]
    encryption: Callable[..., str]
    state: Callable[..., str]


class _Kind(NamedTuple):
    """What a row shows beside what is its own; most rows of a list are of few kinds."""

    encryption: Encryption
    code: str | None
    tried: str
    worked: str
    slowed_to: int | None
    users: int
    profiles: int


def config_rows(lines: Sequence[ConfigLine], marked: ConfigLine | None, cells: Cells, *, now: datetime) -> Markup:
    return Markup("".join(_rows(lines, marked, now, cells)))  # noqa: S704 # nosec B704 - every piece is safe


def _rows(lines: Sequence[ConfigLine], marked: ConfigLine | None, now: datetime, cells: Cells) -> Iterator[str]:
    plain, tenant_id = kept_pattern(cells.row, *_OWN, *_SHARED), current_tenant().id
    pages = address("mail_configs.index", tenant_id=tenant_id)
    alike: dict[_Kind, Pattern] = {}
    for line in lines:
        config, own = line.config, _own(line.config, pages)
        kind = _Kind(
            config.encryption, config.last_code, *_told(config, now), config.slowed_to, line.users, line.profiles
        )
        if line is marked:
            yield cells.marked_row(tenant_id, is_active=line.is_active, **_named(own), **_shared(line, kind, cells))
        elif line.is_active:
            yield cells.row(**_named(own), **_shared(line, kind, cells), is_active=True)
        else:
            if kind not in alike:
                alike[kind] = plain.partly_filled(**_shared(line, kind, cells))
            yield alike[kind].filled(*own)


def _own(config: ListedConfig, pages: str) -> tuple[str, ...]:
    config_id, host = str(config.id), f"[{config.host}]" if ":" in config.host else config.host
    return config_id, f"{pages}/{config_id}", config.name, f"{host}:{config.port}", config.from_address


def _named(own: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(_OWN, own, strict=True))


def _shared(line: ConfigLine, kind: _Kind, cells: Cells) -> dict[str, str]:
    return {
        "serves": cells.serves(line.is_active, line.used_below, kind.users, kind.profiles),
        "encryption": cells.encryption(kind.encryption),
        "state": cells.state(kind.code, kind.tried, kind.worked, kind.slowed_to),
    }


def _told(config: ListedConfig, now: datetime) -> tuple[str, str]:
    """When it was tried or is tried again, and when it worked if that was another time."""
    if config.last_at is None:
        return "", ""
    if config.paused_until:
        tried = _("paused, tries again at %(time)s", time=moment(config.paused_until))
    else:
        tried = ago(config.last_at, now)
    if config.last_good_at == config.last_at:
        return tried, ""
    if config.last_good_at is None:
        return tried, _("has not worked yet")
    return tried, _("last worked %(when)s", when=ago(config.last_good_at, now))
