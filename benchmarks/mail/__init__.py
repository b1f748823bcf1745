"""Sending mail: what it costs to write a message and to hand it over."""
