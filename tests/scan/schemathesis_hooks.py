"""Knows what no answer may hold. Schemathesis reads this file by itself, in an environment in which nothing of ours is installed."""

import json
import os
from pathlib import Path

import schemathesis

# The file has one JSON list: passwords, keys, and marks of companies that are foreign to whoever asks.
_SECRETS = json.loads(Path(os.environ["SCAN_SECRETS"]).read_text())
_OURS = ("Traceback (most recent call last)", "sqlalchemy", "sqlite3.", "site-packages")


@schemathesis.check
def gives_nothing_away(ctx, response, case):
    text = response.content.decode("utf-8", "replace") + "".join(map(str, response.headers.values()))
    found = [word for word in _OURS if word in text] + ["a secret" for word in _SECRETS if word in text]
    if found:
        raise AssertionError(f"the answer holds {', '.join(found)}")
