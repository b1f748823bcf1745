"""Knows a real Postfix for tests: its own folder and ports, three doors, and whatever it takes goes on to a relay."""

import base64
import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests import certificates
from tests.mail_server import GOOD_PASSWORD

CLOSED_DOMAIN = "closed.test"
_PATIENCE = 10  # seconds; what we wait for takes some hundredths

# postconf(5). It looks nobody up, asks no DNS, and knows one way out: the relay on this machine.
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.example.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
relay_domains =
alias_maps =
alias_database =
notify_classes =
relayhost = [127.0.0.1]:{relay_port}
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sign_in_port}
smtpd_tls_chain_files = {folder}/certificate.pem
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ {closed} = REJECT takes no mail }} }}
"""
# master(5): the doors, and behind them what one mail needs on its way through. Nothing is chrooted.
_MASTER = """\
127.0.0.1:{starttls} inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=encrypt
127.0.0.1:{tls} inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_tls_wrappermode=yes
127.0.0.1:{none} inet n - n - - smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    """`sign_ins` holds the user name of every attempt to sign in, good or bad."""

    program: str
    folder: Path
    ports: dict[str, int]
    sign_ins: list[str] = field(default_factory=list)

    def typed(self, door: str) -> dict[str, object]:
        """The fields of a configuration that goes through one of the doors: starttls, tls or none."""
        trust = {"trust_kind": "private_ca", "trust_pem": certificates.authority_pem()} if door != "none" else {}
        return {"host": "127.0.0.1", "port": str(self.ports[door]), "encryption": door, **trust}

    def wait_until_empty(self) -> None:
        """Wait until all that was accepted has reached the relay, and all that was begun and not ended is forgotten."""
        _wait_until_none(self._queue_files, lambda: f"a queue that never empties\n{self.log}")

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def start(self) -> None:
        self._control("start")

    def stop(self) -> None:
        self._control("stop")
        _wait_until_none(self._processes, lambda: f"processes that outlive their master\n{self.log}")

    def _control(self, verb: str) -> None:
        command = [self.program, "-c", self.folder / "config", verb]
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert result.returncode == 0, f"postfix {verb}: {result.stdout}{result.stderr}\n{self.log}"

    def _queue_files(self) -> list[Path]:
        # In the order in which a mail moves, so that none slips past while we look.
        queues = (self.folder / "queue" / name for name in ("incoming", "active", "deferred"))
        return [path for queue in queues for path in queue.rglob("*") if path.is_file()]

    def _processes(self) -> list[Path]:
        """What runs in the process group that the master leads; its number stays in the file when it has ended."""
        master = (self.folder / "queue" / "pid" / "master.pid").read_text().strip()
        return [process for process in Path("/proc").glob("[0-9]*") if _runs_in(process, group=master)]


class _SignIns(socketserver.ThreadingTCPServer):
    """Answers Postfix in Dovecot's authentication protocol 1.2: mechanism PLAIN, any user, one password."""

    daemon_threads = True  # a Postfix that did not stop fails its test; it does not hang it

    def __init__(self, attempts: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _SignInHandler)
        self.attempts = attempts


class _SignInHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("VERSION", 1, 2)
        self._say("MECH", "PLAIN", "plaintext")
        self._say("SPID", os.getpid())
        self._say("CUID", 1)
        self._say("COOKIE", "0" * 32)
        self._say("DONE")
        for line in self.rfile:
            verb, *fields = line.decode().rstrip("\n").split("\t")
            if verb == "AUTH":
                self._answer(fields)

    def _answer(self, fields: list[str]) -> None:
        number, mechanism, *parameters = fields
        assert mechanism == "PLAIN"
        response = next(each.removeprefix("resp=") for each in parameters if each.startswith("resp="))
        _, username, password = base64.b64decode(response).decode().split("\0")  # RFC 4616 §2
        self.server.attempts.append(username)
        self._say("OK" if password == GOOD_PASSWORD else "FAIL", number, f"user={username}")

    def _say(self, *fields: object) -> None:
        self.wfile.write("\t".join(map(str, fields)).encode() + b"\n")


@contextmanager
def running(program: str, *, relay_port: int, sign_in_port: int | None = None) -> Iterator[Postfix]:
    """Start a Postfix (root alone may) and stop it by its own command; nothing of it stays behind.

    `sign_in_port` is where a Dovecot decides who may sign in; without one we decide, and keep `sign_ins`.
    """
    # Not in pytest's own folder: that lets root in alone, and Postfix stops being root as early as it can.
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    try:
        postfix = Postfix(program, folder, dict(zip(("starttls", "tls", "none"), _free_ports(3), strict=True)))
        with nullcontext(sign_in_port) if sign_in_port else _answering(postfix.sign_ins) as port:
            _write_files(postfix, relay_port=relay_port, sign_in_port=port)
            postfix.start()
            try:
                yield postfix
            finally:
                postfix.stop()
    finally:
        shutil.rmtree(folder)


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


@contextmanager
def _answering(attempts: list[str]) -> Iterator[int]:
    with _SignIns(attempts) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _write_files(postfix: Postfix, *, relay_port: int, sign_in_port: int) -> None:
    folder = postfix.folder
    for name in ("config", "queue", "data"):
        (folder / name).mkdir(mode=0o755)
    shutil.chown(folder / "data", "postfix")
    certificate = folder / "certificate.pem"
    certificate.touch(mode=0o600)
    certificate.write_bytes(certificates.good("127.0.0.1").private_key_and_cert_chain_pem.bytes())
    main = _MAIN.format(folder=folder, relay_port=relay_port, sign_in_port=sign_in_port, closed=CLOSED_DOMAIN)
    (folder / "config" / "main.cf").write_text(main)
    (folder / "config" / "master.cf").write_text(_MASTER.format(**postfix.ports))


def _wait_until_none(remaining: Callable[[], list[Path]], complaint: Callable[[], str]) -> None:
    end = time.monotonic() + _PATIENCE
    while remaining():
        assert time.monotonic() < end, complaint()
        time.sleep(0.02)


def _runs_in(process: Path, *, group: str) -> bool:
    try:
        # proc_pid_stat(5): the name may hold anything, so the fields are counted from its closing bracket.
        state, _parent, its_group = (process / "stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:  # ended while we looked
        return False
    return its_group == group and state not in {"Z", "X"}
