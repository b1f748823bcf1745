"""Knows a portal whose disk is full: what it refuses, what it still shows, and how soon it works again with room on it."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from portal.domain.delivery import State
from portal.domain.errors import UnavailableError
from portal.domain.ids import MessageId
from portal.domain.outgoing import Mailbox, Outgoing
from tests.faults.storm import Outcome, Storm, _until
from tests.fixtures_portal import build
from tests.page import Browser

_SIZE = 24  # mebibytes
_FULL_FOR = 1.0  # seconds
_MOST_HANDED_IN = 4000  # mails until a disk without room has to refuse one


class NoDiskError(Exception):
    """Here no disk of our own can be had."""


@dataclass(frozen=True)
class Disk:
    folder: Path

    def fill(self) -> None:
        """Leave not one block."""
        with (self.folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(b"\0" * 4096)

    def free(self) -> None:
        (self.folder / "filler").unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A file system in memory, of its own, at `folder`. Raises NoDiskError where nobody may mount one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}m,mode=700", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        raise NoDiskError(mounted.stderr.decode(errors="replace").strip())
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@dataclass
class Fullness:
    """What people met: `pages` shown while the disk was full, `refusals` that said so, and milliseconds to recover."""

    outcome: Outcome
    pages: int = 0
    refusals: int = 0
    recoveries: list[float] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.outcome.line('times a full disk')}; {self.pages} pages shown and {self.refusals} forms refused meanwhile;"
            f" mail flowed again within {max(self.recoveries):.0f} ms at most"
        )


def fill_and_free(storm: Storm, disk: Disk, times: int) -> Fullness:
    """Fill the disk while mail is handed in and delivered, look at the portal meanwhile, and free it again."""
    later = storm.clock() + timedelta(days=30)
    # Its clock stands, and ahead of the others', for which an hour passes in six seconds: so Sue stays signed in.
    pages = build(storm.folder, lambda: later, database_url=storm.url)
    browser = Browser.of(pages, storm.cast.sue)
    met = Fullness(storm.outcome(0, []))
    for _ in range(times):
        storm.feed(0.1)
        disk.fill()
        _hand_in_until_refused(storm)
        _look(browser, storm, met)
        time.sleep(_FULL_FOR)
        disk.free()
        met.recoveries.append(_recovered(storm))
        assert browser.client.get("/readyz").json["disk"] == "ok"
    storm.settle()
    met.outcome = storm.outcome(times, [])
    return met


def _hand_in_until_refused(storm: Storm) -> None:
    for _ in range(_MOST_HANDED_IN):
        try:
            storm.sent.append(_hand_in(storm))
        except UnavailableError:
            return
    raise AssertionError("a full disk takes everything")


def _hand_in(storm: Storm) -> MessageId:
    content = Outgoing(f"Mail {len(storm.sent)}", "A line.\n" * 200)
    to = (Mailbox("cal@demo.test"),)
    return storm.cast.services.sending.send(tenant_id=storm.cast.rex.tenant.id, to=to, content=content)[0]


def _look(browser: Browser, storm: Storm, met: Fullness) -> None:
    """Every page of a few can be read; a form is refused with the reason, and the machine that watches is told."""
    tenant = f"/t/{storm.cast.sue.tenant.id}"
    for path in ("/mail-configs", "/mail-log", "/profiles"):
        answer = browser.get(tenant + path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-800:])
        met.pages += 1
    answer = _saved(browser, tenant)
    assert (answer.status_code, "The disk of this portal is full" in answer.text) == (503, True), answer.text
    met.refusals += 1
    watched = browser.client.get("/readyz")
    assert (watched.status_code, watched.json["disk"]) == (503, "full")


def _saved(browser: Browser, tenant: str):
    """Save something, again and again while small things find room."""
    for number in range(200):
        answer = browser.post(f"{tenant}/profiles", {"name": f"Profile {time.monotonic_ns()} {number}"})
        if answer.status_code != 303:
            break
    return answer


def _recovered(storm: Storm) -> float:
    """Milliseconds until a new mail was taken and delivered."""
    began = time.monotonic()
    storm.sent.append(latest := _hand_in(storm))
    _until(lambda: storm.states()[latest] is State.SENT or None, "nothing is delivered although there is room again")
    return (time.monotonic() - began) * 1000
