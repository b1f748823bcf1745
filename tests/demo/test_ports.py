"""The demo's ports are chosen once, and a port that somebody else took since is named."""

import socket

import pytest

from portal.demo.ports import Ports, PortTakenError, ensure_free, is_free, kept_ports
from portal.settings import BadSettingError
from tests.fixtures_demo import free_ports, keep


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as link:
        yield link.getsockname()[1]


def test_ports_stay_as_they_were_chosen(tmp_path):
    assert kept_ports(tmp_path) == kept_ports(tmp_path)


def test_three_different_free_ports_are_chosen(tmp_path):
    ports = kept_ports(tmp_path)

    assert len(set(ports)) == 3
    ensure_free(ports, tmp_path)


def test_a_usual_port_that_is_taken_is_replaced_by_a_free_one(tmp_path, listener, monkeypatch):
    monkeypatch.setattr("portal.demo.ports._PREFERRED", Ports(listener, listener, listener))
    ports = kept_ports(tmp_path)

    assert listener not in ports
    assert len(set(ports)) == 3


def test_a_kept_port_that_is_taken_now_is_named_with_both_ways_out(tmp_path, listener):
    ports = keep(free_ports()._replace(tls=listener), tmp_path)

    with pytest.raises(PortTakenError, match=rf"Port {listener} .* Stop that program; or delete {tmp_path}/ports.json"):
        ensure_free(ports, tmp_path)


def test_a_port_is_free_until_somebody_listens(listener):
    assert (is_free(listener), is_free(free_ports().plain)) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"starttls": 1, "tls": 2}',
        '{"starttls": 1, "tls": 2, "plain": 70000}',
        '{"starttls": 1, "tls": 2, "plain": "3"}',
    ],
)
def test_a_damaged_file_of_ports_is_named(tmp_path, text):
    (tmp_path / "ports.json").write_text(text)

    with pytest.raises(BadSettingError, match=r"ports\.json does not hold"):
        kept_ports(tmp_path)
