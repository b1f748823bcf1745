"""The wire: how a message is written and how it is handed to somebody else's server."""
