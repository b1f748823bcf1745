"""The table: stage × fault → code, as `threats.md` of the design has it, with the exceptions of each mode spelled out."""

import base64
import itertools
import ssl
from urllib.parse import quote

from portal.domain.diagnosis import Code
from portal.domain.mail_config import Encryption
from tests import certificates
from tests.evil import impostors
from tests.evil.scenario import EXTENSIONS, Scenario
from tests.evil.server import After, UnderTls
from tests.scripted_smtp import CLOSE, RESET, SILENCE, Drip, Endless, ThenClose
from tests.wire import PASSWORD, USERNAME

NONE, STARTTLS, TLS = Encryption.NONE, Encryption.STARTTLS, Encryption.TLS
MODES = (TLS, STARTTLS, NONE)
ENCRYPTED = (TLS, STARTTLS)

SECRETS = (
    PASSWORD.encode(),
    base64.b64encode(PASSWORD.encode()),
    base64.b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()),
    PASSWORD.encode().hex().encode(),
    quote(PASSWORD).encode(),
)
_ODD = b"\xff\xfe \x00 \x1b[31mred\x1b[0m \xe2\x80\xae \x07"
_ECHO = b"you said " + b" and ".join(SECRETS)

# The good reply of each stage, a passing and a lasting refusal, a reply of the wrong class, and the stage's modes.
STAGES = {
    "banner": (220, 450, 554, 354, MODES),
    "ehlo": (250, 450, 502, 354, MODES),
    "starttls": (220, 454, 502, 354, (STARTTLS,)),
    "ehlo2": (250, 450, 502, 354, (STARTTLS,)),
    "auth": (235, 454, 535, 354, MODES),
    "mail": (250, 452, 550, 354, MODES),
    "rcpt": (250, 450, 550, 354, MODES),
    "data": (354, 451, 554, 250, MODES),
    "dot": (250, 451, 554, 354, MODES),
    "quit": (221, 421, 500, 354, MODES),
}


def faults(good, passing, lasting, wrong):
    """Each fault of a stage with the code that it has unless the stage says otherwise."""
    ok = b"%d" % good
    return {
        "close": (CLOSE, Code.LOST),
        "reset": (After(0.1, RESET), Code.LOST),
        "silence": (SILENCE, Code.SLOW),
        "drip": (Drip(ok + b"-slow " + b"x" * 200), Code.SLOW),
        "endless reply": (Endless((ok + b"-more and more\r\n") * 50), Code.FLOOD),
        "endless line": (Endless((ok + b" ") * 500), Code.FLOOD),
        "10 kB line": (ok + b" " + b"x" * 10_000 + b"\r\n", Code.FLOOD),
        "101 lines": ((ok + b"-line\r\n") * 100 + ok + b" line\r\n", Code.FLOOD),
        "binary": (bytes(range(256)), Code.GARBAGE),
        "prose": (b"well, hello there\r\n", Code.GARBAGE),
        "mixed codes": (b"%d-one\r\n%d two\r\n" % (good, good + 1), Code.GARBAGE),
        "four digits": (ok + b"0 fine\r\n", Code.GARBAGE),
        "code 199": (b"199 perhaps\r\n", Code.GARBAGE),
        "half a code": (ThenClose(ok[:2]), Code.LOST),
        "wrong class": (b"%d what?\r\n" % wrong, Code.UNEXPECTED),
        "leaving": (b"421 4.3.2 leaving\r\n", Code.BUSY),
        "passing": (b"%d not now\r\n" % passing, Code.BUSY),
        "lasting": (b"%d never\r\n" % lasting, Code.SERVER_REFUSED),
        "echo": (b"%d %b\r\n" % (lasting, _ECHO), Code.SERVER_REFUSED),
        "odd text": (ok + b" " + _ODD + b"\r\n", Code.OK),
        "bare LF": (ok + b" fine\n", Code.OK),
        "no text": (ok + b"\r\n", Code.OK),
        "answered twice": ((ok + b" fine\r\n") * 2, Code.UNEXPECTED),
    }


_NO_SMTP = dict.fromkeys(("binary", "prose", "mixed codes", "four digits", "code 199", "wrong class"), Code.NOT_SMTP)
_GONE = ("close", "reset", "half a code")
_REFUSED = ("lasting", "echo")
_CLEAR = ("odd text", "bare LF", "no text", "answered twice", "leaving", "passing", *_REFUSED)
_NO_OFFER = {STARTTLS: Code.TLS_MISSING}
# HELO is spoken in mode none alone: it can neither encrypt nor say that it cannot.
_OLD_WAY = {NONE: Code.OK, STARTTLS: Code.TLS_MISSING}

