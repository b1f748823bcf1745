"""Knows how the rules' refusals reach the fields of a form."""

from collections.abc import Iterable

from flask_wtf import FlaskForm

from portal.domain.errors import Problem
from portal.web.sentences import problem_sentence


def tell(form: FlaskForm, problems: Iterable[Problem], **renamed: str) -> None:
    """Put a sentence at each field that breaks its rule. `renamed` maps a rule's field to the form's name for it."""
    for problem in problems:
        field = form[renamed.get(problem.field, problem.field)]
        field.errors = [*field.errors, problem_sentence(problem)]
