"""The same scenarios against the code that most programs send mail with: smtplib as its users write it.

python -m tests.evil.baseline prints how many of them end badly, and in which way. Bounded: 2 seconds for each wait,
5 for a scenario, loopback only.
"""

import base64
import smtplib
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

from portal.domain.diagnosis import Code
from portal.domain.mail_config import Encryption
from tests.evil.scenario import Scenario
from tests.evil.server import EvilServer
from tests.evil.table import scenarios
from tests.wire import USERNAME

# Letters without accents: with others smtplib fails in every scenario that has a sign-in.
PASSWORD = "correct-horse-pass"
SECRETS = (
    PASSWORD.encode(),
    base64.b64encode(PASSWORD.encode()),
    base64.b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()),
)
WAIT, LONGEST = 2, 5  # seconds
AT_ONCE = 16


def usual(port: int, mode: Encryption) -> None:
    """Connect, encrypt, sign in, send, leave: the order of the examples in the manual, with a time limit added."""
    connect = smtplib.SMTP_SSL if mode is Encryption.TLS else smtplib.SMTP
    with connect("127.0.0.1", port, timeout=WAIT) as client:
        if mode is Encryption.STARTTLS:
            client.starttls()
        client.login(USERNAME, PASSWORD)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = USERNAME, "sue@demo.test", "Hello"
        message.set_content("A line.\n.\nAnother one.\n")
        client.send_message(message)


def ended(scenario: Scenario) -> str:
    """How the usual code ends: "well", or what is bad about it."""
    first = scenario.mode is Encryption.TLS if scenario.speaks_tls_first is None else scenario.speaks_tls_first
    with EvilServer(dict(scenario.script), scenario.shows(), first, scenario.extensions) as server:
        if not scenario.listens:
            server.stop_listening()
        failure: list[BaseException] = []
        thread = threading.Thread(target=_caught, args=(server.port, scenario.mode, failure), daemon=True)
        thread.start()
        thread.join(LONGEST)
        if thread.is_alive():
            return "still waiting after 5 s"
        return _judged(scenario, server, failure[0] if failure else None)


def _caught(port: int, mode: Encryption, failure: list[BaseException]) -> None:
    try:
        usual(port, mode)
    except Exception as error:  # noqa: BLE001 - whatever leaves is what is judged
        failure.append(error)


def _judged(scenario: Scenario, server: EvilServer, error: BaseException | None) -> str:
    sent = server.everything()
    if not scenario.is_believed and any(secret in sent for secret in SECRETS):
        return "password to a peer that nobody verified"
    if error is None:
        delivered = Code.OK in scenario.codes or Code.UNKNOWN in scenario.codes
        return "well" if delivered or server.messages else "success without a mail"
    if any(secret.decode("latin-1") in repr(error) for secret in SECRETS):
        return "password in the error's text"
    if not isinstance(error, (smtplib.SMTPException, OSError)):
        return f"an error of another kind ({type(error).__name__})"
    if Code.OK in scenario.codes:
        return "failure although it was delivered or could have been"
    if Code.UNKNOWN in scenario.codes and server.messages:
        return "failure, although nobody knows whether it arrived"
    return "well"


def results() -> Iterator[str]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(ended, scenarios())


def main() -> None:
    counted = Counter(results())
    total, well = sum(counted.values()), counted.pop("well", 0)
    for what, number in counted.most_common():
        sys.stdout.write(f"{number:5}  {what}\n")
    sys.stdout.write(f"{total} scenarios, {well} ended well, {total - well} badly\n")


if __name__ == "__main__":
    main()