# Where a stage differs: a code, or codes by mode for the modes that differ.
EXCEPTIONS = {
    "banner": {**_NO_SMTP, "silence": Code.SILENT},
    "ehlo": {
        **dict.fromkeys(_REFUSED, _OLD_WAY),
        **dict.fromkeys(("odd text", "bare LF", "no text", "answered twice"), _NO_OFFER),
    },
    "starttls": {
        **dict.fromkeys((*_GONE, "wrong class", "leaving", "passing", *_REFUSED), Code.TLS_MISSING),
        "answered twice": Code.TLS_INJECTED,
    },
    "auth": {
        **dict.fromkeys((*_GONE, "leaving", "passing"), Code.AUTH_TEMPORARY),
        **dict.fromkeys(_REFUSED, Code.AUTH_REJECTED),
    },
    "mail": dict.fromkeys(_REFUSED, Code.SENDER_REJECTED),
    "rcpt": {"passing": Code.RECIPIENT_TEMPORARY, **dict.fromkeys(_REFUSED, Code.RECIPIENT_REJECTED)},
    "data": dict.fromkeys(("passing", *_REFUSED), Code.UNEXPECTED),
    # Once the dot has left, only a clear answer tells what became of the mail.
    "dot": {
        **{fault: Code.UNKNOWN for fault in faults(250, 451, 554, 354) if fault not in _CLEAR},
        **dict.fromkeys(_REFUSED, Code.CONTENT_REJECTED),
        "answered twice": Code.OK,
    },
    # What was accepted stays accepted, however the server says goodbye.
    "quit": dict.fromkeys(faults(221, 421, 500, 354), Code.OK),
}

# Said in one write where the server offers that: the outcome is the same.
_SAID_AHEAD = ("mail", "rcpt", "data", "dot")

# Each reply within its own deadline, all of them together beyond the session's.
_SLOW_EVERYWHERE = {
    stage: Drip(text, 0.5 / len(text))
    for stage, text in {
        "banner": b"220 mail.example.test\r\n",
        "ehlo": b"250-mail.example.test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
        "ehlo2": b"250-mail.example.test\r\n250 AUTH PLAIN\r\n",
        "auth": b"235 welcome\r\n",
        "mail": b"250 fine\r\n",
        "rcpt": b"250 fine\r\n",
    }.items()
}

# More that a server may say at one stage, with the same outcome in every mode.
REPLIES = [
    ("banner", b"SSH-2.0-OpenSSH_9.2\r\n", Code.NOT_SMTP),
    ("banner", b"+OK POP3 ready\r\n", Code.NOT_SMTP),
    ("banner", b"HTTP/1.1 400 Bad Request\r\n\r\n", Code.NOT_SMTP),
    ("banner", b"200 news server\r\n", Code.NOT_SMTP),
    ("auth", b"534 5.7.9 too weak\r\n", Code.AUTH_REJECTED),
    ("auth", b"538 5.7.11 encrypt first\r\n", Code.AUTH_REJECTED),
    ("auth", b"504 5.5.4 unknown mechanism\r\n", Code.AUTH_UNSUPPORTED),
    ("auth", b"432 4.7.12 transition\r\n", Code.AUTH_TEMPORARY),
    ("mail", b"552 5.3.4 too big\r\n", Code.TOO_LARGE),
    ("mail", b"530 5.7.0 Authentication required\r\n", Code.AUTH_REJECTED),
    ("rcpt", b"251 forwarded\r\n", Code.OK),
    ("rcpt", b"252 perhaps\r\n", Code.OK),
    ("rcpt", b"552 5.5.3 too many\r\n", Code.RECIPIENT_TEMPORARY),
    ("dot", b"552 5.3.4 too big\r\n", Code.TOO_LARGE),
    ("dot", b"552 5.2.2 mailbox full\r\n", Code.CONTENT_REJECTED),
    ("dot", ThenClose(b"250 2.0.0 queued\r\n"), Code.OK),
]

