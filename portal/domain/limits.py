"""Knows what may be done how often."""

import ipaddress
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
LONGEST_WINDOW = _DAY

SIGN_IN_PER_ACCOUNT = Limit("sign-in-account", 10, timedelta(minutes=15))
SIGN_IN_PER_ADDRESS = Limit("sign-in-address", 60, timedelta(minutes=15))
# Whoever found a browser signed in must not be able to guess the password in it.
PASSWORD_CHANGE_PER_USER = Limit("password-change", 10, timedelta(minutes=15))
# Six digits are few: whoever knows the password must not be able to try them (ASVS 6.6.3).
SECOND_FACTOR_PER_USER = Limit("second-factor", 10, timedelta(minutes=15))
PROOF_PER_USER = Limit("proof", 10, timedelta(minutes=15))
# The question to a new address leaves the house, and says by its answer nothing about who has it.
EMAIL_CHANGE_PER_USER = Limit("email-change", 5, _HOUR)
RESET_PER_ACCOUNT = Limit("reset-account", 3, _HOUR)
RESET_PER_ADDRESS = Limit("reset-address", 20, _HOUR)
# A test mail leaves the house: whoever types somebody else's address must not be able to bother him with it.
TEST_MAILS_PER_USER_AND_HOUR = Limit("test-mail-user-hour", 10, _HOUR)
TEST_MAILS_PER_USER_AND_DAY = Limit("test-mail-user-day", 30, _DAY)
TEST_MAILS_PER_TENANT_AND_DAY = Limit("test-mail-tenant-day", 60, _DAY)
TEST_MAILS_PER_STRANGER_AND_DAY = Limit("test-mail-stranger-day", 5, _DAY)
# A check delivers nothing, but it connects to wherever the form says.
CHECKS_PER_USER_AND_HOUR = Limit("check-user-hour", 60, _HOUR)
# An invitation leaves the house too, in the words of whoever invites.
INVITATIONS_PER_TENANT_AND_DAY = Limit("invitation-tenant-day", 100, _DAY)
INVITATIONS_PER_STRANGER_AND_DAY = Limit("invitation-stranger-day", 5, _DAY)
# So does the question to a contact, who may have nothing to do with the company that names him.
CONFIRMATIONS_PER_TENANT_AND_DAY = Limit("confirmation-tenant-day", 50, _DAY)
CONFIRMATIONS_PER_STRANGER_AND_DAY = Limit("confirmation-stranger-day", 3, _DAY)
# Whoever may try servers without end could search a network with tests and mails. A server is a host and a port.
DESTINATIONS_PER_TENANT_AND_DAY = Limit("destination-tenant-day", 20, _DAY)
NEW_DESTINATIONS_PER_TENANT_AND_HOUR = Limit("destination-new-tenant-hour", 5, _HOUR)
# A customer's one button rests a moment after each use.
OWN_TEST_COOLDOWN = Limit("own-test", 1, timedelta(minutes=1))
# What is refused is noted; whoever is refused again and again fills no log.
DENIALS_PER_USER_AND_ROUTE = Limit("denied", 1, timedelta(minutes=1))


def network_of(address: str) -> str:
    """The network under which a client's uses are counted: /24 or /48, all of which one guesser may well hold.

    Whatever is no address stands for itself.
    """
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return address
    plain = getattr(client, "ipv4_mapped", None) or client
    return str(ipaddress.ip_network((plain, 24 if plain.version == 4 else 48), strict=False))
