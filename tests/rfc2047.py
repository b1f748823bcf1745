"""A second, strict reader of mail, written from the RFCs and sharing no code with the portal or the standard parser."""

import base64
import codecs
import re

_WORD = re.compile(r"=\?([A-Za-z0-9_-]+)\?([bq])\?([!->@-~]*)\?=\Z")
_Q = re.compile(r"(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})*\Z")
_QP_LINE = re.compile(rb"(?:[\t -<>-~]|=[0-9A-F]{2}){0,75}(?:[!-<>-~]|=[0-9A-F]{2}|=)?\Z")
_MAILBOX = re.compile(r' ?(?:(?:"((?:[^"\\]|\\.)*)" |([^"\\<>()@:;,.\[\]]*) |)<([^<>, ]+)>|([^"\\<>, ]+))(?:,|\Z)')
_ESCAPE = re.compile(rb"\x1b[$(].")
# IANA names that Python does not know.
_PYTHON_NAMES = {"windows-31j": "cp932", "windows-874": "cp874"}


def codec_of(label):
    return codecs.lookup(_PYTHON_NAMES.get(label, label))


def fields_of(entity):
    """Field names and unfolded values of an entity, and its body."""
    head, _, body = entity.partition(b"\r\n\r\n")
    fields = []
    for line in head.decode().split("\r\n"):
        assert line.strip(), "a blank line in a header"
        if line[0] in " \t":  # servers on the way fold their Received fields with tabs
            fields[-1] = (fields[-1][0], fields[-1][1] + line)
        else:
            name, colon, value = line.partition(":")
            assert colon, line
            fields.append((name, value))
    return [(name, value.removeprefix(" ")) for name, value in fields], body


def text_of(value):
    """An unstructured field: encoded words stand between blanks; blanks between two of them vanish."""
    result, after_word = "", True
    for blanks, run in re.findall(r"( *)([^ ]+)", value):
        is_word = run.startswith("=?")
        result += ("" if is_word and after_word and result else blanks) + (word_of(run) if is_word else run)
        after_word = is_word
    return result


def word_of(run):
    match = _WORD.match(run)
    assert match, f"malformed: {run}"
    assert len(run) <= 75
    label, encoding, payload = match.groups()
    if encoding == "b":
        octets = base64.b64decode(payload, validate=True)
    else:
        assert _Q.match(payload), payload
        octets = re.sub(rb"=(..)", lambda hit: bytes.fromhex(hit[1].decode()), payload.replace("_", " ").encode())
    if label == "iso-2022-jp" and b"\x1b" in octets:
        assert _ESCAPE.findall(octets)[-1] == b"\x1b(B", "does not return to ASCII"
    return codec_of(label).decode(octets, "strict")[0]


def mailboxes_of(value):
    """Pairs of display name and address; the grammar is what a sender may write, not what readers must bear."""
    found, position = [], 0
    while position < len(value):
        match = _MAILBOX.match(value, position)
        assert match, f"malformed: {value[position:]}"
        quoted, words, angled, bare = match.groups()
        found.append((text_of(words or "") if quoted is None else re.sub(r"\\(.)", r"\1", quoted), angled or bare))
        position = match.end()
    return found


def parameters_of(value):
    """Parameters of a MIME field, RFC 2231 sections joined and decoded."""
    plain, sections = {}, {}
    for name, number, star, quoted, token in re.findall(
        r'; ?([a-z]+)(?:\*(\d+))?(\*?)=(?:"([^"\\]*)"|([^"; ]+))', value
    ):
        if star:
            sections.setdefault(name, []).append((int(number or 0), token))
        else:
            plain[name] = quoted or token
    for name, numbered in sections.items():
        assert [number for number, _ in numbered] == list(range(len(numbered)))
        label, _, octets = "".join(token for _, token in numbered).split("'")
        raw = re.sub(rb"%(..)", lambda hit: bytes.fromhex(hit[1].decode()), octets.encode())
        plain[name] = codec_of(label).decode(raw, "strict")[0]
    return plain


def body_of(transfer_encoding, body):
    if transfer_encoding == "base64":
        return base64.b64decode(body.replace(b"\r\n", b""), validate=True)
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))
    if transfer_encoding == "7bit":
        return body
    assert transfer_encoding == "quoted-printable"
    assert all(_QP_LINE.match(line) for line in body.split(b"\r\n"))
    joined = body.replace(b"=\r\n", b"")
    return re.sub(rb"=(..)", lambda hit: bytes.fromhex(hit[1].decode()), joined)


def leaves_of(entity):
    """Every part that holds something, as fields (a dict) and decoded octets."""
    fields, body = fields_of(entity)
    boundary = parameters_of(dict(fields)["Content-Type"]).get("boundary")
    if boundary is None:
        return [(dict(fields), body_of(dict(fields)["Content-Transfer-Encoding"], body))]
    opening, *parts, closing = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    assert (opening, closing) == (b"", b"--\r\n")
    return [leaf for part in parts for leaf in leaves_of(part.removeprefix(b"\r\n"))]
