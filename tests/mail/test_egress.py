"""Which addresses may be reached: a table, one resolution per attempt, and one answer for all names."""

import ipaddress
import socket
import threading
import time

import pytest

from portal.domain.diagnosis import Code, Step
from portal.mail import egress as egress_module
from portal.mail.deadlines import Timer
from portal.mail.egress import MAIL_PORTS, Egress
from portal.mail.exchange import WireError

FORBIDDEN_V4 = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.1.2.3", "127.255.255.255", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
FORBIDDEN_V6 = [
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "64:ff9b::7f00:1", "64:ff9b::5db8:d822", "64:ff9b:1::1", "100::1", "2001::1", "2001:1::", "2001:db8::1", "2002:7f00:1::", "2002:5db8:d822::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "1fff::1",
]  # fmt: skip
FINE = [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:1.1.1.1", "2606:4700::1111", "2001:4860:4860::8888", "2a00::1", "2000::1", "3ffe::1",
]  # fmt: skip
MALFORMED = [
    "", ".", "a..b", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "1.2.3.4.5",
    "256.1.1.1", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "127.0.0.1\0.example.com", "mail.test\0", "[::1]", "fe80::1%lo",
    "::1%1", "a b.test", "mail.test:25", "user@mail.test", "-a.test", "a-.test", "a" * 64 + ".test", "a." * 127 + "test",
    "mail.test/x", "mail_1.test", "*.test", "mail.test\r\nRCPT",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_address_is_ours(monkeypatch):
    """The real question asks the routing table about addresses beyond this machine."""
    monkeypatch.setattr(egress_module, "_is_our_own", lambda _address: False)


def timer(seconds=5):
    return Timer(seconds, clock=time.monotonic)


def answering(*addresses):
    def resolve(_name, port, **_):
        resolve.calls += 1
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    resolve.calls = 0
    return resolve


def refusal(policy, host, port=25):
    with pytest.raises(WireError) as caught:
        policy.targets(host, port, timer=timer(), seconds=1)
    error = caught.value
    assert error.step is Step.RESOLVE
    return error.code, error.fact, dict(error.values), error.reply


@pytest.mark.parametrize("address", [*FORBIDDEN_V4, *FORBIDDEN_V6])
def test_a_forbidden_literal_address_may_be_called_forbidden(address):
    resolve = answering("1.1.1.1")

    assert refusal(Egress(resolve=resolve), address) == (Code.BLOCKED, "address-blocked", {}, "")
    assert resolve.calls == 0


@pytest.mark.parametrize("address", [*FORBIDDEN_V4, *FORBIDDEN_V6])
def test_a_name_that_leads_to_a_forbidden_address_looks_like_a_name_that_does_not_exist(address):
    missing = refusal(Egress(resolve=_not_found), "missing.example.test")

    assert refusal(Egress(resolve=answering(address)), "inside.example.test") == missing
    assert missing == (Code.NAME, "", {}, "")


@pytest.mark.parametrize("address", FORBIDDEN_V4)
def test_one_bad_answer_rejects_them_all(address):
    assert (
        refusal(Egress(resolve=answering("1.1.1.1", address, "2606:4700::1111")), "mixed.example.test")[0] is Code.NAME
    )


@pytest.mark.parametrize("address", FINE)
def test_a_public_address_is_fine_typed_or_resolved(address):
    plain = str(getattr(ipaddress.ip_address(address), "ipv4_mapped", None) or ipaddress.ip_address(address))
    policy = Egress(resolve=answering(address))

    for host in (address, "mail.example.test"):
        assert [str(target.address) for target in policy.targets(host, 587, timer=timer(), seconds=1)] == [plain]


@pytest.mark.parametrize("host", MALFORMED)
def test_what_is_no_host_name_is_not_even_asked_for(host):
    resolve = answering("1.1.1.1")

    assert refusal(Egress(resolve=resolve), host)[0] is Code.NAME
    assert resolve.calls == 0


@pytest.mark.asvs("16.5.3")
@pytest.mark.parametrize("failure", [socket.gaierror(-2, "x"), OSError(), UnicodeError(), ValueError()])
def test_a_resolver_that_fails_means_no_such_name(failure):
    def resolve(*_, **__):
        raise failure

    assert refusal(Egress(resolve=resolve), "mail.example.test")[0] is Code.NAME


def test_no_answer_and_a_nonsense_answer_mean_no_such_name():
    assert refusal(Egress(resolve=answering()), "mail.example.test")[0] is Code.NAME
    assert refusal(Egress(resolve=answering("nonsense")), "mail.example.test")[0] is Code.NAME


def test_a_resolver_that_never_returns_is_left_behind_in_time():
    release = threading.Event()

    def resolve(*_, **__):
        release.wait(10)
        return []

    begun = time.monotonic()
    with pytest.raises(WireError) as caught:
        Egress(resolve=resolve).targets("mail.example.test", 25, timer=timer(), seconds=0.2)
    took = time.monotonic() - begun
    release.set()

    assert caught.value.code is Code.NAME
    assert 0.15 < took < 1


@pytest.mark.parametrize("port", [0, 1, 22, 24, 80, 443, 3306, 6379, 8025, 65535])
def test_a_port_that_is_none_of_mail_is_blocked_for_names_and_addresses_alike(port):
    resolve = answering("1.1.1.1")
    policy = Egress(resolve=resolve)

    expected = (Code.BLOCKED, "port-blocked", {"port": str(port)}, "")
    assert refusal(policy, "mail.example.test", port) == refusal(policy, "1.1.1.1", port) == expected
    assert resolve.calls == 0


def test_the_ports_of_mail_are_four_and_the_operator_may_add_some():
    assert {25, 465, 587, 2525} == MAIL_PORTS
    assert Egress(allowed_ports=MAIL_PORTS | {8025}).targets("1.1.1.1", 8025, timer=timer(), seconds=1)


def test_the_operator_may_allow_a_network_and_nothing_beside_it():
    policy = Egress((ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/64")))

    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::5"):
        assert policy.permits(ipaddress.ip_address(address))
    for address in ("10.2.0.1", "127.0.0.1", "::ffff:10.2.0.1", "fd00:0:0:1::5"):
        assert not policy.permits(ipaddress.ip_address(address))


def test_an_allowed_translation_prefix_still_has_its_inner_address_judged():
    policy = Egress((ipaddress.ip_network("64:ff9b::/96"),))

    assert policy.permits(ipaddress.ip_address("64:ff9b::5db8:d822"))
    assert not policy.permits(ipaddress.ip_address("64:ff9b::7f00:1"))
    assert not policy.permits(ipaddress.ip_address("64:ff9b::a9fe:a9fe"))


def test_an_address_of_this_machine_is_known_without_a_packet(monkeypatch):
    monkeypatch.undo()

    assert egress_module._is_our_own(ipaddress.ip_address("127.0.0.1"))


def test_an_address_without_a_route_is_not_ours(monkeypatch):
    monkeypatch.undo()

    class Unreachable(socket.socket):
        def connect(self, _address):
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(egress_module.socket, "socket", Unreachable)

    assert not egress_module._is_our_own(ipaddress.ip_address("1.1.1.1"))


def test_a_connection_that_ends_up_elsewhere_is_given_up(monkeypatch):
    class Diverted(socket.socket):
        def getpeername(self):
            return ("127.0.0.9", 1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        policy = Egress((ipaddress.ip_network("127.0.0.0/8"),), frozenset({port}))
        targets = policy.targets("127.0.0.1", port, timer=timer(), seconds=1)
        monkeypatch.setattr(egress_module.socket, "socket", Diverted)
        with pytest.raises(WireError) as caught:
            policy.connect(targets, timer=timer(), seconds=1)
        monkeypatch.undo()

    assert caught.value.code is Code.REFUSED


def test_a_public_address_of_this_machine_is_refused_like_any_inside_one(monkeypatch):
    monkeypatch.setattr(egress_module, "_is_our_own", lambda address: str(address) == "1.1.1.1")

    assert refusal(Egress(), "1.1.1.1")[0] is Code.BLOCKED
    assert refusal(Egress(resolve=answering("1.1.1.1")), "mail.example.test")[0] is Code.NAME
    assert Egress((ipaddress.ip_network("1.1.1.1/32"),)).permits(ipaddress.ip_address("1.1.1.1"))


def test_a_resolver_that_changes_its_mind_is_asked_once_and_held_to_its_answer():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        calls = []

        def rebinding(_name, number, **_):
            calls.append(number)
            address = "127.0.0.2" if len(calls) % 2 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, number))]

        policy = Egress((ipaddress.ip_network("127.0.0.2/32"),), frozenset({port}), rebinding)
        for attempt in range(1, 201):
            calls.clear()
            targets = policy.targets("mail.example.test", port, timer=timer(), seconds=1)
            with pytest.raises(WireError) as caught:
                policy.connect(targets, timer=timer(), seconds=1)
            assert caught.value.code is Code.REFUSED, attempt
            assert len(calls) == 1
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_nothing_leaves_without_the_word_of_the_budget_and_it_knows_the_judged_addresses():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        asked = []
        policy = Egress((ipaddress.ip_network("127.0.0.0/8"),), frozenset({port}), answering("127.0.0.1"), asked.append)
        targets = policy.targets("mail.example.test", port, timer=timer(), seconds=1)
        with pytest.raises(WireError) as caught:
            policy.connect(targets, timer=timer(), seconds=1)
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert (caught.value.code, caught.value.step) == (Code.DESTINATIONS, Step.CONNECT)
    assert asked == [targets]


def test_the_first_address_that_answers_is_taken_and_small_writes_do_not_wait():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        policy = Egress((ipaddress.ip_network("127.0.0.0/8"),), frozenset({port}), answering("127.0.0.9", "127.0.0.1"))
        targets = policy.targets("mail.example.test", port, timer=timer(), seconds=1)
        with policy.connect(targets, timer=timer(), seconds=1) as link:
            assert link.getpeername() == ("127.0.0.1", port)
            assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_an_address_that_does_not_answer_ends_in_time():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [_half_open(port) for _ in range(4)]  # the backlog is full: the next one is left without an answer
        policy = Egress((ipaddress.ip_network("127.0.0.0/8"),), frozenset({port}))
        begun = time.monotonic()
        with pytest.raises(WireError) as caught:
            policy.connect(policy.targets("127.0.0.1", port, timer=timer(), seconds=1), timer=timer(), seconds=0.3)
        took = time.monotonic() - begun
        for link in waiting:
            link.close()

    assert caught.value.code is Code.TIMEOUT
    assert took < 1


def test_at_most_eight_addresses_of_a_name_are_tried():
    policy = Egress(resolve=answering(*(f"1.1.1.{n}" for n in range(1, 200))))

    assert len(policy.targets("mail.example.test", 25, timer=timer(), seconds=1)) == 8


def _not_found(*_, **__):
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


def _half_open(port):
    link = socket.socket()
    link.setblocking(False)
    link.connect_ex(("127.0.0.1", port))
    return link
