"""A worker of the task engine delivers whatever becomes of its broker, and believes only in one that proves itself."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from redis.exceptions import RedisError

from portal.domain.delivery import State
from portal.domain.errors import UnavailableError
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.domain.secret import Secret
from portal.services.claiming import Claiming
from portal.services.delivering import Delivering
from portal.store import outbox
from portal.store.db import SYSTEM, reading
from portal.worker.duties import Duties
from portal.worker.engine import EngineWorker, build_engine
from portal.worker.lock import ProcessLock
from tests import certificates

ADDRESS = "127.0.0.1"


def reach(scheme, leaf):
    """Whether a worker talked to a broker that shows this certificate."""
    with socket.create_server((ADDRESS, 0)) as listener, ThreadPoolExecutor(1) as pool:
        shaken = pool.submit(serve_once, listener, certificates.serving(leaf))
        engine = build_engine(Secret(f"{scheme}://:secret@{ADDRESS}:{listener.getsockname()[1]}"))
        with engine.connection_for_write() as connection, suppress(OSError, ConnectionError, RedisError):
            connection.connect()
            connection.default_channel.queue_declare("anything")
        return shaken.result(10)


def serve_once(listener, context):
    """Nothing is answered: what counts is whether anything was said behind the handshake."""
    link, _address = listener.accept()
    listener.close()  # whoever tries again is refused at once
    with link:
        link.settimeout(5)
        try:
            with context.wrap_socket(link, server_side=True) as wrapped:
                return bool(wrapped.recv(1))
        except OSError:
            return False


@pytest.fixture
def trusted(monkeypatch, tmp_path):
    """The machine trusts our authority, as docs/scaling.md says how."""
    path = tmp_path / "authority.pem"
    path.write_text(certificates.authority_pem())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


@pytest.mark.asvs("12.3.3", "12.3.4")
@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
def test_a_broker_is_believed_with_a_certificate_of_its_own_name_and_no_other(trusted, scheme):
    assert reach(scheme, certificates.good(ADDRESS)) is True
    assert reach(scheme, certificates.good()) is False


@pytest.mark.asvs("12.3.4")
@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
def test_a_broker_whose_authority_nobody_named_is_not_believed(scheme):
    assert reach(scheme, certificates.good(ADDRESS)) is False


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_without_encryption_nothing_is_said_about_certificates(scheme):
    assert not build_engine(Secret(f"{scheme}://{ADDRESS}")).conf.broker_use_ssl


@pytest.fixture
def worker(app, services, cast, mail_server, tmp_path):
    """A worker whose broker is gone; Sue's mail has a way."""
    with socket.create_server((ADDRESS, 0)) as listener:
        gone = listener.getsockname()[1]
    duties = Duties(
        services.delivering, services.trial_runs, services.checks, services.forgetting, services.leaps, services.looks
    )
    post = ProcessLock(tmp_path / "engine.lock")
    post.take(lambda: None)
    engine = build_engine(Secret(f"redis://{ADDRESS}:{gone}"))
    worker = EngineWorker(engine, duties, post, app.app_context, lambda: None)
    worker.enlist()
    cast.active_config(cast.sue, **mail_server.typed("none"))
    yield worker
    services.delivering.rest()
    post.release()


def queue(cast, number, lane=Lane.NORMAL):
    hello, to = Outgoing("Hello", "A line.\n"), (Mailbox("cal@demo.test"),)
    return [
        cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=hello, lane=lane)[0]
        for _ in range(number)
    ]


def wake(worker, lane=Lane.NORMAL):
    return worker.engine.tasks["portal.wake"].apply(args=[lane.value])


def states(ids):
    with reading(SYSTEM) as session:
        return [State(outbox.recipients_of(session, each)[0].state) for each in ids]


def owners(ids):
    with reading(SYSTEM) as session:
        return [outbox.get_row(session, each).owner for each in ids]


@pytest.mark.parametrize("lane", list(Lane))
def test_what_a_worker_has_in_hand_is_delivered_although_the_broker_is_gone(worker, cast, mail_server, lane):
    ids = queue(cast, 60, lane)
    assert wake(worker, lane).successful()

    assert states(ids) == [State.SENT] * 60
    assert len(mail_server.letters) == 60


def test_a_task_that_fails_leaves_nothing_in_hand(worker, cast, monkeypatch):
    def fails(*_arguments, **_more):
        raise RuntimeError("a bug")

    ids = queue(cast, 3)
    monkeypatch.setattr(Delivering, "deliver", fails)
    assert wake(worker).failed()

    assert owners(ids) == [None] * 3
    assert set(states(ids)) == {State.QUEUED, State.DEFERRED}


def test_a_process_that_cannot_even_put_its_mail_down_ends_so_that_others_see_it(worker, cast, monkeypatch):
    def fails(*_arguments, **_more):
        raise UnavailableError

    queue(cast, 1)
    monkeypatch.setattr(Claiming, "next", fails)
    monkeypatch.setattr(Delivering, "recover", fails)
    with pytest.raises(SystemExit):
        wake(worker)


def test_a_process_settles_when_it_is_ready_to_deliver_and_not_before(worker, monkeypatch):
    steps = []
    monkeypatch.setattr(Duties, "wake", lambda _self: steps.append("ready"))
    monkeypatch.setattr("portal.worker.engine.settle", lambda: steps.append("settled"))
    worker.post.release()
    worker._begin()

    assert steps == ["ready", "settled"]


def test_a_tick_looks_after_the_dead_where_anybody_has_mail_in_hand_and_asks_nobody_where_not(
    worker, cast, services, monkeypatch
):
    recovered = []
    monkeypatch.setattr(Duties, "recover", lambda *_asked: recovered.append(1))
    tick = worker.engine.tasks["portal.tick"]
    assert tick.apply().successful()
    assert recovered == []

    queue(cast, 1)
    services.delivering.claim(uuid4())
    assert tick.apply().successful()
    assert recovered == [1]
