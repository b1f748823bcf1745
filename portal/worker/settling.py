"""Knows that what a process has loaded at its start stays: the collector need not look through it again and again."""

import gc


def settle() -> None:
    """Call it once, when everything is loaded and before the work begins.

    Else a page, or a mail, now and then waits for a collection that looks through everything, several times as long as
    it takes by itself. A fork shares what was there before it with its children for as long as nobody touches it.
    """
    gc.collect()
    gc.freeze()
