"""Knows which addresses mail may go to. The only code in the project that opens outbound sockets."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from portal.domain.diagnosis import Code, Step
from portal.domain.hosts import canonical_host, is_literal_address
from portal.mail.deadlines import Timer
from portal.mail.exchange import WireError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[..., Sequence[tuple[Any, ...]]]
Admission = Callable[[Sequence["Target"]], bool]

MAIL_PORTS = frozenset({25, 465, 587, 2525})

# IANA special-purpose registries and multicast. 169.254/16, 100.64/10 and 192.0.0/24 hold metadata services.
_DENIED_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# IPv6 is judged the other way round: global unicast, less what tunnels, documents or translates.
_ALLOWED_V6 = IPv6Network("2000::/3")
_DENIED_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")
_MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was judged and may be connected to."""

    address: Address
    port: int


def _anybody(_targets: Sequence[Target]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Egress:
    """The operator's policy. `allowed_networks` are exceptions to the tables, never set by a tenant.

    `admit` has the last word before the first packet, when the addresses are known and judged: a budget's, say.
    """

    allowed_networks: tuple[Network, ...] = ()
    allowed_ports: frozenset[int] = MAIL_PORTS
    resolve: Resolver = socket.getaddrinfo
    admit: Admission = _anybody

    def targets(self, host: str, port: int, *, timer: Timer, seconds: float) -> tuple[Target, ...]:
        """Resolve once and judge every answer; one bad answer rejects them all.

        Raises WireError: BLOCKED for a forbidden port or literal address; NAME, always in the same words, for a
        name that is malformed, is not found in time, or leads to a forbidden address: no map of the inside.
        """
        if port not in self.allowed_ports:
            raise WireError(Code.BLOCKED, Step.RESOLVE, fact="port-blocked", values={"port": str(port)})
        name = _canonical(host)
        if is_literal_address(name):
            address = _unwrapped(ipaddress.ip_address(name))
            if not self.permits(address):
                raise WireError(Code.BLOCKED, Step.RESOLVE, fact="address-blocked")
            return (Target(address, port),)
        try:
            addresses = self._addresses_of(name, port, seconds=timer.left_until(timer.moment_in(seconds)))
        except TimeoutError:
            raise _unusable_name() from None
        if not addresses or not all(map(self.permits, addresses)):
            raise _unusable_name()
        return tuple(Target(address, port) for address in addresses[:_MOST_TRIED])

    def permits(self, address: Address) -> bool:
        address = _unwrapped(address)
        if self.excepts(address):
            return address not in _NAT64 or self.permits(IPv4Address(int(address) & 0xFFFFFFFF))
        return _is_public(address) and not _is_our_own(address)

    def excepts(self, address: Address) -> bool:
        """Tell whether the operator named the address's network as an exception."""
        return any(address in network for network in self.allowed_networks)

    def connect(self, targets: Sequence[Target], *, timer: Timer, seconds: float) -> socket.socket:
        """Connect to the first target that answers, sharing the time among them.

        Raises WireError: REFUSED (also for unreachable) or TIMEOUT, as the last target ended; DESTINATIONS where
        nobody may be connected to.
        """
        if not self.admit(targets):
            raise WireError(Code.DESTINATIONS, Step.CONNECT)
        by = timer.moment_in(seconds)
        failure = Code.TIMEOUT
        for position, target in enumerate(targets):
            try:
                return _connected(target, timer.left_until(by) / (len(targets) - position))
            except TimeoutError:
                failure = Code.TIMEOUT
            except OSError:
                failure = Code.REFUSED
        raise WireError(failure, Step.CONNECT)

    def _addresses_of(self, name: str, port: int, *, seconds: float) -> list[Address]:
        # getaddrinfo knows no timeout: it is asked in a thread that may be left behind.
        found: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers = self.resolve(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
                found.put(_distinct(answers))
            except (OSError, ValueError):
                found.put([])

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            return found.get(timeout=seconds)
        except queue.Empty:
            return []


def _unusable_name() -> WireError:
    return WireError(Code.NAME, Step.RESOLVE)


def _canonical(host: str) -> str:
    try:
        return canonical_host(host)
    except ValueError:
        raise _unusable_name() from None


def _distinct(answers: Iterable[tuple[Any, ...]]) -> list[Address]:
    """The addresses among getaddrinfo's answers, in their order."""
    return list(dict.fromkeys(_unwrapped(ipaddress.ip_address(sockaddr[0])) for *_, sockaddr in answers))


def _unwrapped(address: Address) -> Address:
    """An IPv4 address in IPv6 clothes (::ffff:127.0.0.1) is judged and connected to as what it is."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _DENIED_V4)
    return address in _ALLOWED_V6 and not any(address in network for network in _DENIED_V6)


def _is_our_own(address: Address) -> bool:
    """Whether this machine holds the address: then a route to it starts at it. No packet is sent (UDP)."""
    try:
        with socket.socket(_family(address), socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return _plain_address(probe.getsockname()) == address
    except OSError:
        return False


def _connected(target: Target, seconds: float) -> socket.socket:
    link = socket.socket(_family(target.address), socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        link.settimeout(seconds)
        link.connect((str(target.address), target.port))
        _ensure_reached(link, target)
        # Body and dot are two writes: with Nagle's algorithm the second waits for a delayed acknowledgement.
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        link.close()
        raise
    return link


def _ensure_reached(link: socket.socket, target: Target) -> None:
    if _plain_address(link.getpeername()) != target.address:
        raise ConnectionRefusedError


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6


def _plain_address(sockaddr: tuple[Any, ...]) -> Address:
    return ipaddress.ip_address(sockaddr[0].partition("%")[0])
