"""A mail server that takes everything, in a process of its own: plain, or TLS from the first byte with a sign-in.

python -m benchmarks.mail.sink PORT [CERTIFICATE]
"""

import contextlib
import socket
import ssl
import sys
import threading

_GREETING = b"220 sink.example.test ESMTP\r\n"
_HELLO = b"250-sink.example.test\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n"
_ANSWERS = {
    b"EHLO": _HELLO,
    b"AUTH": b"235 2.7.0 welcome\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}
_END = b"\r\n.\r\n"


def serve(port: int, certificate: str = "") -> None:
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", port), backlog=100) as listener:
        while True:
            link, _ = listener.accept()
            threading.Thread(target=_talk, args=(link, context), daemon=True).start()


def _talk(link: socket.socket, context: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            link = context.wrap_socket(link, server_side=True)
        link.sendall(_GREETING)
        _answer_all(link)
        link.close()


def _answer_all(link: socket.socket) -> None:
    buffer, inside = b"", False
    while data := link.recv(262_144):
        buffer = (
            buffer[-4:] + data
            if inside and len(buffer) > 65_536 and _END not in buffer[-65_536:] + data
            else buffer + data
        )
        answers = []
        while True:
            if inside:
                end = buffer.find(_END)
                if end < 0:
                    break
                buffer, inside = buffer[end + len(_END) :], False
                answers.append(b"250 2.0.0 taken\r\n")
                continue
            line, found, rest = buffer.partition(b"\r\n")
            if not found:
                break
            verb = line[:4].upper()
            answers.append(_ANSWERS.get(verb, b"250 2.1.0 fine\r\n"))
            # The end of the content may follow at once: its first line end is the one of DATA.
            buffer, inside = (b"\r\n" + rest, True) if verb == b"DATA" else (rest, False)
            if verb == b"QUIT":
                link.sendall(b"".join(answers))
                return
        if answers:
            link.sendall(b"".join(answers))


if __name__ == "__main__":
    serve(int(sys.argv[1]), *sys.argv[2:3])
