"""Knows how the rows of the list of configurations come about: alike but for what each configuration has of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from portal.domain.overview import ConfigLine, ListedConfig
from portal.i18n import gettext as _
from portal.i18n.times import moment
from portal.web.addresses import address
from portal.web.identity import current_tenant
from portal.web.patterns import kept_pattern
from portal.web.times import ago

_OWN = ("id", "href", "name", "address", "serves", "sender", "encryption", "state")


@dataclass(frozen=True, slots=True)
class Cells:
    """What writes a row, and what writes the cells for which there are few words; those remember what they wrote."""

    row: Callable[..., str]
    marked_row: Callable[..., str]
    serves: Callable[..., str]
    encryption: Callable[..., str]
    state: Callable[..., str]


def config_rows(lines: Sequence[ConfigLine], marked: ConfigLine | None, cells: Cells, *, now: datetime) -> Markup:
    return Markup("".join(_rows(lines, marked, now, cells)))  # noqa: S704 # nosec B704 - every piece is safe


def _rows(lines: Sequence[ConfigLine], marked: ConfigLine | None, now: datetime, cells: Cells) -> Iterator[str]:
    plain, tenant_id = kept_pattern(cells.row, *_OWN), current_tenant().id
    pages = address("mail_configs.index", tenant_id=tenant_id)
    for line in lines:
        values = _values(line, pages, now, cells)
        if line is marked:
            yield cells.marked_row(tenant_id, is_active=line.is_active, **values)
        elif line.is_active:
            yield cells.row(**values, is_active=True)
        else:
            yield plain.filled(values)


def _values(line: ConfigLine, pages: str, now: datetime, cells: Cells) -> dict[str, str]:
    config = line.config
    config_id, host = str(config.id), f"[{config.host}]" if ":" in config.host else config.host
    return {
        "id": config_id,
        "href": f"{pages}/{config_id}",
        "name": config.name,
        "address": f"{host}:{config.port}",
        "serves": cells.serves(line.is_active, line.used_below, line.users, line.profiles),
        "sender": config.from_address,
        "encryption": cells.encryption(config.encryption),
        "state": cells.state(config.last_code, *_told(config, now), config.slowed_to),
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
