"""Knows how to look at a certificate that was refused: `ssl` forgets it, so a second connection asks once more."""

from collections.abc import Mapping
from dataclasses import replace

from portal.domain.diagnosis import Step
from portal.domain.mail_config import Encryption, Server, SignIn
from portal.mail.certificates import facts_of
from portal.mail.channel import Channel
from portal.mail.conversation import Conversation
from portal.mail.deadlines import Timer
from portal.mail.dialogue import Dialogue
from portal.mail.egress import Egress, Target
from portal.mail.exchange import WireError
from portal.mail.redaction import Redactor

_SECONDS = 5.0  # for each step: whoever reads the facts is waiting


def certificate_shown_by(
    server: Server, targets: tuple[Target, ...], *, egress: Egress, timer: Timer
) -> Mapping[str, str]:
    """The facts of the certificate that a peer shows, for the sentence "trust this certificate?".

    Says nothing beyond STARTTLS and holds no credentials. Empty when the second look fails.
    """
    try:
        link = egress.connect(targets, timer=timer, seconds=_SECONDS)
    except WireError:
        return {}
    redactor = Redactor()
    dialogue = Dialogue(Channel(link, timer=timer), timer=timer, redactor=redactor)
    try:
        if server.destination.encryption is Encryption.STARTTLS:
            _walk_to_encryption(dialogue, Conversation(replace(server, sign_in=SignIn.NONE), None, redactor=redactor))
        return facts_of(dialogue.shown_certificate(server.destination.host, seconds=_SECONDS))
    except (WireError, OSError):
        return {}
    finally:
        dialogue.close()


def _walk_to_encryption(dialogue: Dialogue, conversation: Conversation) -> None:
    dialogue.run(conversation.greeting(), Step.GREET, seconds=_SECONDS)
    dialogue.run(conversation.hello(Step.GREET), Step.GREET, seconds=_SECONDS)
    dialogue.run(conversation.start_tls(), Step.ENCRYPT, seconds=_SECONDS)