# After the client's first handshake message.
HANDSHAKES = {
    "cut": (CLOSE, Code.TLS_FAILED),
    "reset": (After(0.1, RESET), Code.TLS_FAILED),
    "silence": (SILENCE, Code.TLS_FAILED),
    "drip": (Drip(b"\x16\x03\x03\x00\xff" + b"\x02" * 200), Code.TLS_FAILED),
    "endless clear text": (Endless(b"250-more and more\r\n" * 50), Code.TLS_FAILED),
    "late injection": (b"250-evil\r\n250 AUTH PLAIN\r\n", Code.TLS_FAILED),
    "binary": (bytes(range(256)), Code.TLS_FAILED),
    "alert": (b"\x15\x03\x03\x00\x02\x02\x28", Code.TLS_FAILED),
    "alert of an old version": (b"\x15\x03\x01\x00\x02\x02\x46", Code.TLS_OLD),
}

# What stands in the same packet as the 220 to STARTTLS.
INJECTIONS = {
    "a reply": b"250-evil\r\n250 AUTH PLAIN LOGIN\r\n",
    "half a reply": b"2",
    "a handshake message": b"\x16\x03\x03",
    "a lone line end": b"\r\n",
}

_UNUSED = "credentials-unused"
OFFERS = {
    "none": ((), Code.OK, _UNUSED),
    "unknown mechanisms": (("AUTH CRAM-MD5 XOAUTH2 GSSAPI",), Code.AUTH_UNSUPPORTED, ""),
    "no mechanism": (("AUTH",), Code.AUTH_UNSUPPORTED, ""),
    "a mechanism of a similar name": (("AUTH PLAINTEXT XLOGIN",), Code.AUTH_UNSUPPORTED, ""),
    "LOGIN alone": (("AUTH LOGIN",), Code.OK, ""),
    "PLAIN alone": (("AUTH PLAIN",), Code.OK, ""),
    "small letters": (("auth plain",), Code.OK, ""),
    "the old spelling": (("AUTH=PLAIN",), Code.OK, ""),
    "twice": (("AUTH CRAM-MD5", "AUTH LOGIN"), Code.OK, ""),
    "both spellings": (("AUTH=LOGIN", "AUTH LOGIN"), Code.OK, ""),
    "blanks": (("AUTH   PLAIN   LOGIN",), Code.OK, ""),
    "among 90 others": (("AUTH " + " ".join(f"X{number}" for number in range(90)) + " PLAIN",), Code.OK, ""),
}

# What else a server offers or does not.
ABILITIES = {
    "no SIZE": (("8BITMIME", "AUTH PLAIN"), Code.OK),
    "no 8BITMIME": (("SIZE 1000000", "AUTH PLAIN"), Code.OK),
    "SIZE too small": (("SIZE 10", "AUTH PLAIN"), Code.TOO_LARGE),
    "SIZE 0": (("SIZE 0", "AUTH PLAIN"), Code.OK),
    "SIZE nonsense": (("SIZE many", "AUTH PLAIN"), Code.OK),
    "SIZE beyond numbers": (("SIZE " + "9" * 900, "AUTH PLAIN"), Code.OK),
    "90 unknown extensions": ((*(f"X-{number}" for number in range(90)), "AUTH PLAIN"), Code.OK),
    "binary extensions": (("X\x00\x1b[31m\x7f", "AUTH PLAIN"), Code.OK),
}


def scenarios():
    return list(
        itertools.chain(
            _staged(), _more_replies(), _handshakes(), _impostors(), _starttls(), _offers(), _bodies(), _transports()
        )
    )


def _staged():
    for stage, (*codes, modes) in STAGES.items():
        for fault, (act, usual) in faults(*codes).items():
            for mode in modes:
                code = EXCEPTIONS.get(stage, {}).get(fault, usual)
                code = code.get(mode, usual) if isinstance(code, dict) else code
                yield _scenario(f"{stage}-{fault}", mode, code, script={stage: act})
                if stage in _SAID_AHEAD:
                    in_groups = {"script": {stage: act}, "extensions": (*EXTENSIONS, "PIPELINING")}
                    yield _scenario(f"{stage} of a group-{fault}", mode, code, **in_groups)


def _more_replies():
    for (stage, act, code), mode in itertools.product(REPLIES, MODES):
        text = f"{act.text.decode().strip()}, then closes" if isinstance(act, ThenClose) else act.decode().strip()
        yield _scenario(f"{stage}-says {' '.join(text.split())}", mode, code, script={stage: act})


def _handshakes():
    for (name, (act, code)), mode in itertools.product(HANDSHAKES.items(), ENCRYPTED):
        yield _scenario(f"handshake-{name}", mode, code, script={"handshake": act}, is_believed=False)
    for (name, (shows, code)), mode in itertools.product(_OLD_SERVERS.items(), ENCRYPTED):
        yield _scenario(f"handshake-{name}", mode, code, shows=shows, is_believed=False)


