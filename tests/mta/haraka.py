"""Knows a real Haraka for tests: a folder of its own around the package that npm unpacked."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import certificates
from tests.mail_server import GOOD_PASSWORD
from tests.mta.standing import RealServer, free_ports, wait_for_ports


@contextmanager
def running(package: Path, user: str) -> Iterator[RealServer]:
    """Start the Haraka that npm unpacked there and end it; nothing of it stays behind."""
    folder = Path(tempfile.mkdtemp(prefix="haraka-"))
    config = folder / "config"
    (folder / "queue").mkdir()
    shutil.copytree(package / "Haraka" / "config", config)
    ports = dict(zip(("starttls", "tls"), free_ports(2), strict=True))
    certificate = certificates.good("127.0.0.1").private_key_and_cert_chain_pem.bytes()
    for name, text in {
        "smtp.ini": f"listen=127.0.0.1:{ports['starttls']},127.0.0.1:{ports['tls']}\nsmtps_port={ports['tls']}\nnodes=0\n",
        "plugins": "tls\nauth/flat_file\n",
        "outbound.ini": "disabled=true\n",  # what it takes it keeps in its queue
        "auth_flat_file.ini": f"[core]\nmethods=PLAIN,LOGIN\n[users]\n{user}={GOOD_PASSWORD}\n",
        "me": "mail.example.test\n",
        "host_list": "\n",
    }.items():
        (config / name).write_text(text)
    for name in ("tls_cert.pem", "tls_key.pem"):
        (config / name).write_bytes(certificate)
    command = ["node", package / "Haraka" / "bin" / "haraka", "-c", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for_ports(process, *ports.values())
            yield RealServer("Haraka", ports, lambda: _kept(folder / "queue"))
        finally:
            process.terminate()
            process.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


def _kept(queue: Path) -> list[bytes]:
    return [path.read_bytes() for path in queue.iterdir() if path.is_file() and not path.name.startswith("__tmp__")]
