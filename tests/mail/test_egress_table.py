"""Every way to write an address: what is refused is never connected to, and names tell nothing of the inside."""

import contextlib
import ipaddress
import socket
import time
from collections import Counter

import pytest

from portal.domain.diagnosis import Code, Step
from portal.mail import egress as egress_module
from portal.mail.deadlines import Timer
from portal.mail.egress import Egress
from portal.mail.exchange import WireError
from portal.web.sentences.outcomes import outcome
from tests.mail.egress_forms import NAME, OK, TABLE

PUBLIC, LOOPBACK = "93.184.216.34", "127.0.0.1"


@pytest.fixture(autouse=True)
def _no_address_is_ours(monkeypatch):
    """The tables are judged here, not the routes of the machine that runs the tests."""
    monkeypatch.setattr(egress_module, "_is_our_own", lambda _address: False)


@pytest.fixture(scope="module")
def listeners():
    """Who comes to loopback, by whichever family, is seen."""
    with contextlib.ExitStack() as open_now:
        four = open_now.enter_context(socket.create_server((LOOPBACK, 0)))
        found = [four]
        with contextlib.suppress(OSError):  # a machine without IPv6, or with the port taken there
            six = socket.create_server(("::1", four.getsockname()[1]), family=socket.AF_INET6)
            found.append(open_now.enter_context(six))
        for each in found:
            each.setblocking(False)
        yield found


@pytest.fixture
def port(listeners):
    return listeners[0].getsockname()[1]


def test_the_table_is_long_and_says_nothing_twice():
    doubles = [case for case, times in Counter(TABLE).items() if times > 1]

    assert doubles == []
    assert len(TABLE) >= 150
    assert len([case for case in TABLE if case.code is not OK]) >= 150


@pytest.mark.asvs("1.3.6", "13.2.4")
@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{ascii(case.form)[:40]} {' '.join(case.answers)}")
def test_each_form_ends_as_the_table_says(case, listeners, port):
    asked = []
    policy = policy_of(case, port, asked)
    code, targets = attempt(policy, case.form, port)

    assert code is case.code
    assert len(asked) == (1 if case.answers else 0)
    assert code is OK or came(listeners) == 0
    assert all(policy.permits(target.address) for target in targets)


@pytest.mark.asvs("13.2.5")
def test_of_all_refused_forms_together_not_one_reaches_loopback(listeners, port):
    for case in TABLE:
        if case.code is not OK:
            attempt(policy_of(case, port, []), case.form, port, connect=True)

    assert came(listeners) == 0


def test_a_listener_on_loopback_does_see_who_comes(listeners, port):
    policy = Egress((ipaddress.ip_network("127.0.0.0/8"),), frozenset({port}))

    assert attempt(policy, LOOPBACK, port, connect=True)[0] is OK
    assert came(listeners) == 1


def test_a_resolver_that_alternates_is_asked_once_for_each_of_10_000_attempts(listeners, port):
    asked = []

    def alternating(name, number, **_):
        asked.append(name)
        return answers(("127.0.0.2",) if len(asked) % 2 else (LOOPBACK,), number)

    # The allowed address is another one of loopback, where nobody listens: a connection costs nothing.
    policy = Egress((ipaddress.ip_network("127.0.0.2/32"),), frozenset({port}), alternating)
    found = Counter()
    for number in range(1, 10_001):
        code, targets = attempt(policy, "mail.example.test", port, connect=True)
        found[code, *(str(target.address) for target in targets)] += 1
        assert len(asked) == number

    assert found == {(Code.REFUSED, "127.0.0.2"): 5_000, (NAME,): 5_000}
    assert came(listeners) == 0


@pytest.mark.parametrize("inside", [LOOPBACK, "10.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside_and_one_that_is_not_found_are_told_in_the_same_words(inside, port):
    def missing(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def leading(_name, number, **_):
        return answers((inside,), number)

    told = [whole_refusal(Egress((), frozenset({port}), resolve), port) for resolve in (missing, leading)]

    assert told[0] == told[1]
    assert told[0][0] is NAME


def test_only_a_literal_address_may_be_called_forbidden():
    assert {case.code for case in TABLE if case.answers} == {OK, NAME}


def policy_of(case, port, asked):
    def resolve(name, number, **_):
        asked.append(name)
        # A name that nobody ought to ask for would lead inside, as a careless resolver reads `127.1`.
        return answers(case.answers or (LOOPBACK,), number)

    return Egress(tuple(map(ipaddress.ip_network, case.networks)), frozenset({port}), resolve)


def answers(addresses, port):
    return [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
        if ":" in address
        else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
        for address in addresses
    ]


def attempt(policy, host, port, *, connect=False):
    """The outcome, and the addresses that would be connected to."""
    timer, targets = Timer(5, clock=time.monotonic), ()
    try:
        targets = policy.targets(host, port, timer=timer, seconds=2)
        if connect:
            policy.connect(targets, timer=timer, seconds=1).close()
    except WireError as refused:
        return refused.code, targets
    return OK, targets


def whole_refusal(policy, port):
    """Everything that anybody learns of it."""
    with pytest.raises(WireError) as caught:
        policy.targets("mail.example.test", port, timer=Timer(5, clock=time.monotonic), seconds=2)
    error = caught.value
    assert error.step is Step.RESOLVE
    return error.code, error.fact, dict(error.values), error.reply, error.transcript, str(error), outcome(error.code)


def came(listeners):
    """How many connections wait at the listeners; they are taken and closed."""
    count = 0
    for listener in listeners:
        with contextlib.suppress(BlockingIOError):
            while True:
                listener.accept()[0].close()
                count += 1
    return count
