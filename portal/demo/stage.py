"""Knows everything that a demo needs beside the portal: its folder, ports, certificates, mailbox and mail server."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from portal.demo import seed
from portal.demo.certificates import Certificates, ensure_certificates
from portal.demo.mailbox import Mailbox
from portal.demo.ports import Ports, ensure_free, kept_ports
from portal.demo.presets import MAIL_PASSWORD, Preset, presets
from portal.demo.private_files import write_private
from portal.domain.mail_config import Encryption
from portal.domain.passphrases import LONGEST, SHORTEST, words_about
from portal.domain.secret import Secret
from portal.services import Services
from portal.services.passphrases import problem_with
from portal.settings import BadSettingError, Settings

if TYPE_CHECKING:
    from portal.demo.mail_server import MailServer


@dataclass(frozen=True)
class Demo:
    """Everything lies in `folder`. `wanted_password` is what the operator wants people to sign in with, if anything."""

    folder: Path
    ports: Ports
    certificates: Certificates
    mailbox: Mailbox
    wanted_password: Secret | None

    @classmethod
    def of(cls, settings: Settings) -> "Demo":
        """Raises BadSettingError."""
        _ensure_good(settings.demo_password, settings.breached_passwords)
        folder = folder_of(settings)
        return cls(
            folder=folder,
            ports=kept_ports(folder),
            certificates=ensure_certificates(folder),
            mailbox=Mailbox(folder / "mailbox", clock=lambda: datetime.now(UTC)),
            wanted_password=settings.demo_password,
        )

    @property
    def people(self) -> tuple[seed.Person, ...]:
        return seed.PEOPLE

    @property
    def password(self) -> Secret | None:
        """With which the demo's people were loaded, or None as long as they are not."""
        path = self._password_file
        return Secret(path.read_text(encoding="utf-8")) if path.exists() else None

    def presets(self) -> Mapping[str, Preset]:
        """What fills the form for a new configuration with one click, by a name for the URL."""
        return presets(self.ports, self.certificates.authority)

    def load(self, services: Services) -> None:
        """Load the people with their companies and configurations, once: a portal with a root is left alone."""
        if services.tenants.find_root() is not None:
            return
        password = self.wanted_password or Secret(secrets.token_hex(6))
        seed.load(services, self.presets(), password=password)
        # Written last: a password is kept only for people who are there.
        write_private(self._password_file, password.reveal().encode())

    def ensure_ports_are_free(self) -> None:
        """Raises PortTakenError."""
        ensure_free(self.ports, self.folder)

    def start(self) -> None:
        """Let the mail server listen. Raises PortTakenError."""
        try:
            self._server.start()
        except OSError:
            self.ensure_ports_are_free()
            raise

    def stop(self) -> None:
        """End the mail server, where it was started."""
        self._server.stop()

    @cached_property
    def _server(self) -> "MailServer":
        from portal.demo.mail_server import Door, MailServer  # only the serving process needs it and what it imports

        doors = (
            Door(self.ports.starttls, Encryption.STARTTLS),
            Door(self.ports.tls, Encryption.TLS),
            Door(self.ports.plain, Encryption.NONE),
        )
        return MailServer(doors, self.certificates.server_context(), self.mailbox, MAIL_PASSWORD)

    @property
    def _password_file(self) -> Path:
        return self.folder / "password"


def folder_of(settings: Settings) -> Path:
    return settings.instance_dir / "demo"


def _ensure_good(password: Secret | None, stolen: Path | None) -> None:
    if password is None:
        return
    if not SHORTEST <= len(password.reveal()) <= LONGEST:
        raise BadSettingError(f"PORTAL_DEMO_PASSWORD has between {SHORTEST} and {LONGEST} characters")
    words = words_about(*(text for each in seed.PEOPLE for text in (each.name, each.email, each.company)))
    if problem_with(password.reveal(), words, stolen) is not None:
        raise BadSettingError("PORTAL_DEMO_PASSWORD is guessed too easily; take several words that are no names here")
