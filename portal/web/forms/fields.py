"""Knows what all forms share: ids that travel as text, and problems that are said at their fields."""

from collections.abc import Iterable
from uuid import UUID

from wtforms import Form

from portal.domain.errors import NotFoundError, Problem
from portal.web.sentences import problem_sentence


def id_from(text: str | None) -> UUID:
    """The id in a form's field. Raises NotFoundError: what is no id leads nowhere, like an id that is nobody's."""
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFoundError from None


def find_id(text: str | None) -> UUID | None:
    """Like `id_from`, for a field that may stay empty."""
    return id_from(text) if text else None


def whole_number(text: str | None) -> int:
    """The number in a hidden field such as the version of a page, or 0 for whatever is no number."""
    digits = text or ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else 0


def say_at_fields(form: Form, problems: Iterable[Problem]) -> None:
    """Put each problem's sentence at its field; the form shows it and the first one gets the focus."""
    for problem in problems:
        field = form[problem.field]
        field.errors = [*field.errors, problem_sentence(problem)]


def first_in_trouble(form: Form) -> str:
    """The name of the first field with an error, or nothing."""
    return next((field.name for field in form if field.errors), "")
