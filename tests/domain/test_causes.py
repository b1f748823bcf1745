"""What servers say names the cause more exactly than their codes do."""

import pytest

from portal.domain.causes import Cause, cause_in
from portal.domain.diagnosis import Code


@pytest.mark.req("S4.20")
@pytest.mark.parametrize(
    ("code", "reply", "cause"),
    [
        (Code.AUTH_REJECTED, "534 5.7.9 Application-specific password required.", Cause.APP_PASSWORD),
        (Code.AUTH_REJECTED, "535 Login fail. Please use authorization code to log in", Cause.APP_PASSWORD),
        (Code.AUTH_REJECTED, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", Cause.BASIC_RETIRED),
        (Code.AUTH_REJECTED, "535 5.7.14 Please log in via your web browser", Cause.ACCOUNT_LOCKED),
        (Code.AUTH_TEMPORARY, "454 4.7.0 Too many login attempts, please try again later.", Cause.LIMIT_REACHED),
        (Code.CONTENT_REJECTED, "550 5.4.5 Daily user sending limit exceeded.", Cause.LIMIT_REACHED),
        (Code.SENDER_REJECTED, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", Cause.NOT_YOUR_SENDER),
        (Code.SENDER_REJECTED, "553 5.7.1 <a@b.test>: Sender address rejected: not owned by user c@b.test", Cause.NOT_YOUR_SENDER),
        (Code.RECIPIENT_REJECTED, "554 5.7.1 <sue@demo.test>: Relay access denied", Cause.RELAY_DENIED),
        (Code.RECIPIENT_REJECTED, "550 relay not permitted", Cause.RELAY_DENIED),
        (Code.RECIPIENT_REJECTED, "550 I cannot deliver mail for <sue@demo.test>", Cause.RELAY_DENIED),
        (Code.RECIPIENT_TEMPORARY, "451 4.7.1 Greylisting in action, please come back later", Cause.GREYLISTED),
        (Code.RECIPIENT_REJECTED, "552 5.2.2 mailbox full", Cause.MAILBOX_FULL),
        (Code.RECIPIENT_REJECTED, "550 5.1.1 User unknown", Cause.NO_SUCH_RECIPIENT),
        (Code.RECIPIENT_REJECTED, "554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org", Cause.LISTED),
        (Code.CONTENT_REJECTED, "550 5.7.26 Unauthenticated email is not accepted due to DMARC policy", Cause.UNAUTHENTICATED_DOMAIN),
        (Code.CONTENT_REJECTED, "554 5.7.1 Message rejected as spam", Cause.TAKEN_FOR_SPAM),
        (Code.AUTH_REJECTED, "535 5.7.8 Error: authentication failed", None),
        (Code.TLS_EXPIRED, "relay access denied", None),
        (Code.OK, "250 2.0.0 spam is welcome", None),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_known_wording_names_its_cause_and_any_other_none(code, reply, cause):
    assert cause_in(code, [reply]) is cause


def test_a_cause_is_found_in_any_of_the_replies():
    assert cause_in(Code.RECIPIENT_REJECTED, ["220 hello", "", "554 Relaying denied"]) is Cause.RELAY_DENIED
    assert cause_in(Code.RECIPIENT_REJECTED, []) is None
