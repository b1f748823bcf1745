"""Knows the scanners: how each is called, how long it may take, and how its findings are read."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv-scan" / "bin"
SCHEMATHESIS = ROOT / ".venv-schemathesis" / "bin" / "schemathesis"
# Of wapiti's modules those that look for what somebody can do, not for which headers somebody likes.
MODULES = ("sql", "xss", "permanentxss", "redirect", "csrf", "crlf", "file", "exec", "ssrf")
# How far it goes: pages below one another, and links of a page.
BOUNDS = ("-d", 6, "--max-links-per-page", 60, "--tasks", 2)
# What schemathesis asks of an answer; the last one stands in schemathesis_hooks.py.
_CHECKS = ("not_a_server_error", "status_code_conformance", "gives_nothing_away")
_CUT_SHORT = re.compile(r"Max (?:attack time was reached for module (\w+)|(scan) time was reached)")


@dataclass(frozen=True, slots=True)
class Finding:
    tool: str
    kind: str
    place: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A scanner that is at work, and what it will have written when it is done."""

    running: Popen
    report: Path

    def findings(self, whom: str) -> list[Finding]:
        """Tells how far it came; that it came nowhere is a finding."""
        if not self.report.exists():
            return [Finding("schemathesis", "no end within its time", whom)]
        told = json.loads(self.report.read_text())
        ways, cases = told["operations"], told["test_cases"]["generated"]
        sys.stdout.write(
            f"schemathesis as {whom}: {cases} requests, {ways['tested']} of {ways['selected']} ways at least once\n"
        )
        errors = [Finding("schemathesis", "no test", str(each)[:200]) for each in told["errors"]]
        return errors + [
            Finding("schemathesis", each["title"], place) for each in told["failures"] for place in each["operations"]
        ]


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


def wapiti(url: str, folder: Path, *, crawl: int, attack: int, cookie: str = "") -> list[Finding]:
    """`crawl` and `attack` are the seconds that looking around, and each module, may take.

    What was cut short is told, because it was not looked at; that it did not end at all is a finding.
    """
    report = folder / "wapiti.json"
    report.unlink(missing_ok=True)
    command = [BIN / "wapiti", "-u", url, "-m", ",".join(MODULES), "--scope", "folder", "-f", "json", "-o", report]
    command += ["--flush-session", "--no-bugreport", "--level", "1", "--store-session", folder, *BOUNDS]
    command += ["--max-scan-time", crawl, "--max-attack-time", attack, "-v", "1", "--skip", "csrf_token"]
    command += ["-x", f"{url}sign-out", "-x", f"{url}assets/*", "-x", f"{url}me/sessions/*"]
    command += ["-H", f"Cookie: {cookie}"] if cookie else []
    said = run(command, seconds=crawl + attack * len(MODULES) + 120, folder=folder)
    cut_short = ["".join(each) for each in _CUT_SHORT.findall(said)]
    sys.stdout.write(f"wapiti at {urlsplit(url).path}: cut short: {', '.join(cut_short) or 'nothing'}\n")
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


@contextmanager
def schemathesis(url: str, description: Mapping[str, object], folder: Path, **how: object) -> Iterator[Asked]:
    """Lets it ask every way of the description, while the caller serves; its findings stand in the report when it is done.

    `seconds` is how long it may ask, `cookie` whoever asks, `secrets` what no answer may hold.
    """
    seconds, cookie, secrets = how["seconds"], how.get("cookie", ""), how.get("secrets", ())
    written = {name: folder / f"schemathesis-{name}.json" for name in ("description", "secrets", "report")}
    written["description"].write_text(json.dumps(description))
    written["secrets"].write_text(json.dumps(list(secrets)))
    written["report"].unlink(missing_ok=True)
    command = [SCHEMATHESIS, "run", written["description"], "--url", url, "--checks", ",".join(_CHECKS)]
    command += ["--phases", "coverage,fuzzing", "--max-examples", 6, "--max-time", seconds, "--seed", 1, "--no-shrink"]
    command += ["--continue-on-failure", "--max-redirects", 0, "--request-timeout", 20, "--warnings", "off"]
    command += ["--suppress-health-check", "all", "--report", "json", "--report-json-path", written["report"]]
    command += ["-H", f"Cookie: {cookie}"] if cookie else []
    known = {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(Path(__file__).parent)}
    known |= {"HOME": str(folder), "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1"}
    with Popen(
        [str(part) for part in command],
        cwd=folder,
        env={**known, "SCAN_SECRETS": str(written["secrets"])},
        stdout=DEVNULL,
        stderr=DEVNULL,
    ) as running:
        late = threading.Timer(seconds * 2 + 60, running.kill)
        late.start()
        yield Asked(running, written["report"])
        running.wait()
        late.cancel()


def bandit(target: Path, folder: Path) -> list[Finding]:
    """Of medium severity and above."""
    said = run([BIN / "bandit", "-r", target, "-f", "json", "-q", "-ll"], seconds=120, folder=folder)
    results = json.loads(said[said.index("{") : said.rindex("}") + 1])["results"]
    return [
        Finding("bandit", each["test_id"], f"{Path(each['filename']).name}:{each['line_number']}") for each in results
    ]
