"""Knows where to look for what is wrong with an installation; each module looks in one place."""
