"""Knows how one message is handed to one server: the same path for real mail, for tests and for checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from portal.domain.diagnosis import Code, Finding
from portal.mail.connection import Deadlines, Envelope, Reception, Session, WireError, open_session
from portal.mail.egress import Egress
from portal.services.destinations import Destinations
from portal.services.resolution import Route

Observer = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class Report:
    """How it went. `code` is the outcome of the whole; `recipients` tells each recipient's own code and reply."""

    code: Code
    recipients: Mapping[str, tuple[Code, str]]
    transcript: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reply: str = ""


@dataclass(slots=True)
class _Conversation:
    """What is known so far, for the report at whatever point it ends."""

    recipients: dict[str, tuple[Code, str]] = field(default_factory=dict)
    session: Session | None = None

    def report(self, code: Code, reply: str = "") -> Report:
        transcript = self.session.transcript if self.session else ()
        notes = self.session.notes if self.session else ()
        return Report(code, dict(self.recipients), tuple(transcript), tuple(notes), reply)


@dataclass(frozen=True, slots=True)
class Transmission:
    egress: Egress
    destinations: Destinations

    def send(
        self,
        route: Route,
        envelope: Envelope,
        content: bytes,
        *,
        deadlines: Deadlines,
        observe: Observer,
        fence: Callable[[tuple[str, ...]], bool],
    ) -> Report:
        """Deliver `content`. `fence` is asked, with the accepted recipients, between the last byte and the final dot.

        Nothing is delivered unless the fence says yes: then every outcome that is not a clear answer of the server
        is reported as UNKNOWN. A fence that says no is reported as LET_GO.
        """
        state = _Conversation()
        try:
            with open_session(
                route.server, route.password, egress=self._egress_for(route), deadlines=deadlines, observe=observe
            ) as session:
                state.session = session
                return _hand_over(session, state, envelope, content, fence)
        except WireError as failure:
            return _failed(state, envelope, failure)

    def check(self, route: Route, envelope: Envelope, *, deadlines: Deadlines, observe: Observer) -> Report:
        """Go as far as the recipients and stop: nothing is delivered, DATA is never said."""
        state = _Conversation()
        try:
            with open_session(
                route.server, route.password, egress=self._egress_for(route), deadlines=deadlines, observe=observe
            ) as session:
                state.session = session
                receptions = _offer(session, state, envelope)
                session.reset()
                session.quit()
                return state.report(_worst(receptions))
        except WireError as failure:
            return _failed(state, envelope, failure)

    def _egress_for(self, route: Route) -> Egress:
        if route.owner is None:
            return self.egress  # the operator's own server is no tenant's to try
        return self.destinations.egress_for(route.owner, route.server.destination)


def _hand_over(
    session: Session,
    state: _Conversation,
    envelope: Envelope,
    content: bytes,
    fence: Callable[[tuple[str, ...]], bool],
) -> Report:
    receptions = _offer(session, state, envelope)
    accepted = tuple(each.recipient for each in receptions if each.code is Code.OK)
    if not accepted:
        session.reset()
        session.quit()
        return state.report(_worst(receptions))
    session.stream(content)
    if not fence(accepted):
        for recipient in accepted:
            state.recipients[recipient] = (Code.LET_GO, "")
        return state.report(Code.LET_GO)
    reply = session.finish()
    for recipient in accepted:
        state.recipients[recipient] = (Code.OK, reply)
    session.quit()
    return state.report(Code.OK, reply)


def _offer(session: Session, state: _Conversation, envelope: Envelope) -> tuple[Reception, ...]:
    receptions = session.offer(envelope)
    state.recipients.update({each.recipient: (each.code, each.reply) for each in receptions})
    return receptions


def _worst(receptions: tuple[Reception, ...]) -> Code:
    return next((each.code for each in receptions if each.code is not Code.OK), Code.OK)


def _failed(state: _Conversation, envelope: Envelope, failure: WireError) -> Report:
    """A failure of the whole is the outcome of every recipient that was not already refused by itself."""
    for recipient in envelope.recipients:
        if state.recipients.get(recipient, (Code.OK, ""))[0] is Code.OK:
            state.recipients[recipient] = (failure.code, failure.reply)
    report = state.report(failure.code, failure.reply)
    return report if state.session else replace(report, transcript=failure.transcript)
