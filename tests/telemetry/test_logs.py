"""A line of the log is found again by its ids, can be read by programs, and is forged by nobody."""

import io
import json
import logging
import re
from uuid import UUID, uuid4

import pytest

from portal.domain.outgoing import Mailbox, Outgoing
from portal.telemetry import tracing
from portal.telemetry.logs import JsonLines, TextLines, configure
from tests.work import OWNER, deliver_all

HELLO = Outgoing("Hello", "A line.\n")
EVIL = 'fine\n{"level": "error", "message": "forged"}\r\u2028\x1b[2J2026-01-01T00:00:00 ERROR portal: forged'


class Told:
    def __init__(self, formatter):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)

    @property
    def lines(self):
        return self.stream.getvalue().splitlines()

    @property
    def objects(self):
        return [json.loads(line) for line in self.stream.getvalue().split("\n")[:-1]]


@pytest.fixture
def told(request):
    """What the portal logs, as JSON or as text."""
    found = Told(getattr(request, "param", JsonLines)())
    logger = logging.getLogger("portal")
    before = logger.level
    logger.addHandler(found.handler)
    logger.setLevel(logging.INFO)
    yield found
    logger.removeHandler(found.handler)
    logger.setLevel(before)


def stumble(error):
    raise error


as_text = pytest.mark.parametrize("told", [TextLines], indirect=True)


@pytest.mark.asvs("16.2.2", "16.2.4")
def test_a_line_is_one_object_with_time_level_logger_and_message(told):
    logging.getLogger("portal.x").warning("something %s", "happened")

    (line,) = told.objects
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line == {"level": "warning", "logger": "portal.x", "message": "something happened"}


def test_ids_are_known_within_their_block_and_nowhere_else(told):
    log = logging.getLogger("portal.x")
    with tracing.about(message_id="m", tenant_id=None):
        log.info("within")
    log.info("without")

    assert [line.get("message_id") for line in told.objects] == ["m", None]
    assert "tenant_id" not in told.objects[0]


def test_an_error_keeps_the_ids_of_where_it_came_from(told):
    try:
        with tracing.about(message_id="outer"), tracing.about(message_id="inner"):
            stumble(ZeroDivisionError("a bug"))
    except ZeroDivisionError:
        logging.getLogger("portal.x").exception("failed")

    (line,) = told.objects
    assert line["message_id"] == "inner"
    assert line["exception"]["type"] == "ZeroDivisionError"
    assert line["exception"]["stack"].endswith("ZeroDivisionError: a bug")


@pytest.mark.asvs("16.4.1")
def test_a_line_break_in_a_value_begins_no_line_in_json(told):
    with tracing.about(message_id=EVIL):
        try:
            stumble(ValueError(EVIL))
        except ValueError:
            logging.getLogger("portal.x").exception("value %s", EVIL)

    assert len(told.lines) == 1
    assert told.objects[0]["message"] == f"value {EVIL}"
    assert "\x1b" not in told.stream.getvalue()


@as_text
def test_a_line_break_in_a_value_begins_no_line_in_text(told):
    with tracing.about(message_id=EVIL):
        try:
            stumble(ValueError(EVIL))
        except ValueError:
            logging.getLogger("portal.x").exception("value %s", EVIL)

    first, *rest = told.lines
    assert " ERROR portal.x: value fine\\n{" in first
    assert [line for line in rest if not line.startswith("    ")] == []
    assert "\x1b" not in told.stream.getvalue()


def test_a_request_is_one_line_with_its_id_and_its_pattern(told, app):
    answer = app.test_client().get("/password-resets/a-canary-that-works-once?next=another-canary")

    (line,) = told.objects
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert UUID(line["request_id"])
    assert (line["method"], line["route"], line["status"]) == ("GET", "/password-resets/<token>", answer.status_code)
    assert line["ms"] >= 0
    assert "canary" not in told.stream.getvalue()


@as_text
def test_the_same_can_be_read_by_people(told, app):
    answer = app.test_client().get("/password-resets/a-canary-that-works-once")

    (line,) = told.lines
    assert re.search(
        r"Z?\+00:00 INFO portal\.requests: GET /password-resets/<token> \d{3} in \d+ ms \[request_id=", line
    )
    assert line.endswith(f"[request_id={answer.headers['X-Request-ID']}]")
    assert "canary" not in line


