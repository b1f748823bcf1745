"""Knows how pieces that are alike are written: once, with marks in it, and each then puts its own in their place."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from markupsafe import Markup

from portal.i18n import current_voice
from portal.web.assets import asset_url
from portal.web.compiled import escaped

# No text of ours has these: Unicode keeps them for private use.
_OPENS, _CLOSES = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPENS}(.*?){_CLOSES}")


@lru_cache(256, typed=True)
def _kept(
    _language: object, _assets: str, write: Callable[..., str], names: tuple[str, ...], **alike: object
) -> "Pattern":
    return pattern_of(write, *names, **alike)


def kept_pattern(write: Callable[..., str], *names: str, **alike: object) -> "Pattern":
    """That of a macro of a component: both are there as long as the process runs (see `lasting`)."""
    return _kept(current_voice().translations, asset_url("sprite.svg"), write, names, **alike)


def filled_in(write: Callable[..., str], values: Mapping[str, str], **alike: object) -> Markup:
    """What a macro of a component writes for these values, by a pattern that is kept; no value is kept.

    The macro puts a value where it belongs; it may ask whether there is one, and nothing else. What is `alike` may be
    nothing of anybody's.
    """
    there = {name: text for name, text in values.items() if text}
    alike.update({name: "" for name in values if name not in there})
    text = kept_pattern(write, *there, **alike).filled(*there.values())
    return Markup(text)  # noqa: S704 # nosec B704 - every piece is safe


def pattern_of(write: Callable[..., str], *names: str, **alike: object) -> "Pattern":
    """What a macro writes, for pieces that differ in the values of these `names` and in nothing else.

    The macro has to put them where they belong, as texts or as attributes, and to ask nothing of them. What is `alike`
    it may ask.
    """
    text = str(write(**{name: f"{_OPENS}{name}{_CLOSES}" for name in names}, **alike))
    return Pattern(names, _PLACE.split(text))


class Pattern:
    """`pieces` are what is the same, and between two of those one of the `names`."""

    def __init__(self, names: Sequence[str], pieces: Sequence[str]) -> None:
        self._names, self._pieces = names, list(pieces)
        self._order = [names.index(name) for name in pieces[1::2]]

    def filled(self, *values: str) -> str:
        """What is written, safe: each value escaped, unless it is Markup. They come in the order of the names."""
        safe = _safe(values)
        pieces = self._pieces.copy()
        pieces[1::2] = [safe[place] for place in self._order]
        return "".join(pieces)

    def partly_filled(self, **values: str) -> "Pattern":
        """That of pieces in which these values are the same, too."""
        safe = dict(zip(values, _safe(values.values()), strict=True))
        pieces = self._pieces[:1]
        for name, same in zip(self._pieces[1::2], self._pieces[2::2], strict=True):
            if name in safe:
                pieces[-1] = "".join((pieces[-1], safe[name], same))
            else:
                pieces += [name, same]
        return Pattern([name for name in self._names if name not in safe], pieces)


def _safe(values: Iterable[str]) -> list[str]:
    return [text if type(text) is Markup else escaped(text) for text in values]
