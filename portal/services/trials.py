"""Knows how a test mail or a check is asked for, and what its requester may see of it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.addresses import address_key, canonical_address
from portal.domain.audit import Event
from portal.domain.config_rules import Typed, judged, password_problems
from portal.domain.diagnosis import Code
from portal.domain.errors import DestinationsSpentError, InvalidError, NotFoundError, Problem
from portal.domain.ids import ConfigId, TenantId, TrialId, UserId, new_id
from portal.domain.limits import (
    CHECKS_PER_USER_AND_HOUR,
    OWN_TEST_COOLDOWN,
    TEST_MAILS_PER_STRANGER_AND_DAY,
    TEST_MAILS_PER_TENANT_AND_DAY,
    TEST_MAILS_PER_USER_AND_DAY,
    TEST_MAILS_PER_USER_AND_HOUR,
)
from portal.domain.mail_config import Draft
from portal.domain.precedence import seen_from_below
from portal.domain.roles import Actor, Permission
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.domain.trial import Trial, TrialSource, TrialState, Verb
from portal.services.audit import Audit, Subject
from portal.services.destinations import Destinations
from portal.services.passwords import Passwords
from portal.services.places import Clock, enter
from portal.services.throttle import Throttle, short_key
from portal.store import mail_configs, shapes, trials, users, work
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Trials:
    clock: Clock
    audit: Audit
    throttle: Throttle
    passwords: Passwords
    destinations: Destinations

    def request_saved(
        self, actor: Actor, tenant_id: TenantId, config_id: ConfigId, *, verb: Verb, recipient: str
    ) -> TrialId:
        """Ask for a trial of a saved configuration. Raises NotFoundError, InvalidError, TooManyError."""
        with self._asking(actor, tenant_id) as (session, tenant):
            row = mail_configs.get_row(session, tenant.id, config_id)
            self.destinations.ensure_room(session, tenant.id, mail_configs.draft_of(row).destination)
            trial = self._row(actor, tenant, TrialSource.SAVED, verb, recipient)
            trial.config_id = row.id
            return self._queue(session, actor, trial, row.name)

    def request_draft(
        self,
        actor: Actor,
        tenant_id: TenantId,
        config_id: ConfigId,
        typed: Typed,
        *,
        password: Secret,
        verb: Verb,
        recipient: str,
        tested: TrialId | None = None,
    ) -> TrialId:
        """Ask for a trial of the unsaved form; nothing is saved, and no name is needed.

        `config_id` is the saved configuration being edited, or the id that the new one will have. An empty
        `password` takes that of the trial `tested` or the stored one, while the destination is the same.
        Raises InvalidError, TooManyError.
        """
        draft = judged(typed, needs_name=False)
        if problems := password_problems(password):
            raise InvalidError(problems)
        with self._asking(actor, tenant_id) as (session, tenant):
            self.destinations.ensure_room(session, tenant.id, draft.destination)
            saved = mail_configs.find_row(session, tenant.id, config_id)
            if saved is None and mail_configs.id_is_taken(session, config_id):
                raise NotFoundError
            trial = self._row(actor, tenant, TrialSource.DRAFT if saved else TrialSource.ADHOC, verb, recipient)
            trial.config_id, trial.draft = config_id, shapes.of_draft(draft)
            trial.password = self.passwords.to_store(
                session,
                actor,
                tenant,
                config_id,
                draft=draft,
                typed=password,
                stored=saved.password if saved else None,
                tested=tested,
            )
            if trial.password is not None:
                trial.alternatives = self.passwords.alternatives(
                    session, actor, tenant, config_id, draft=draft, typed=password, tested=tested
                )
            return self._queue(session, actor, trial, draft.name or draft.destination.host)

    def request_effective(self, actor: Actor, tenant_id: TenantId, *, verb: Verb, recipient: str) -> TrialId:
        """Ask for a trial of whatever applies to the tenant now, inherited or not."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.TEST_CONFIGS)
            trial = self._row(actor, tenant, TrialSource.TENANT, verb, recipient)
            return self._queue(session, actor, trial, tenant.name)

    def request_for_user(
        self, actor: Actor, tenant_id: TenantId, user_id: UserId, *, verb: Verb, recipient: str
    ) -> TrialId:
        """Ask for a trial of whatever applies to mail of one of the tenant's users.

        Raises NotFoundError, InvalidError, TooManyError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.TEST_CONFIGS)
            user = users.get_of_tenant(session, tenant.id, user_id)
            trial = self._row(actor, tenant, TrialSource.USER, verb, recipient)
            trial.for_user_id = user.id
            return self._queue(session, actor, trial, user.email)

    def request_own(self, actor: Actor) -> TrialId:
        """Send the actor a test mail to his own address, through what applies to his mail. Raises TooManyError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, actor.tenant.id, Permission.SEND_OWN_TEST)
            self.throttle.take(session, OWN_TEST_COOLDOWN, str(actor.user_id))
            trial = self._row(actor, tenant, TrialSource.USER, Verb.SEND, actor.email)
            return self._queue(session, actor, trial, actor.email)

    def get(self, actor: Actor, tenant_id: TenantId, trial_id: TrialId) -> Trial:
        """A trial as somebody who may test this tenant's configurations sees it. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.TEST_CONFIGS)
            row = trials.get_row(session, tenant.id, trial_id)
            if _is_somebodys_own(row) and row.user_id != actor.user_id:
                raise NotFoundError
            return _seen_by_staff(row, _tried(session, row))

    def some(self, actor: Actor, tenant_id: TenantId, trial_ids: Collection[TrialId]) -> list[tuple[str, Trial]]:
        """How trials of saved configurations stand, without their steps, and what each configuration is called now.

        The name of one that was deleted since is empty. Raises NotFoundError if one of the trials is not there.
        """
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.TEST_CONFIGS)
            rows = trials.rows_by_id(session, tenant.id, trial_ids)
            if len(rows) != len(set(trial_ids)) or any(row.source != TrialSource.SAVED.value for row in rows):
                raise NotFoundError
            names = mail_configs.names_of(session, tenant.id)
            return [(names.get(ConfigId(row.config_id), "") if row.config_id else "", _bare(row)) for row in rows]

    def get_own(self, actor: Actor, trial_id: TrialId) -> Trial:
        """One's own test mail: the outcome alone. Raises NotFoundError for anybody else's."""
        with reading(actor.tenant.id) as session:
            row = trials.get_row(session, actor.tenant.id, trial_id)
            if row.user_id != actor.user_id or not _is_somebodys_own(row):
                raise NotFoundError
            return _bare(row)

    @contextmanager
    def _asking(self, actor: Actor, tenant_id: TenantId) -> Iterator[tuple[Session, Tenant]]:
        """The transaction of a request that names a server; that it was one too many is noted when it is over."""
        try:
            with unit_of_work(actor.tenant.id) as session:
                yield session, enter(session, actor, tenant_id, Permission.TEST_CONFIGS)
        except DestinationsSpentError as spent:
            with unit_of_work(actor.tenant.id) as session:
                subject = Subject(None, spent.server)
                self.audit.record(session, Event.TRIAL_REFUSED, tenant_id=tenant_id, subject=subject, actor=actor)
            raise

    def _row(self, actor: Actor, tenant: Tenant, source: TrialSource, verb: Verb, recipient: str) -> trials.TrialRow:
        return trials.TrialRow(
            id=new_id(),
            tenant_id=tenant.id,
            user_id=actor.user_id,
            source=source.value,
            verb=verb.value,
            recipient=_ensure_recipient(recipient),
            config_id=None,
            draft=None,
            password=None,
            alternatives=None,
            state=TrialState.WAITING.value,
            code=Code.OK.value,
            inherited=False,
            findings=[],
            transcript=[],
            notes=[],
            trace=[],
            created_at=self.clock(),
            started_at=None,
            finished_at=None,
            owner=None,
        )

    def _queue(self, session: Session, actor: Actor, trial: trials.TrialRow, what: str) -> TrialId:
        self._take_place(session, actor, trial)
        session.add(trial)
        work.announce(session)
        self.audit.record(
            session,
            Event.TRIAL_REQUESTED,
            tenant_id=TenantId(trial.tenant_id),
            subject=Subject(trial.id, what),
            actor=actor,
            change={"recipient": ("", trial.recipient), "verb": ("", trial.verb)},
        )
        return TrialId(trial.id)

    def _take_place(self, session: Session, actor: Actor, trial: trials.TrialRow) -> None:
        person = str(actor.user_id)
        if trial.verb == Verb.CHECK.value:
            self.throttle.take(session, CHECKS_PER_USER_AND_HOUR, person)
            return
        self.throttle.take(session, TEST_MAILS_PER_USER_AND_HOUR, person)
        self.throttle.take(session, TEST_MAILS_PER_USER_AND_DAY, person)
        self.throttle.take(session, TEST_MAILS_PER_TENANT_AND_DAY, str(trial.tenant_id))
        recipient = address_key(trial.recipient)
        if recipient != address_key(actor.email):
            self.throttle.take(session, TEST_MAILS_PER_STRANGER_AND_DAY, short_key(recipient))


def _is_somebodys_own(row: trials.TrialRow) -> bool:
    """A test that somebody sent to himself from his own page is nobody else's to see."""
    return row.source == TrialSource.USER.value and row.for_user_id is None


