"""Knows how one message is handed to one server: the same path for real mail, for tests and for checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from portal.domain.diagnosis import Code, Finding, Step
from portal.domain.signals import Signal, signal_of
from portal.mail.connection import DELIVERY, Deadlines, Envelope, Reception, Session, WireError, open_session
from portal.mail.conversation import ONE_BY_ONE
from portal.mail.egress import Egress
from portal.mail.ending import Ending
from portal.mail.message import Written
from portal.mail.pool import MOST_MAILS, Key, Pool
from portal.services.destinations import Destinations
from portal.services.resolution import Route

Observer = Callable[[Finding], None]
Fence = Callable[[tuple[str, ...]], bool]
Following = Callable[[], Envelope | None]

# How a connection that rested for too long ends at the next MAIL: a fresh one may well do.
_WORN_OUT = frozenset({Code.LOST, Code.SLOW, Code.BUSY, Code.UNEXPECTED, Code.GARBAGE, Code.FLOOD})

# How a step ends whose time is cut short.
_OUT_OF_TIME = frozenset({Code.NAME, Code.TIMEOUT, Code.SILENT, Code.SLOW})
_AT_RECIPIENT = frozenset({Code.RECIPIENT_REJECTED, Code.RECIPIENT_TEMPORARY, Code.NEEDS_SMTPUTF8})


@dataclass(frozen=True, slots=True)
class Report:
    """How it went. `code` is the outcome of the whole; `recipients` tells each recipient's own code and reply."""

    code: Code
    recipients: Mapping[str, tuple[Code, str]]
    transcript: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reply: str = ""

    @property
    def signals(self) -> frozenset[Signal]:
        """What the server asked for, in its refusals."""
        told = (*self.recipients.values(), (self.code, self.reply))
        return frozenset(signal_of(code, reply) for code, reply in told if code is not Code.OK)

    @property
    def was_split(self) -> bool:
        """Whether some of the recipients were accepted and others were not."""
        refused = [code in _AT_RECIPIENT for code, _ in self.recipients.values()]
        return any(refused) and not all(refused)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail for one server: its envelope and its exact bytes, as the writer proved them."""

    envelope: Envelope
    written: Written


@dataclass(slots=True)
class Line:
    """The connection that a run of mails holds from one mail to the next."""

    key: Key | None = None
    session: Session | None = None


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
    """`deadlines` are those of real mail; whoever watches a test brings his own."""

    egress: Egress
    destinations: Destinations
    pool: Pool
    ending: Ending
    deadlines: Deadlines = DELIVERY

    def send(self, route: Route, parcel: Parcel, *, deadlines: Deadlines, observe: Observer, fence: Fence) -> Report:
        """Deliver a mail over a connection of its own, so that every step of it is seen.

        `fence` is asked, with the accepted recipients, between the last byte and the final dot. Nothing is delivered
        unless it says yes: then every outcome that is not a clear answer of the server is reported as UNKNOWN. A
        fence that says no is reported as LET_GO.
        """
        state = _Conversation()
        try:
            with self._open(route, deadlines, observe) as session:
                state.session = session
                _offer(session, state, parcel.envelope)
                return _hand_over(session, state, parcel, fence, _nobody, announces=False)
        except WireError as failure:
            return _failed(state, parcel.envelope, failure)

    def carry(
        self, route: Route, parcel: Parcel, *, line: Line, observe: Observer, fence: Fence, following: Following
    ) -> Report:
        """Deliver one mail of a run, over the connection on the `line`, a rested one, or else a fresh one.

        Like `send`, but without a transcript, and let go soon after the process was asked to end, up to the dot. Just
        before the fence is asked, `following` tells the envelope of the mail that will be carried next over the same
        route, or None. A connection that turns out to be worn out at its first word costs a fresh connection and
        nothing else.
        """
        state = _Conversation()
        key = key_of(route)
        self._let_rest(line, unless=key)
        if self.ending.has_begun():
            return _let_go(state, parcel.envelope)
        try:
            session = self._begun(route, parcel.envelope, line, observe, state)
            line.key, line.session = key, session
            report = _hand_over(session, state, parcel, fence, following, announces=self.pool.announces(key))
        except WireError as failure:
            if failure.step is not Step.ACCEPT:  # a refused dot leaves the connection, and what follows, in order
                self._drop(line)
            if self.ending.has_begun() and failure.code in _OUT_OF_TIME:
                return _let_go(state, parcel.envelope)
            return _failed(state, parcel.envelope, failure)
        except BaseException:
            self._drop(line)
            raise
        if report.code is Code.LET_GO:
            self._drop(line)
        return report

    def rest(self, line: Line) -> None:
        """End a run: its connection rests, if it can, until another run wants it."""
        self._let_rest(line, unless=None)

    def check(self, route: Route, envelope: Envelope, *, deadlines: Deadlines, observe: Observer) -> Report:
        """Go as far as the recipients and stop: nothing is delivered, DATA is never said."""
        state = _Conversation()
        try:
            with self._open(route, deadlines, observe) as session:
                state.session = session
                receptions = _offer(session, state, envelope, delivers=False)
                session.reset()
                return state.report(_worst(receptions))
        except WireError as failure:
            return _failed(state, envelope, failure)

    def _open(
        self,
        route: Route,
        deadlines: Deadlines,
        observe: Observer,
        *,
        ending: Ending | None = None,
        is_recorded: bool = True,
    ) -> Session:
        return open_session(
            route.server,
            route.password,
            egress=self._egress_for(route),
            deadlines=deadlines,
            observe=observe,
            ending=ending,
            is_recorded=is_recorded,
        )

    def _egress_for(self, route: Route) -> Egress:
        if route.owner is None:
            return self.egress  # the operator's own server is no tenant's to try
        return self.destinations.egress_for(route.owner, route.server.destination)

    def _begun(self, route: Route, envelope: Envelope, line: Line, observe: Observer, state: _Conversation) -> Session:
        """A session at which the envelope was offered. What a worn-out connection told is forgotten."""
        rested = line.session or self.pool.take(key_of(route))
        if rested is not None:
            told: list[Finding] = []
            line.session = rested
            rested.renew(told.append)
            try:
                _offer(rested, state, envelope)
            except WireError as failure:
                if failure.step is not Step.SENDER or failure.code not in _WORN_OUT:
                    state.session = rested
                    raise
                if failure.fact == ONE_BY_ONE:
                    self.pool.learn_one_by_one(key_of(route))
                self._drop(line)
            else:
                for finding in told:
                    observe(finding)
                rested.observe(observe)
                state.session = rested
                return rested
        state.session = session = self._open(route, self.deadlines, observe, ending=self.ending, is_recorded=False)
        line.session = session
        _offer(session, state, envelope)
        return session

    def _let_rest(self, line: Line, *, unless: Key | None) -> None:
        if line.session is not None and line.key is not None and line.key != unless:
            self.pool.put(line.key, line.session)
            line.key = line.session = None

    @staticmethod
    def _drop(line: Line) -> None:
        """Inside of content this says nothing: whatever was not finished is not delivered."""
        if line.session is not None:
            line.session.quit()
        line.key = line.session = None


def key_of(route: Route) -> Key:
    """Connections of the operator's instance default, which has no id, are shared under none."""
    return Key(route.config_id, route.version)


