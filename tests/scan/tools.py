"""Knows the scanners: how each is called, how long it may take, and how its findings are read."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv-scan" / "bin"
# Of wapiti's modules those that look for what somebody can do, not for which headers somebody likes.
MODULES = "sql,xss,permanentxss,redirect,csrf,crlf,file,exec,ssrf"


@dataclass(frozen=True, slots=True)
class Finding:
    tool: str
    kind: str
    place: str


def run(command: list[object], *, seconds: int, folder: Path) -> str:
    """Whatever it said within its time; a scanner that is not done by then is ended and what it found so far counts."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1"},
        )
    except subprocess.TimeoutExpired as late:
        sys.stderr.write(f"{command[0]} was ended after {seconds} s\n")
        return (late.stdout or b"").decode("utf-8", "replace")
    return done.stdout + done.stderr


def wapiti(url: str, folder: Path, *, seconds: int, cookie: str = "") -> list[Finding]:
    report = folder / "wapiti.json"
    report.unlink(missing_ok=True)
    command = [BIN / "wapiti", "-u", url, "-m", MODULES, "--scope", "folder", "-f", "json", "-o", report]
    command += ["--flush-session", "--no-bugreport", "--level", "1", "--store-session", folder]
    command += ["--max-scan-time", seconds // 4, "--max-attack-time", seconds // 16, "-v", "0", "-x", f"{url}sign-out"]
    command += ["-H", f"Cookie: {cookie}"] if cookie else []
    run(command, seconds=seconds, folder=folder)
    if not report.exists():
        return [Finding("wapiti", "no end within its time", urlsplit(url).path)]
    found = json.loads(report.read_text())["vulnerabilities"]
    return [Finding("wapiti", kind, urlsplit(each["path"]).path) for kind, hits in found.items() for each in hits]


def sqlmap(url: str, folder: Path, *, seconds: int) -> list[Finding]:
    command = [
        BIN / "sqlmap",
        "-u",
        url,
        "--batch",
        "--level",
        "2",
        "--dbms",
        "sqlite",
        "--flush-session",
        "--disable-coloring",
    ]
    said = run([*command, "--output-dir", folder / "sqlmap"], seconds=seconds, folder=folder)
    return (
        [Finding("sqlmap", "SQL Injection", urlsplit(url).path)] if "is vulnerable" in said or "Type: " in said else []
    )


def bandit(target: Path, folder: Path) -> list[Finding]:
    """Of medium severity and above."""
    said = run([BIN / "bandit", "-r", target, "-f", "json", "-q", "-ll"], seconds=120, folder=folder)
    results = json.loads(said[said.index("{") : said.rindex("}") + 1])["results"]
    return [
        Finding("bandit", each["test_id"], f"{Path(each['filename']).name}:{each['line_number']}") for each in results
    ]
