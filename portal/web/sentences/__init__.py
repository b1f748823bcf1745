"""Knows how codes are said to people."""

from portal.web.sentences.contacts import contact_kind_name
from portal.web.sentences.encodings import charset_name
from portal.web.sentences.events import event_group_name, event_sentence, field_name, said_value
from portal.web.sentences.explanations import (
    answer_sentence,
    obstacle_sentence,
    sender_sentences,
    step_sentence,
)
from portal.web.sentences.extras import extra_explanation, extra_name
from portal.web.sentences.facts import fact_sentence
from portal.web.sentences.impacts import takeover_sentence
from portal.web.sentences.outcomes import headline, outcome, plain_outcome
from portal.web.sentences.problems import limit_sentence, problem_sentence
from portal.web.sentences.remedies import proposal_sentence
from portal.web.sentences.telling import Outcome
from portal.web.sentences.traces import note_sentence, rung_sentence, source_name
from portal.web.sentences.words import (
    carrier_name,
    encryption_name,
    kind_name,
    lane_name,
    log_group_name,
    method_explanation,
    port_label,
    purpose_name,
    queue_step_name,
    role_name,
    show_name,
    sort_name,
    state_name,
    status_name,
    step_name,
    user_status_name,
)

__all__ = [
    "Outcome",
    "answer_sentence",
    "carrier_name",
    "charset_name",
    "contact_kind_name",
    "encryption_name",
    "event_group_name",
    "event_sentence",
    "extra_explanation",
    "extra_name",
    "fact_sentence",
    "field_name",
    "headline",
    "kind_name",
    "lane_name",
    "limit_sentence",
    "log_group_name",
    "method_explanation",
    "note_sentence",
    "obstacle_sentence",
    "outcome",
    "plain_outcome",
    "port_label",
    "problem_sentence",
    "proposal_sentence",
    "purpose_name",
    "queue_step_name",
    "role_name",
    "rung_sentence",
    "said_value",
    "sender_sentences",
    "show_name",
    "sort_name",
    "source_name",
    "state_name",
    "status_name",
    "step_name",
    "step_sentence",
    "takeover_sentence",
    "user_status_name",
]
