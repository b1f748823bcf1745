"""Knows how the walls between companies are tried: every way in, for everybody, with everybody's things."""
