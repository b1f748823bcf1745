"""The delivery loop: a door that nobody opens from outside."""
