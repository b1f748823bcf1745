"""Whoever is refused something stands in the log of his own company, and fills it no faster than once a minute."""

import pytest
from sqlalchemy import event

from portal.domain.audit import AuditQuery, EventGroup
from portal.domain.errors import ForbiddenError, NotFoundError, SuspendedError
from portal.store.db import db

DENIED = AuditQuery(group=EventGroup.DENIED)


def noted(services, person):
    return services.audit.page(person, person.tenant.id, DENIED)


@pytest.mark.asvs("16.2.1", "16.3.2")
@pytest.mark.parametrize("refusal", [NotFoundError(), ForbiddenError(), SuspendedError()])
def test_a_refusal_is_noted_with_its_reason(cast, services, refusal):
    services.denials.note(cast.sue, refusal, route="GET /x", asked="GET /x/1")

    (entry,) = noted(services, cast.sue)
    assert (entry.actor_name, entry.subject_name, entry.fields) == ("Sue", "GET /x/1", {"reason": ("", refusal.code)})
    assert noted(services, cast.otto) == noted(services, cast.pia) == []


def test_one_minute_of_refusals_is_one_event_for_each_person_and_route(cast, services, clock):
    def ask(person, route):
        services.denials.note(person, NotFoundError(), route=route, asked=route)

    for _ in range(3):
        ask(cast.sue, "GET /x")
    ask(cast.sue, "GET /y")
    ask(cast.otto, "GET /x")
    assert (len(noted(services, cast.sue)), len(noted(services, cast.otto))) == (2, 1)

    clock.forward(seconds=61)
    ask(cast.sue, "GET /x")
    assert len(noted(services, cast.sue)) == 3


def test_whoever_keeps_asking_costs_no_write(cast, services):
    def asked():
        statements = []
        listener = lambda *arguments: statements.append(arguments[2])  # noqa: E731 - a listener
        event.listen(db.engine, "before_cursor_execute", listener)
        services.denials.note(cast.sue, NotFoundError(), route="GET /x", asked="GET /x")
        event.remove(db.engine, "before_cursor_execute", listener)
        return statements

    assert any("INSERT" in each for each in asked())
    assert [each for each in asked() if "SELECT" not in each and "BEGIN" not in each] == []
