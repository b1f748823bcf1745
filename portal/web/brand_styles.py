"""Knows the stylesheet of a brand: the shades of its colour in place of ours. It is made of the colour alone."""

import hashlib
import re
from functools import lru_cache

from portal.domain.colours import DARK, LIGHT, Shades, shades_of

PREVIEW = ".branding__preview"
_NAME = re.compile(r"(preview-)?([0-9a-f]{6})-([0-9a-f]{16})\.css")
_TOKENS = (
    ("--accent-ink", "accent"),
    ("--accent", "fill"),
    ("--accent-strong", "fill_strong"),
    ("--accent-contrast", "on_accent"),
    ("--accent-soft", "soft"),
)


def style_name(accent: str, *, is_preview: bool = False) -> str:
    """The name of the file for a colour such as `#2f5bd8`; a preview's changes nothing but the preview."""
    digest = hashlib.sha256(style_of(accent, is_preview=is_preview).encode()).hexdigest()[:16]
    return f"{'preview-' if is_preview else ''}{accent[1:]}-{digest}.css"


def style_in(name: str) -> str | None:
    """The file of this name, or None: a name belongs to one content, so it may be kept for ever."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    accent, is_preview = f"#{found[2]}", bool(found[1])
    return style_of(accent, is_preview=is_preview) if style_name(accent, is_preview=is_preview) == name else None


@lru_cache(maxsize=1000)
def style_of(accent: str, *, is_preview: bool = False) -> str:
    """It overrides tokens and nothing else; what is read and what is not was judged in `domain/colours.py`."""
    light, dark = shades_of(accent, LIGHT), shades_of(accent, DARK)
    lines = "\n".join(_line(token, name, light, dark) for token, name in _TOKENS)
    return f"@layer base {{\n  {PREVIEW if is_preview else ':root'} {{\n{lines}\n  }}\n}}\n"


def _line(token: str, name: str, light: Shades, dark: Shades) -> str:
    return f"    {token}: light-dark({getattr(light, name)}, {getattr(dark, name)});"