def _nobody() -> None:
    return None


def _hand_over(
    session: Session, state: _Conversation, parcel: Parcel, fence: Fence, following: Following, *, announces: bool
) -> Report:
    accepted = tuple(recipient for recipient, (code, _) in state.recipients.items() if code is Code.OK)
    if not accepted:
        session.reset()
        return state.report(next(code for code, _ in state.recipients.values()))
    session.stream(parcel.written)
    next_envelope = following() if session.mails + 1 < MOST_MAILS else None
    if not fence(accepted):
        for recipient in accepted:
            state.recipients[recipient] = (Code.LET_GO, "")
        return state.report(Code.LET_GO)
    reply = session.finish(next_envelope if announces else None)
    for recipient in accepted:
        state.recipients[recipient] = (Code.OK, reply)
    return state.report(Code.OK, reply)


def _offer(
    session: Session, state: _Conversation, envelope: Envelope, *, delivers: bool = True
) -> tuple[Reception, ...]:
    receptions = session.offer(envelope, delivers=delivers)
    state.recipients.update({each.recipient: (each.code, each.reply) for each in receptions})
    return receptions


def _worst(receptions: tuple[Reception, ...]) -> Code:
    return next((each.code for each in receptions if each.code is not Code.OK), Code.OK)


def _let_go(state: _Conversation, envelope: Envelope) -> Report:
    """Nothing was delivered, and nothing was learnt."""
    state.recipients.update(dict.fromkeys(envelope.recipients, (Code.LET_GO, "")))
    return state.report(Code.LET_GO)


def _failed(state: _Conversation, envelope: Envelope, failure: WireError) -> Report:
    """A failure of the whole is the outcome of every recipient that was not already refused by itself."""
    for recipient in envelope.recipients:
        if state.recipients.get(recipient, (Code.OK, ""))[0] is Code.OK:
            state.recipients[recipient] = (failure.code, failure.reply)
    report = state.report(failure.code, failure.reply)
    return report if state.session else replace(report, transcript=failure.transcript)
