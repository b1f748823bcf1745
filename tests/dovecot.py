"""Knows a real Dovecot for tests: its authentication service alone, which a Postfix asks over loopback."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mail_server import GOOD_PASSWORD

_PATIENCE = 10  # seconds; it takes some hundredths

# dovecot.conf(5). No mailbox and no protocol of its own; any of three mechanisms, one password for one user.
_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
auth_verbose = yes
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login scram-sha-256
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


@contextmanager
def answering(program: str, *users: str) -> Iterator[int]:
    """Start a Dovecot (root alone may) that knows these users, all with one password; gives the port to ask at."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (folder / "dovecot.conf").write_text(_CONFIGURATION.format(folder=folder, port=port))
    (folder / "users").write_text("".join(f"{user}:{{PLAIN}}{GOOD_PASSWORD}\n" for user in users))
    (folder / "state").mkdir()
    process = subprocess.Popen([program, "-F", "-c", folder / "dovecot.conf"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(_PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"Dovecot does not answer\n{log.read_text() if log.exists() else ''}")