@pytest.mark.asvs("16.2.1")
def test_a_request_names_the_company_and_the_mail_of_its_address(told, cast, as_):
    sue, mail = as_(cast.sue), uuid4()
    sue.get(f"/t/{cast.sue.tenant.id}/mail-log/{mail}")

    line = told.objects[-1]
    assert (line["tenant_id"], line["message_id"], line["status"]) == (str(cast.sue.tenant.id), str(mail), 404)


def test_what_one_request_knew_the_next_one_on_the_same_thread_does_not(told, app):
    app.test_client().get("/sign-in")
    logging.getLogger("portal.x").info("afterwards")

    assert "request_id" not in told.objects[-1]


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (1, "from-the-proxy.1", True),
        (0, "from-the-proxy.1", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "with a blank", False),
        (1, "späßchen-äöü", False),
    ],
)
def test_an_id_is_taken_from_a_trusted_proxy_only_and_only_if_it_is_sound(make_portal, proxies, given, is_kept):
    client = make_portal(trusted_proxies=proxies).test_client()
    answer = client.get("/sign-in", headers={"X-Request-ID": given.encode().decode("latin-1")})

    assert (answer.headers["X-Request-ID"] == given) is is_kept


def test_every_answer_has_an_id_of_its_own(app):
    client = app.test_client()
    ids = [client.get(path).headers["X-Request-ID"] for path in ("/sign-in", "/nowhere", "/healthz", "/sign-in")]

    assert len(set(ids)) == 4


def test_whoever_meets_a_bug_can_quote_the_number_under_which_it_is_logged(told, app, monkeypatch):
    monkeypatch.setattr("portal.web.pages.password_resets.page", lambda *_, **__: 1 / 0)
    answer = app.test_client().get("/password-resets/a-canary-that-works-once")

    number = answer.headers["X-Request-ID"]
    assert f"Quote this number: {number}" in answer.text
    bug = next(line for line in told.objects if "exception" in line)
    assert (bug["request_id"], bug["exception"]["type"]) == (number, "ZeroDivisionError")
    assert "canary" not in told.stream.getvalue()


def test_one_mail_is_followed_from_the_request_that_queued_it_to_its_attempt(told, cast, as_, services, mail_server):
    config = cast.active_config(cast.sue, **mail_server.typed("none"))
    asked = as_(cast.sue).post(
        f"/t/{cast.sue.tenant.id}/invitations", {"email": "otto-too@demo.test", "name": "Otto", "role": "staff"}
    )
    deliver_all(services)

    queued = next(line for line in told.objects if line["message"].startswith("queued:"))
    attempt = next(line for line in told.objects if "attempt_id" in line)
    assert queued["request_id"] == asked.headers["X-Request-ID"]
    assert attempt["message_id"] == queued["message_id"]
    assert attempt["tenant_id"] == queued["tenant_id"] == str(cast.sue.tenant.id)
    assert UUID(attempt["attempt_id"])
    assert (attempt["code"], attempt["lane"], attempt["config_id"]) == ("ok", "interactive", str(config.id))
    assert "request_id" not in attempt
    assert [word for word in ("@demo.test", "otto") if word in told.stream.getvalue().lower()] == []


def test_an_attempt_that_a_bug_ended_is_logged_with_its_mail(told, cast, services, monkeypatch):
    cast.active_config(cast.sue)
    mail, _ = services.sending.send(tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=HELLO)
    monkeypatch.setattr(type(services.delivering), "_transmit", lambda *_: 1 / 0)
    claim = services.delivering.claim(OWNER)
    with pytest.raises(ZeroDivisionError) as raised:
        services.delivering.deliver(claim)

    assert tracing.known_of(raised.value) == {
        "tenant_id": str(cast.sue.tenant.id),
        "message_id": str(mail),
        "attempt_id": str(claim.attempt_id),
    }


@pytest.mark.asvs("16.2.3")
def test_everything_goes_to_standard_error_in_the_format_that_is_set(capsys):
    names = (None, "portal", "gunicorn.error")
    before = [(each.level, each.handlers[:], each.propagate) for each in map(logging.getLogger, names)]
    try:
        configure("json")
        logging.getLogger("gunicorn.error").info("Listening")
        logging.getLogger("portal.x").info("told")
        logging.getLogger("somebody.else").info("not told")
    finally:
        for name, (level, handlers, propagate) in zip(names, before, strict=True):
            logger = logging.getLogger(name)
            logger.level, logger.handlers, logger.propagate = level, handlers, propagate

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["logger"], line["message"]) for line in lines] == [
        ("gunicorn.error", "Listening"),
        ("portal.x", "told"),
    ]
