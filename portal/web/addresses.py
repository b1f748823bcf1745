"""Knows where pages are: Flask says it, and what it says alike of every company is kept."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import url_for

from portal.web.assets import asset_url

ANY_TENANT = UUID(int=1)
_MARK = str(ANY_TENANT)


def address(endpoint: str, **values: Any) -> str:
    """What `flask.url_for` returns. Templates call it by that name, ten or twenty times a page."""
    if not values:
        return _plain(asset_url("sprite.svg"), endpoint)
    if len(values) == 1 and "tenant_id" in values:
        return _pattern(asset_url("sprite.svg"), endpoint).replace(_MARK, str(values["tenant_id"]))
    return url_for(endpoint, **values)


@lru_cache
def _plain(_mount: str, endpoint: str) -> str:
    return url_for(endpoint)


@lru_cache
def _pattern(_mount: str, endpoint: str) -> str:
    """`_mount` is an address of ours: it tells where the portal is mounted."""
    return url_for(endpoint, tenant_id=ANY_TENANT)
