"""Knows a portal of a million companies: how one is made in a minute, and what the provider's pages cost in it."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from portal.domain.tenancy import label_of

# Everybody has so many children; twelve make seven levels of a million.
CHILDREN = 12
# A person in every tenth company, and as many mails, half of them the provider's own.
EVERY = 10


def multiply(path: Path, root: Sequence[str], companies: int) -> float:
    """Fill a database that holds one of everything; return the seconds taken. `root` is the provider's id and path."""
    began = time.perf_counter()
    root_id, root_path = root
    with closing(sqlite3.connect(path)) as base:
        base.create_function("path_of", 1, lambda number: root_path + _way_to(number), deterministic=True)
        base.execute("PRAGMA synchronous = OFF")
        base.execute("PRAGMA cache_size = -200000")
        some = companies // EVERY
        _copy(base, "tenants", f"parent_id = '{root_id}'", companies, _company(root_id))
        _copy(base, "users", f"tenant_id = '{root_id}'", some, _person())
        _copy(base, "messages", "1", some, _mail(root_id))
        _copy(base, "recipients", "1", some, _receipt())
        base.commit()
    return time.perf_counter() - began


def _way_to(number: int) -> str:
    """The labels from the provider down to a company: each above it has its number divided by CHILDREN once more."""
    labels = list[str]()
    while number:
        labels.append(f"{label_of(number + 1000)}.")
        number //= CHILDREN
    return "".join(reversed(labels))


def _id(kind: str, number: str = "i") -> str:
    return f"printf('{kind}%031x', {number})"


def _company(root_id: str) -> dict[str, str]:
    return {
        "id": _id("a"),
        "parent_id": f"CASE WHEN i < {CHILDREN} THEN '{root_id}' ELSE {_id('a', f'i / {CHILDREN}')} END",
        "name": "'Company ' || i",
        "name_key": "'company ' || i",
        "label": "i + 1000",
        "path": "path_of(i)",
        "active_config_id": "NULL",
    }


def _person() -> dict[str, str]:
    email = "'somebody' || i || '@demo.test'"
    return {"id": _id("b"), "tenant_id": _id("a", f"i * {EVERY}"), "email": email, "email_key": email}


def _mail(root_id: str) -> dict[str, str]:
    owner = f"CASE WHEN i % 2 THEN '{root_id}' ELSE {_id('a', f'i * {EVERY}')} END"
    at = "strftime('%Y-%m-%d %H:%M:%f000', created_at, '-' || i || ' seconds')"
    text = "'<' || i || '@demo.test>'"
    return {"id": _id("c"), "tenant_id": owner, "created_at": at, "message_id": text, "due_at": "NULL"}


def _receipt() -> dict[str, str]:
    return {"id": _id("d"), "message_id": _id("c"), "state": "'sent'", "settled_at": "next_at"}


def _copy(base: sqlite3.Connection, table: str, which: str, count: int, changes: Mapping[str, str]) -> None:
    """Insert the first row found as often as that, but for these columns, which are SQL with the number `i`."""
    columns = [row[1] for row in base.execute(f'PRAGMA table_info("{table}")')]
    values = ", ".join(changes.get(name, f'"{name}"') for name in columns)
    base.execute(
        f"WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count}) "
        f'INSERT INTO "{table}" SELECT {values} FROM numbers, (SELECT * FROM "{table}" WHERE {which} LIMIT 1)'
    )
