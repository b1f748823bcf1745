"""Knows how scanners look at the portal, and that they only count if they find what was planted for them."""
