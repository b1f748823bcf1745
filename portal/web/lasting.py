"""Knows pieces of pages that are the same for everybody: written once for each language, and kept."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from portal.i18n import current_voice
from portal.web.assets import asset_url

_MOST_PIECES, _MOST_WRITINGS = 256, 512
Writer = Callable[..., str]


@lru_cache(_MOST_PIECES)
def lasting(write: Writer) -> Writer:
    """A macro of a component, or a function, that writes the same for the same values as long as the process runs.

    Only for what the portal says by itself, an icon or a word of the frame: what comes from anybody's data must not be
    among the values, nor a time. A writing is kept by its values and their kinds (safe HTML is not the same as a text
    with the same letters), by the language, and by where the assets are, which tells where the portal is mounted.
    """

    @lru_cache(_MOST_WRITINGS, typed=True)
    def kept(_language: object, _assets: str, *values: Any, **named: Any) -> str:
        return write(*values, **named)

    def written(*values: Any, **named: Any) -> str:
        return kept(current_voice().translations, asset_url("sprite.svg"), *values, **named)

    return written
