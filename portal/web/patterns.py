"""Knows how rows that are alike are written: once, with marks in it, and each row then puts its own in their place."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from markupsafe import Markup

from portal.i18n import current_voice
from portal.web.assets import asset_url
from portal.web.compiled import escaped

# No text of ours has these: Unicode keeps them for private use.
_OPENS, _CLOSES = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPENS}(.*?){_CLOSES}")


@lru_cache(128)
def _kept(_language: object, _assets: str, write: Callable[..., str], names: tuple[str, ...]) -> "Pattern":
    return Pattern(write, *names)


def kept_pattern(write: Callable[..., str], *names: str) -> "Pattern":
    """That of a macro of a component: both are there as long as the process runs (see `lasting`)."""
    return _kept(current_voice().translations, asset_url("sprite.svg"), write, names)


class Pattern:
    """What a macro writes, for rows that differ in the values of these `names` and in nothing else.

    The macro has to put them where they belong, as texts or as attributes, and to ask nothing of them.
    """

    def __init__(self, write: Callable[..., str], *names: str) -> None:
        text = str(write(**{name: f"{_OPENS}{name}{_CLOSES}" for name in names}))
        # What is alike, and between two of those the name of what is not.
        self._pieces: list[str] = _PLACE.split(text)
        self._names = self._pieces[1::2]

    def filled(self, values: Mapping[str, str]) -> str:
        """The row, safe to be written: each value escaped, unless it is Markup."""
        safe = {name: text if type(text) is Markup else escaped(text) for name, text in values.items()}
        pieces = self._pieces.copy()
        pieces[1::2] = [safe[name] for name in self._names]
        return "".join(pieces)
