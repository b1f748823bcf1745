"""Knows how a text becomes a cell of a table that no spreadsheet takes for a formula (T46)."""

# What a spreadsheet would take for one, also in the wide letters of East Asia.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where it would be a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
