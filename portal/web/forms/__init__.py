"""The forms: what comes in, as text; the rules judge it."""