def _ensure_recipient(text: str) -> str:
    if not text.strip():
        raise InvalidError([Problem("recipient", "required")])
    try:
        return canonical_address(text)
    except ValueError:
        raise InvalidError([Problem("recipient", "not-an-address")]) from None


def _tried(session: Session, row: trials.TrialRow) -> Draft | None:
    """What the trial tried, if that is one configuration: the form, or the saved one as it is now."""
    if row.draft:
        return shapes.draft_from(row.draft)
    if row.source != TrialSource.SAVED.value or row.config_id is None:
        return None
    saved = mail_configs.find_row(session, TenantId(row.tenant_id), ConfigId(row.config_id))
    return mail_configs.draft_of(saved) if saved else None


def _seen_by_staff(row: trials.TrialRow, tried: Draft | None) -> Trial:
    """Staff of the owning tenant see everything; of an inherited configuration only the outcome is told."""
    if row.inherited:
        return _bare(row)
    return replace(
        _bare(row),
        draft=tried if row.draft else None,
        tried=tried,
        keeps_password=row.password is not None,
        findings=shapes.findings_from(row.findings),
        transcript=tuple(row.transcript),
        notes=tuple(row.notes),
        trace=seen_from_below(shapes.trace_from(row.trace)),
    )


def _bare(row: trials.TrialRow) -> Trial:
    return Trial(
        id=TrialId(row.id),
        tenant_id=TenantId(row.tenant_id),
        source=TrialSource(row.source),
        verb=Verb(row.verb),
        recipient=row.recipient,
        config_id=ConfigId(row.config_id) if row.config_id and not row.inherited else None,
        for_user_id=UserId(row.for_user_id) if row.for_user_id else None,
        state=TrialState(row.state),
        code=Code(row.code),
        inherited=row.inherited,
        draft=None,
        tried=None,
        keeps_password=False,
        findings=(),
        transcript=(),
        notes=(),
        trace=(),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
