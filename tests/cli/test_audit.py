"""The operator learns whether anybody has touched an audit log, and where."""

import re

from tests.tampering import tamper


def test_untouched_logs_are_said_to_be_unbroken(typed, cast):
    told = typed("audit", "verify")

    assert told.exit_code == 0
    assert re.fullmatch(r"\d+ events in 5 companies, unbroken\.\n", told.output)


def test_one_company_is_looked_at_by_itself(typed, cast):
    told = typed("audit", "verify", "--tenant", "Pia Cloud/Otto Online")

    assert (told.exit_code, told.output) == (0, "2 events in one company, unbroken.\n")


def test_each_company_whose_log_is_broken_is_named_with_the_first_event(typed, cast):
    tamper(
        "UPDATE audit_events SET actor_name = 'x' WHERE tenant_id = :own AND sequence >= 2", own=cast.sue.tenant.id.hex
    )
    tamper("DELETE FROM audit_events WHERE tenant_id = :own AND sequence = 2", own=cast.otto.tenant.id.hex)
    told = typed("audit", "verify")

    assert told.exit_code == 1
    assert "Sue & Partners: event 2 was changed.\n" in told.output
    assert "Otto Online: the log is cut off: event 2 is missing, and all behind it.\n" in told.output
    assert told.output.endswith(" in 5 companies, broken in 2 companies.\n")
    assert typed("audit", "verify", "--tenant", str(cast.rex.tenant.id)).exit_code == 0


def test_what_has_expired_is_told(typed, cast, services, clock):
    clock.forward(days=401)
    services.forgetting.sweep()
    told = typed("audit", "verify")

    assert told.exit_code == 0
    assert re.fullmatch(
        r"0 events in 5 companies, unbroken\.\n\d+ events have expired: their hashes are left\.\n", told.output
    )


def test_what_was_there_before_the_chain_is_told(typed, cast, services):
    tamper("DELETE FROM audit_heads")
    tamper("UPDATE audit_events SET hash = NULL, key_name = NULL, seal = NULL")
    waits = typed("audit", "verify")
    assert waits.exit_code == 1
    assert "event 1 has no hash yet; the portal makes them when it starts after an update.\n" in waits.output

    services.forgetting.sweep()
    told = typed("audit", "verify")
    assert told.exit_code == 0
    assert re.search(r"\n\d+ events were there before the chain was begun\.\n", told.output)


def test_a_company_that_is_not_there_is_refused(refused, cast):
    assert refused("audit", "verify", "--tenant", "nobody").startswith("There is no company “nobody”")
