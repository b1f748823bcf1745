"""A broker that is reached by TLS has to show a certificate that this machine trusts, and for the name that was asked for."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from redis.exceptions import RedisError

from portal.domain.secret import Secret
from portal.worker.engine import build_engine
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
