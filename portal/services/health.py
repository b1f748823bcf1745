"""Knows how the health of a configuration is learnt from its sessions, and who is told when it fails and recovers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.diagnosis import Code
from portal.domain.health import Change, Health, has_worked, next_check
from portal.domain.ids import ConfigId, TenantId
from portal.domain.outgoing import Mailbox, Outgoing, Purpose
from portal.domain.pace import NORMAL
from portal.domain.signals import Signal
from portal.services.audit import Audit, Subject
from portal.services.pacing import keep_pace
from portal.services.places import Clock
from portal.services.portal_urls import PortalUrls
from portal.services.sending import Sending
from portal.services.system_mail import Letters
from portal.store import mail_configs, tenants, usable_configs, users, waiting
from portal.store.db import alone

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HealthWatch:
    """Everything here joins the transaction of its caller, who has locked the server where others may be beside."""

    clock: Clock
    audit: Audit
    letters: Letters
    sending: Sending
    urls: PortalUrls
    check_every: timedelta

    def next_try(self, session: Session, config: usable_configs.Usable | None) -> tuple[datetime, Code] | None:
        """When a mail may try a paused configuration, and what is wrong with it; None where that is now.

        Whoever is told None for a paused one is the only one: the others wait until it is known what came of it.
        """
        if config is None or config.health.paused_until is None:
            return None
        if until := config.health.next_try(now := self.clock()):
            return until, Code(config.last_code or Code.OK)
        mail_configs.get_by_id(session, config.id).paused_until = now + config.health.wait
        return None

    @staticmethod
    def is_in_doubt(config: usable_configs.Usable | None) -> bool:
        """Whether a configuration failed or was refused last, is paused or slowed: then one mail at a time tries it."""
        return config is not None and (config.health != Health() or config.pace != NORMAL)

    @staticmethod
    def is_paused(session: Session, config_id: ConfigId | None) -> bool:
        config = usable_configs.usable(session, config_id) if config_id else None
        return config is not None and config.health.paused_until is not None

    def learn(
        self,
        session: Session,
        config_id: ConfigId | None,
        version: int,
        code: Code,
        signals: Collection[Signal] = frozenset(),
    ) -> None:
        """Note how a session with this very version ended, of a mail or of a check by the clock.

        `signals` are what the server asked for. A version that was edited since is left alone.
        """
        self._learn(session, config_id, version, code, signals=signals, is_mail=True)

    def goes_on_well(self, session: Session, config_id: ConfigId, version: int) -> bool:
        """Note that a session with this very version went well, where that is no news. Returns whether it is none.

        The next check is at a full minute: what moves with every mail moves in an index, too, and every mail pays.
        """
        now = self.clock()
        check_at = (self._next_check(config_id, Health(), Code.OK, now) + _MINUTE).replace(second=0, microsecond=0)
        return usable_configs.note_well(session, config_id, version, now, check_at=check_at)

    def learn_of_test(self, session: Session, config_id: ConfigId | None, version: int, code: Code) -> None:
        """A test that works ends a pause; one that fails has told whoever asked for it, and begins none."""
        self._learn(session, config_id, version, code, signals=frozenset(), is_mail=False)

    def _learn(
        self,
        session: Session,
        config_id: ConfigId | None,
        version: int,
        code: Code,
        *,
        signals: Collection[Signal],
        is_mail: bool,
    ) -> None:
        config = usable_configs.usable(session, config_id) if config_id else None
        if config is None or config.version != version:
            return
        now, before = self.clock(), config.health
        after, change = before.after(code, now, signals)
        check_at = self._next_check(config.id, after, code, now)
        usable_configs.note_result(session, config.id, code, now, good=has_worked(code), check_at=check_at)
        if not is_mail and not has_worked(code):
            return
        keep_pace(session, config, signals, now, was_taken=is_mail and code is Code.OK)
        if after == before and change is None:
            return
        is_over = before.paused_until is not None and after.paused_until is None
        if is_over or change is not None:
            alone(session)  # mails of others are woken, people are told
        row = mail_configs.get_by_id(session, config.id)
        mail_configs.write_health(row, after)
        if is_over:
            waiting.wake_held(session, tenants.get_row(session, TenantId(row.tenant_id)).path, now)
        if change is not None:
            self._tell(session, row, change, code)

    def _next_check(self, config_id: ConfigId, health: Health, code: Code, now: datetime) -> datetime:
        return now + next_check(health, code, self.check_every, config_id.bytes[-1] / 255)

    def _tell(self, session: Session, row: mail_configs.MailConfigRow, change: Change, code: Code) -> None:
        """By a mail that goes as if the configuration were not there, to each of those who look after it."""
        tenant_id, config_id = TenantId(row.tenant_id), ConfigId(row.id)
        is_failing = change is Change.FAILED
        event = Event.CONFIG_FAILS if is_failing else Event.CONFIG_RECOVERED
        self.audit.record(session, event, tenant_id=tenant_id, subject=Subject(row.id, row.name))
        letter = self._letter(session, row, code) if is_failing else self._good_news(session, row)
        for person in users.who_run_mail(session, tenant_id):
            self.sending.send(
                tenant_id=tenant_id,
                to=(Mailbox(person.email, person.name),),
                content=letter,
                purpose=Purpose.ALERT if is_failing else Purpose.RECOVERY,
                user_id=person.id,
                about=config_id,
            )

    def _letter(self, session: Session, row: mail_configs.MailConfigRow, code: Code) -> Outgoing:
        return self.letters.alert(config=row.name, code=code, url=self._url_of(session, row))

    def _good_news(self, session: Session, row: mail_configs.MailConfigRow) -> Outgoing:
        return self.letters.recovery(config=row.name, url=self._url_of(session, row))

    def _url_of(self, session: Session, row: mail_configs.MailConfigRow) -> str:
        return f"{self.urls.of(session, TenantId(row.tenant_id))}/t/{row.tenant_id}/mail-configs?select={row.id}"
