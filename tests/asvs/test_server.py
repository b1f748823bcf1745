"""The server as it is delivered: where one request ends and the next begins is never a matter of opinion."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(120)

CHUNKED = b"Transfer-Encoding: chunked\r\n"
# What one part may read as the body of a request, and another as a request of its own.
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Hidden: yes\r\n\r\n"
TWO_ENDS = {
    "a length and chunks": b"Content-Length: 5\r\n" + CHUNKED,
    "chunks and a length": CHUNKED + b"Content-Length: 5\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n",
    "two lengths in one": b"Content-Length: 5, 6\r\n",
    "a length with a sign": b"Content-Length: +5\r\n",
    "a length below nothing": b"Content-Length: -5\r\n",
    "a length in hexadecimal": b"Content-Length: 0x5\r\n",
    "a length in Arabic digits": "Content-Length: ٥\r\n".encode(),
    "chunks that are not the last coding": b"Transfer-Encoding: chunked, identity\r\n",
    "a coding that nobody knows": b"Transfer-Encoding: xchunked\r\n",
    "chunks twice": CHUNKED + CHUNKED,
    "a name with a blank before the colon": b"Transfer-Encoding : chunked\r\n",
    "a name with a blank before it": b"X: y\r\n Transfer-Encoding: chunked\r\n",
    "a name with an underscore beside it": b"Content-Length: 5\r\nTransfer_Encoding: chunked\r\n" + CHUNKED,
    "a tab in the coding": b"Transfer-Encoding:\x0bchunked\r\n",
    "a line that ends in CR alone": b"X: y\rTransfer-Encoding: chunked\r\n",
}
BAD_CHUNKS = {
    "a length with a sign": b"+0\r\n\r\n",
    "a length with a prefix": b"0x0\r\n\r\n",
    "a length that is no number": b"zero\r\n\r\n",
    "a chunk longer than it says": b"1\r\nab\r\n0\r\n\r\n",
    "a length of many digits": b"fffffffffffffffffff\r\n\r\n",
}


@pytest.fixture(scope="module")
def port(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(empty_database, folder / "portal.db")
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    environ = {"PATH": os.environ["PATH"], "PORT": str(number), "PORTAL_INSTANCE_DIR": str(folder)}
    server = [str(Path(sys.executable).with_name("gunicorn")), "-c", "gunicorn.conf.py", "wsgi:app"]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(server, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        wait_for(number)
        yield number
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=3).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not start")


def statuses_of(port: int, request: bytes, following: bytes) -> list[bytes]:
    """What a request is answered, and what the next one is, on the same connection as long as that is there."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as link, suppress(TimeoutError, ConnectionError):
        link.sendall(request)
        answer += link.recv(65536)
        time.sleep(0.2)
        link.sendall(following)
        while piece := link.recv(65536):
            answer += piece
    return re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)


def request_with(headers: bytes, method: str = "GET", path: str = "/healthz") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode() + headers + b"\r\n"


@pytest.mark.asvs("4.2.1")
@pytest.mark.parametrize("headers", TWO_ENDS.values(), ids=TWO_ENDS)
def test_a_request_that_ends_in_two_ways_is_refused_and_nothing_behind_it_is_read(port, headers):
    answered = statuses_of(port, request_with(headers) + b"0\r\n\r\n" + HIDDEN, HIDDEN)

    assert answered in ([], [b"400"], [b"501"])


@pytest.mark.asvs("4.2.1")
@pytest.mark.parametrize("chunks", BAD_CHUNKS.values(), ids=BAD_CHUNKS)
def test_chunks_that_are_none_end_the_connection(port, chunks):
    answered = statuses_of(port, request_with(CHUNKED, "POST", "/sign-in") + chunks, HIDDEN)

    assert set(answered) <= {b"400"}


@pytest.mark.parametrize("body", [b"Content-Length: 3\r\n\r\na=b", CHUNKED + b"\r\n3\r\na=b\r\n0\r\n\r\n"])
@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/healthz", b"200"), ("POST", "/sign-in", b"400")])
def test_what_ends_in_one_way_is_answered_and_so_is_the_next(port, body, method, path, status):
    """Else the refusals above would say nothing."""
    assert statuses_of(port, request_with(b"", method, path)[:-2] + body, HIDDEN) == [status, b"200"]
