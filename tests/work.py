"""Knows how a test does the worker's job at once, in its own thread."""

from uuid import uuid4

from portal.services import Services

OWNER = uuid4()


def run_trials(services: Services) -> None:
    """Perform every trial that waits."""
    while (trial_id := services.trial_runs.claim(OWNER)) is not None:
        services.trial_runs.perform(trial_id)


def deliver_all(services: Services) -> None:
    """Make one attempt at every mail that is due."""
    while (claim := services.delivering.claim(OWNER)) is not None:
        services.delivering.deliver(claim)
