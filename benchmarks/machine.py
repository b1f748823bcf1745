"""Knows on what a run was made: the processor, the kernel and the versions of everything that took part."""

import os
import platform
import shutil
import ssl
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PEERS = ("flask-mail", "flask-mailman", "django", "aiosmtplib")


def described() -> str:
    """A paragraph for the head of the tables."""
    parts = [
        f"{os.cpu_count()} cores, {_processor()}",
        f"Linux {platform.release().split('-')[0]}",
        f"CPython {platform.python_version()}",
        ssl.OPENSSL_VERSION,
        *(f"{name} {found}" for name in PEERS if (found := _version(name))),
        *_programs(),
    ]
    return ", ".join(parts)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _programs() -> list[str]:
    found = []
    for command in (["postconf", "-h", "mail_version"], ["node", "--version"]):
        path = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin")
        if path:
            told = subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False).stdout.strip()
            found.append(f"{'Postfix' if 'post' in command[0] else 'node'} {told}")
    return found
