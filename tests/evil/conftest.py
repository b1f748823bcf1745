"""A portal of Rex's for every scenario, from one planted database; and the line that sums the scenarios up."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from portal.domain.mail_log import LogPage
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.trial import Trial, Verb
from portal.mail.connection import Deadlines
from portal.services import World
from portal.services.transmission import Report, Transmission
from portal.store.db import db
from tests.cast import Cast, plant
from tests.fixtures_portal import CHEAP_HASHES, ROOT, Clock, settings_for
from tests.wire import PASSWORD, USERNAME, loopback
from tests.work import OWNER

LETTER = Outgoing("Hello", "A line.\n.\nAnother one.\n")
TO_SUE = "sue@demo.test"


@dataclass(frozen=True)
class Hurried:
    """The portal's own way out, with the time that a test has."""

    transmission: Transmission
    limits: Deadlines

    def send(self, *arguments: object, deadlines: Deadlines, **rest: object) -> Report:
        return self.transmission.send(*arguments, deadlines=self.limits, **rest)


@dataclass(frozen=True)
class Portal:
    """Rex's portal: `test` and `work` are the two ways on which a mail leaves it."""

    app: Flask
    cast: Cast
    file: Path

    def configured(self, port: int, mode: str, **typed: object) -> object:
        return self.cast.config(
            self.cast.rex,
            password=PASSWORD,
            host="mail.example.test",
            port=str(port),
            encryption=mode,
            username=USERNAME,
            from_address="rex@demo.test",
            **typed,
        )

    def test(self, config: object, limits: Deadlines) -> Trial:
        services, rex = self.cast.services, self.cast.rex
        trial_id = services.trials.request_saved(rex, rex.tenant.id, config.id, verb=Verb.SEND, recipient=TO_SUE)
        runs = replace(services.trial_runs, transmission=Hurried(services.trial_runs.transmission, limits))
        assert runs.claim(OWNER) == trial_id
        runs.perform(trial_id)
        return services.trials.get(rex, rex.tenant.id, trial_id)

    def work(self, config: object, limits: Deadlines) -> LogPage:
        services, rex = self.cast.services, self.cast.rex
        message_id, _ = services.sending.send(
            tenant_id=rex.tenant.id, to=(Mailbox(TO_SUE),), content=LETTER, config_id=config.id
        )
        transmission = replace(services.delivering.transmission, deadlines=limits)
        delivering = replace(services.delivering, transmission=transmission)
        claim = delivering.claim(OWNER)
        assert claim.message_id == message_id
        delivering.deliver(claim)
        return services.mail_log.show(rex, rex.tenant.id, message_id)

    def stored(self) -> bytes:
        """Every byte of the database."""
        return b"".join(path.read_bytes() for path in self.file.parent.glob(f"{self.file.name}*"))


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> tuple[Flask, Cast, Path, Path]:
    folder = tmp_path_factory.mktemp("evil")
    file, original = folder / "portal.db", folder / "original"
    shutil.copy(empty_database, file)
    app = _built_in(folder)
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        db.engine.dispose()
    shutil.copy(file, original)
    return app, cast, file, original


def _built_in(folder: Path) -> Flask:
    """A portal for which every name is on loopback and every free port is one for mail."""
    world = World(
        clock=Clock(),
        egress=replace(loopback(0), allowed_ports=frozenset(range(1024, 65_536))),
        hashes=CHEAP_HASHES,
        mail_templates=ROOT / "templates" / "mail",
        delivers=lambda: False,
    )
    return create_app(settings_for(folder, cleartext_sign_in=True), world=world)


@pytest.fixture
def portal(planted: tuple[Flask, Cast, Path, Path]) -> Iterator[Portal]:
    app, cast, file, original = planted
    shutil.copy(original, file)
    with app.app_context():
        yield Portal(app, cast, file)
        cast.services.delivering.rest()
        db.engine.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.stats.get(outcome, [])
        if "evil" in report.keywords and (report.when == "call" or report.outcome == "failed")
    ]
    if reports:
        told = {report.nodeid: True for report in reports}
        for report in reports:
            told[report.nodeid] &= report.outcome == "passed"
        terminalreporter.write_line(f"{len(told)} scenarios, {sum(told.values())} as expected")
