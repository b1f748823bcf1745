"""Knows the usual stack: a task queue, one task for each mail, EmailMessage, a connection for each mail.

As its worker: celery --app benchmarks.delivery.usual worker
"""

import os
import resource
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from celery import Celery

from benchmarks.mail import letters
from benchmarks.mail.contenders import HOST
from benchmarks.mail.stage import PASSWORD, USER, Place
from benchmarks.rounds import Measure, MissingError, Sample

_DONE = "mails-done"
_BROKER = os.environ.get("USUAL_BROKER", "redis://127.0.0.1:6379/0")
engine = Celery("usual", broker=_BROKER)
engine.conf.update(worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)


@engine.task  # type: ignore[untyped-decorator]
def send_mail(port: int, authorities: str, number: int, text: str) -> None:
    """As its users write it, at their best: one verifying context for the life of the process."""
    message = letters.theirs(number, text)
    with _connected(port, authorities) as client:
        client.send_message(message)
    _counter().incr(_DONE)


_contexts: dict[str, ssl.SSLContext] = {}
_counters: list[redis.Redis] = []


def _connected(port: int, authorities: str) -> smtplib.SMTP:
    if not authorities:
        return smtplib.SMTP(HOST, port)
    context = _contexts.setdefault(authorities, ssl.create_default_context(cafile=authorities))
    client = smtplib.SMTP_SSL(HOST, port, context=context)
    client.login(USER, PASSWORD)
    return client


def _counter() -> redis.Redis:
    if not _counters:
        _counters.append(redis.Redis.from_url(_BROKER))
    return _counters[0]


@contextmanager
def broker() -> Iterator[str]:
    """One that keeps everything in memory only, which is the fastest it can be; its address is empty where none is."""
    program = shutil.which("redis-server")
    if program is None:
        yield ""
        return
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        url = f"redis://127.0.0.1:{port}/0"
        _await(redis.Redis.from_url(url))
        engine.conf.broker_url = url
        try:
            yield url
        finally:
            process.terminate()


@contextmanager
def stack(url: str, place: Place, count: int) -> Iterator[Measure]:
    """One worker, on the same core as whoever hands the mails in."""
    if not url:
        yield _missing
        return
    worker = [sys.executable, "-m", "celery", "--app", "benchmarks.delivery.usual", "worker", "--pool", "solo"]
    environ = {**os.environ, "USUAL_BROKER": url}
    with subprocess.Popen(
        [*worker, "--loglevel", "critical"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield lambda: _measured(redis.Redis.from_url(url), place, count)
        finally:
            process.terminate()


def _measured(link: redis.Redis, place: Place, count: int) -> Sample:
    """From the first task that is handed in to the last that is done. The worker's processor time is not known here."""
    link.set(_DONE, 0)
    began, cpu = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    for number in range(count):
        send_mail.delay(place.port, place.authorities, number, letters.text_of(number, "2 KB"))
    while int(link.get(_DONE) or 0) < count:  # type: ignore[arg-type]
        if time.perf_counter() - began > 120:
            raise MissingError("its worker does not answer")
        time.sleep(0.002)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return Sample((time.perf_counter() - began) / count, (after.ru_utime - cpu.ru_utime) / count)


def _missing() -> Sample:
    raise MissingError("redis-server is not installed")


def _await(link: redis.Redis) -> None:
    for _ in range(100):
        try:
            link.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise MissingError("redis-server does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
