"""Knows how a text becomes a picture that a phone reads: a QR code as one path of an SVG."""

from dataclasses import dataclass, field

import segno

# ISO/IEC 18004 §5.3.8: four modules of quiet all around.
_QUIET = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """`size` is the width and height of the picture in modules; `path` draws the dark ones."""

    size: int
    path: str = field(repr=False)


def qr_code(text: str) -> QrCode:
    rows = segno.make(text, error="m", micro=False).matrix
    dark = [(x + _QUIET, y + _QUIET) for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    return QrCode(len(rows) + 2 * _QUIET, "".join(f"M{x} {y}h1v1h-1z" for x, y in dark))
