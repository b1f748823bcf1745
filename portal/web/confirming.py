"""Knows how a change is confirmed that touches the mail of many: by typing the name of what is changed."""

from flask import request

from portal.domain.errors import InvalidError
from portal.domain.impact import Impact, ensure_confirmed
from portal.web.sentences import problem_sentence

_LONGEST = 400


def typed_confirmation() -> str:
    return request.form.get("confirmation", "")[:_LONGEST]


def problem_with(impact: Impact, name: str) -> str:
    """What is to be said at the field, or nothing where the change needs no confirmation or has it."""
    try:
        ensure_confirmed(impact, name, typed_confirmation())
    except InvalidError as refused:
        return problem_sentence(refused.problems[0])
    return ""