def _impostors():
    for (name, (shows, typed, code)), mode in itertools.product(impostors.IMPOSTORS.items(), ENCRYPTED):
        yield _scenario(f"certificate-{name}", mode, code, shows=shows, typed=typed, is_believed=False)
    for mode in ENCRYPTED:
        pin = {"shows": impostors.good, "typed": lambda: impostors.pin_of(certificates.good())}
        yield _scenario("certificate-the pinned key", mode, Code.OK, **pin)
    # The second look, which asks what certificate that was, meets a server that has had enough.
    shows, typed, code = impostors.IMPOSTORS["unknown authority"]
    for name, act in {"silent": SILENCE, "gone": CLOSE, "flooding": Endless(b"220-more\r\n" * 50)}.items():
        script = {"banner": [b"220 hello\r\n", act]}
        stranger = {"script": script, "shows": shows, "typed": typed, "is_believed": False}
        yield _scenario(f"certificate-and then {name}", STARTTLS, code, **stranger)


def _starttls():
    yield _scenario("starttls-stripped", STARTTLS, Code.TLS_MISSING, shows=lambda: None, is_believed=False)
    for name, text in INJECTIONS.items():
        script = {"starttls": b"220 go ahead\r\n" + text}
        yield _scenario(f"starttls-injected {name}", STARTTLS, Code.TLS_INJECTED, script=script, is_believed=False)
    twice = {"ehlo2": b"250 evil\r\n250-mail.example.test\r\n250 AUTH PLAIN\r\n"}
    yield _scenario("starttls-answers queued inside", STARTTLS, Code.UNEXPECTED, script=twice)


def _offers():
    for (name, (offer, code, note)), mode in itertools.product(OFFERS.items(), MODES):
        extensions = ("SIZE 1000000", *offer)
        yield _scenario(f"auth-offered {name}", mode, code, extensions=extensions, note=note)
    for (name, (extensions, code)), mode in itertools.product(ABILITIES.items(), MODES):
        yield _scenario(f"offers-{name}", mode, code, extensions=extensions)
    yield _scenario("auth-without consent", NONE, Code.AUTH_CLEARTEXT, consents=False, is_believed=False)
    no_helo = {"ehlo": b"502 what?\r\n", "helo": b"502 what?\r\n"}
    yield _scenario("ehlo-and helo refused", NONE, Code.SERVER_REFUSED, script=no_helo)


def _bodies():
    """A server that leaves during the body is noticed before the dot or, if it was quick, only after it."""
    either = (Code.LOST, Code.UNKNOWN)
    for mode in MODES:
        yield _scenario("body-close", mode, *either, script={"body": CLOSE})
        yield _scenario("body-reset", mode, *either, script={"body": RESET})
        leaving = {"body": ThenClose(b"421 4.3.2 leaving\r\n")}
        yield _scenario("body-leaving", mode, Code.BUSY, *either, script=leaving)
        yield _scenario("every stage-slow", mode, Code.SLOW, script=_SLOW_EVERYWHERE)


def _transports():
    for mode in MODES:
        yield _scenario("port-closed", mode, Code.REFUSED, listens=False)
    yield _scenario("port-speaks in clear", TLS, Code.TLS_FAILED, speaks_tls_first=False, is_believed=False)
    for mode in (STARTTLS, NONE):
        yield _scenario("port-waits for a handshake", mode, Code.SILENT, speaks_tls_first=True, is_believed=False)
    under = {"auth": Code.AUTH_TEMPORARY, "mail": Code.LOST, "rcpt": Code.LOST, "dot": Code.UNKNOWN, "quit": Code.OK}
    for (stage, code), mode in itertools.product(under.items(), ENCRYPTED):
        yield _scenario(f"{stage}-in clear under TLS", mode, code, script={stage: UnderTls(b"250 fine\r\n")})


def _scenario(name, mode, *codes, **rest):
    return Scenario(name, mode, frozenset(codes), **{"extensions": EXTENSIONS, **rest})


def _old():
    context = certificates.serving(certificates.good(), newest=ssl.TLSVersion.TLSv1_1, oldest=ssl.TLSVersion.TLSv1)
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _odd_cipher():
    context = certificates.serving(certificates.good(), newest=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    return context


_OLD_SERVERS = {"TLS 1.1": (_old, Code.TLS_OLD), "no common cipher": (_odd_cipher, Code.TLS_FAILED)}
