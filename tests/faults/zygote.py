"""Knows how to start a delivering process in an instant: a process that has imported everything forks at a word.

`python -m tests.faults.zygote FOLDER PORTS EPOCH DATABASE_URL` answers every line on its input with the number of a new process.
"""

import logging
import os
import select
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from portal.worker import loop
from portal.worker.lock import Post
from tests.fixtures_portal import build

# An hour passes in six seconds, so that nobody waits for a retry.
RATE = 600


class FastClock:
    """Every process that is told the same `epoch` (seconds since 1970) agrees on the time."""

    def __init__(self, epoch: float) -> None:
        self.epoch = epoch

    def __call__(self) -> datetime:

        return datetime.fromtimestamp(self.epoch, UTC) + timedelta(seconds=(time.time() - self.epoch) * RATE)


def main() -> None:
    folder, url = Path(sys.argv[1]), sys.argv[4]
    ports = frozenset(int(port) for port in sys.argv[2].split(","))
    loop._SWEEP_EVERY = 0.25
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _deliver(_built(folder, sys.argv[3], database_url=url, egress_ports=ports, senders=4), folder)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _built(folder: Path, epoch: str, **changes: object) -> Flask:
    """With the machine's own clocks where the epoch is "real"."""
    if epoch == "real":
        return build(folder, lambda: datetime.now(UTC), steady=time.monotonic, **changes)
    return build(folder, FastClock(float(epoch)), **changes)


def _deliver(app: Flask, folder: Path) -> None:
    """Until somebody ends this process, by force or by asking."""
    logging.basicConfig(filename=folder / "worker.log", level=logging.WARNING)
    logging.raiseExceptions = False  # the disk of the log may be full, too
    # Before the first thread: a signal that another thread is given does not wake this one.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    worker = app.extensions["portal.worker"]
    sys.stdin.close()
    worker.start()
    threading.Thread(target=_tell_key, args=(worker._post, folder), daemon=True).start()
    signal.sigwait({signal.SIGTERM})
    worker.stop()
    os._exit(0)


def _tell_key(post: Post, folder: Path) -> None:
    """Leave word under which key this process delivers, as soon as it may."""
    while not post.is_held:
        select.select([], [], [], 0.002)  # sleep() asks the clock, which libfaketime may be turning right now
    unfinished = folder / f"key.{os.getpid()}.new"
    unfinished.write_text(str(post.key))
    unfinished.rename(folder / f"key.{os.getpid()}")


if __name__ == "__main__":
    main()
