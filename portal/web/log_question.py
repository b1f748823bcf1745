"""Knows what the address of a mail log asks for, the person included, who is named by his address."""

from dataclasses import replace

from werkzeug.datastructures import MultiDict

from portal.domain.mail_log import LogQuery
from portal.web.forms.mail_log import query_from
from portal.web.identity import current_actor, current_tenant, services


def asked_query(asked: MultiDict[str, str]) -> LogQuery | None:
    """None where somebody is asked for who is nobody here: then nothing is found. Raises NotFoundError for no id."""
    query, email = query_from(asked), asked.get("user", "").strip()
    if not email:
        return query
    user = services().users.find_by_email(current_actor(), current_tenant().id, email)
    return replace(query, user_id=user.id) if user else None
