"""Knows the question in the address of the queue, and how it is put into one again."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from portal.domain.errors import InvalidError, Problem
from portal.domain.outgoing import Lane
from portal.domain.queue import OPEN, QueueQuery, QueueStep, Span
from portal.web.forms.fields import whole_number
from portal.web.forms.mail_log import cursor_from, find_choice
from portal.web.sorting import REVERSED

# What is kept from one click to the next; the page of the list is not.
ASKED = ("lane", "state", "span", "configs", "order")
FEW_CONFIGS, MOST_CONFIGS = 10, 500


def query_from(asked: MultiDict[str, str]) -> QueueQuery:
    """What the address asks for; what it does not understand it leaves out. Raises NotFoundError for what is no id."""
    state = next((each for each in OPEN if each.value == asked.get("state")), None)
    return QueueQuery(
        lane=find_choice(Lane, asked.get("lane")),
        state=state,
        after=cursor_from(asked.get("after")),
        is_reversed=asked.get("order") == REVERSED,
    )


def span_from(asked: MultiDict[str, str]) -> Span:
    return find_choice(Span, asked.get("span")) or Span.DAY


def configs_from(asked: MultiDict[str, str]) -> int:
    """How many configurations are shown."""
    return min(max(whole_number(asked.get("configs")), FEW_CONFIGS), MOST_CONFIGS)


def step_from(form: MultiDict[str, str]) -> QueueStep:
    """What is to be done with a mail. Raises InvalidError."""
    step = find_choice(QueueStep, form.get("step"))
    if step is None:
        raise InvalidError([Problem("step", "not-offered")])
    return step


def asked_in(values: MultiDict[str, str]) -> Mapping[str, str]:
    """The question as it stands in an address, without the page."""
    return {name: values[name][:40] for name in ASKED if values.get(name)}
