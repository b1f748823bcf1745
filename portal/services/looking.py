"""Knows how everything that one page shows is read at one moment: the doors begin such a look, and end it."""

from portal.store.db import begin_look, end_look

__all__ = ["begin_look", "end_look"]
