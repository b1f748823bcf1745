"""A secret is seen by nobody who does not ask for it by name."""

import json
import logging
import pickle
from dataclasses import dataclass

import pytest

from portal.domain.secret import Secret

HIDDEN = Secret("canary-7361")


def test_no_way_of_printing_shows_it(caplog):
    @dataclass
    class Holder:
        password: Secret

    logging.getLogger("x").warning("%s %r", HIDDEN, HIDDEN)
    shown = f"{HIDDEN} {HIDDEN!r} {[HIDDEN]} {Holder(HIDDEN)} {caplog.text}"
    assert "canary" not in shown


def test_it_is_not_serialised():
    with pytest.raises(TypeError):
        pickle.dumps(HIDDEN)
    with pytest.raises(TypeError):
        json.dumps(HIDDEN)


def test_it_is_empty_when_nothing_was_typed():
    assert not Secret("")
    assert Secret(" ")
