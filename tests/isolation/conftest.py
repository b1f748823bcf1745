"""Knows the town that every share of the cases asks, built once for each process."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures_portal import Clock
from tests.guards.inhabited import Inhabited, inhabiting
from tests.isolation.asking import fields_read
from tests.isolation.cases import Case, all_cases
from tests.isolation.judging import Judge


@pytest.fixture(scope="session")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("isolation"), empty_database, Clock()) as found:
        logging.disable(logging.CRITICAL)  # what is refused by the thousand is not worth a line each
        yield found
        logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def cases(town: Inhabited) -> list[Case]:
    return list(all_cases(town, fields_read(town)))


@pytest.fixture(scope="session")
def judge(town: Inhabited) -> Judge:
    return Judge(town)
