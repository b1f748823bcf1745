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
# A test mail leaves the house: whoever types somebody else's address must not be able to bother him with it.
TEST_MAILS_PER_USER_AND_HOUR = Limit("test-mail-user-hour", 10, _HOUR)
TEST_MAILS_PER_USER_AND_DAY = Limit("test-mail-user-day", 30, _DAY)
TEST_MAILS_PER_TENANT_AND_DAY = Limit("test-mail-tenant-day", 60, _DAY)
TEST_MAILS_PER_STRANGER_AND_DAY = Limit("test-mail-stranger-day", 5, _DAY)
# A check delivers nothing, but it connects to wherever the form says.
CHECKS_PER_USER_AND_HOUR = Limit("check-user-hour", 60, _HOUR)
# A customer's one button rests a moment after each use.
OWN_TEST_COOLDOWN = Limit("own-test", 1, timedelta(minutes=1))
