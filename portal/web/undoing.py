"""Knows how something that is done already is announced, with the way back where there is one."""

from collections.abc import Mapping

from flask import flash


def announce(text: str, *, undo_at: str = "", fields: Mapping[str, str] | None = None) -> None:
    """A green notice; with `undo_at` it has a button that posts `fields` there.

    The fields travel in the cookie of the session: what is undone fits a line. Where somebody else changed the same
    thing meanwhile, that page says so instead.
    """
    undo = {"action": undo_at, "fields": dict(fields or {})} if undo_at else None
    flash({"text": text, "undo": undo}, "success")  # type: ignore[arg-type]  # the layout knows toasts that are more than a text
