"""Knows what a person's address and name have to look like."""

from portal.domain.addresses import canonical_address
from portal.domain.config_rules import LONGEST_NAME
from portal.domain.errors import InvalidError, Problem
from portal.domain.text import clean_text, text_problems


def ensure_person(email: str, name: str) -> tuple[str, str]:
    """Return the canonical address and the cleaned name. Raises InvalidError with every problem."""
    problems: list[Problem] = []
    address = called = ""
    try:
        address = canonical_address(email)
    except ValueError:
        problems.append(Problem("email", "not-an-address"))
    try:
        called = clean_text(name)
        problems.extend(text_problems("name", called, longest=LONGEST_NAME))
    except ValueError:
        problems.append(Problem("name", "bad-character"))
    if problems:
        raise InvalidError(problems)
    return address, called
