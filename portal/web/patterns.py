"""Knows how rows that are alike are written: once, with marks in it, and each row then puts its own in their place."""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from portal.web.compiled import escaped

# No text of ours has these: Unicode keeps them for private use.
_OPENS, _CLOSES = "\ue000", "\ue001"


class Pattern:
    """What a macro writes, for rows that differ in the values of these `names` and in nothing else.

    The macro has to put them where they belong, as texts or as attributes, and to ask nothing of them.
    """

    def __init__(self, write: Callable[..., str], *names: str) -> None:
        text = str(write(**{name: f"{_OPENS}{name}{_CLOSES}" for name in names})).replace("%", "%%")
        self._text = text.replace(_OPENS, "%(").replace(_CLOSES, ")s")

    def filled(self, values: Mapping[str, str]) -> str:
        """The row, safe to be written: each value escaped, unless it is Markup."""
        return self._text % {name: text if type(text) is Markup else escaped(text) for name, text in values.items()}
