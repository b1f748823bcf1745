"""Knows what may be done how often."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `uses` within one `window`, counted under `name`."""

    name: str
    uses: int
    window: timedelta


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

SIGN_IN_PER_ACCOUNT = Limit("sign-in-account", 10, timedelta(minutes=15))
SIGN_IN_PER_ADDRESS = Limit("sign-in-address", 60, timedelta(minutes=15))
RESET_PER_ACCOUNT = Limit("reset-account", 3, _HOUR)
RESET_PER_ADDRESS = Limit("reset-address", 20, _HOUR)
TRIALS_PER_USER_AND_HOUR = Limit("trial-user-hour", 30, _HOUR)
TRIALS_PER_TENANT_AND_DAY = Limit("trial-tenant-day", 200, _DAY)
TRIALS_PER_RECIPIENT_AND_DAY = Limit("trial-recipient-day", 30, _DAY)
# A customer's one button rests a moment after each use.
OWN_TEST_COOLDOWN = Limit("own-test", 1, timedelta(minutes=1))
