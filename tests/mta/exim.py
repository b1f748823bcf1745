"""Knows a real Exim 4 for tests: unpacked, not installed, with its own folder and ports. What it takes, it keeps."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import certificates
from tests.mail_server import GOOD_PASSWORD
from tests.mta.standing import RealServer, free_ports, wait_for_ports

USER = "Debian-exim"  # the name is compiled in; `make mta` makes such a user where there is none

# Exim's specification, chapters 14 (main), 34 (authenticators) and 43 (access control). It delivers nothing.
_CONFIGURATION = """\
primary_hostname = mail.example.test
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/spool/exim.pid
local_interfaces = <; [127.0.0.1]:{starttls} ; [127.0.0.1]:{tls} ; [127.0.0.1]:{none}
tls_on_connect_ports = {tls}
tls_advertise_hosts = *
tls_certificate = {folder}/certificate.pem
tls_privatekey = {folder}/certificate.pem
auth_advertise_hosts = ${{if def:tls_cipher {{*}}{{}}}}
acl_smtp_rcpt = recipients
queue_only = true
keep_environment =
host_lookup =
begin acl
recipients:
  accept authenticated = *
  accept condition = ${{if eq{{$received_port}}{{{none}}}}}
  deny message = relay not permitted
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  transport = none
begin transports
none:
  driver = smtp
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
"""


@contextmanager
def running(unpacked: Path, user: str) -> Iterator[RealServer]:
    """Start the Exim that was unpacked there (root alone may) and end it; nothing of it stays behind."""
    folder = Path(tempfile.mkdtemp(prefix="exim-"))
    folder.chmod(0o755)
    ports = dict(zip(("starttls", "tls", "none"), free_ports(3), strict=True))
    text = _CONFIGURATION.format(folder=folder, user=user, password=GOOD_PASSWORD, **ports)
    (folder / "exim.conf").write_text(text)
    certificate = folder / "certificate.pem"
    certificate.write_bytes(certificates.good("127.0.0.1").private_key_and_cert_chain_pem.bytes())
    for name in ("spool", "log"):
        (folder / name).mkdir()
        shutil.chown(folder / name, USER)
    shutil.chown(certificate, USER)
    libraries = {"LD_LIBRARY_PATH": str(unpacked / "usr/lib/x86_64-linux-gnu")}
    command = [unpacked / "usr/sbin/exim4", "-C", folder / "exim.conf", "-bdf"]
    process = subprocess.Popen(command, env={**os.environ, **libraries}, stderr=subprocess.DEVNULL)
    try:
        wait_for_ports(process, *ports.values())
        yield RealServer("Exim 4", ports, lambda: _kept(folder / "spool" / "input"))
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _kept(spool: Path) -> list[bytes]:
    """The texts of what was accepted: a -D file holds one, behind a line of its own."""
    return [path.read_bytes().partition(b"\n")[2] for path in spool.rglob("*-D")]
