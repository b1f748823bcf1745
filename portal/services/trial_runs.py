"""Knows how a trial is performed: the sending path of every mail, with somebody watching each step."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.branding import Branding
from portal.domain.charset import misfits
from portal.domain.diagnosis import Code, Finding
from portal.domain.ids import ConfigId, TenantId, TrialId, UserId
from portal.domain.mail_config import Draft, MisfitPolicy, SignIn
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.owners import is_of
from portal.domain.precedence import Choice
from portal.domain.sender import signed
from portal.domain.trial import TrialSource, TrialState, Verb
from portal.i18n import ENGLISH, Voice
from portal.i18n.catalogs import voice_in
from portal.mail.connection import INTERACTIVE, Envelope
from portal.mail.message import Heading, write
from portal.mail.refusals import DoesNotFitError, UnwritableError
from portal.services.health import HealthWatch
from portal.services.own_brand import brand_of
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.resolution import PasswordNeededError, Resolver, Route
from portal.services.system_mail import Letters
from portal.services.transmission import Parcel, Report, Transmission
from portal.store import mail_configs, presence, shapes, tenants, trials, users
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.vault.vault import SealBrokenError

_UNSAVED = frozenset({TrialSource.DRAFT, TrialSource.ADHOC})


@dataclass(slots=True)
class _Job:
    trial_id: TrialId
    verb: Verb
    recipient: str
    tenant_name: str
    route: Route
    inherited: bool
    brand: Branding
    voice: Voice = ENGLISH
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TrialRuns:
    clock: Clock
    resolver: Resolver
    passwords: Passwords
    transmission: Transmission
    letters: Letters
    health: HealthWatch

    def claim(self, owner: UUID) -> TrialId | None:
        """Take the oldest waiting trial, or None."""
        with unit_of_work(SYSTEM) as session:
            row = trials.find_waiting(session)
            if row is None:
                return None
            row.state, row.owner, row.started_at = TrialState.RUNNING.value, owner, self.clock()
            return TrialId(row.id)

    def perform(self, trial_id: TrialId) -> None:
        """Run a claimed trial to its end; each finding is stored as it happens."""
        job, report = None, Report(Code.INTERNAL, {})
        try:
            prepared = self._prepare(trial_id)
            if isinstance(prepared, Code):
                report = Report(prepared, {})
            else:
                job = prepared
                report = self._run(job)
        except DoesNotFitError as misfit:
            notes = tuple(f"does-not-fit:{note.part}:{note.character}" for note in misfit.parts)
            report = Report(Code.DOES_NOT_FIT, {}, notes=notes)
        except UnwritableError:
            report = Report(Code.UNWRITABLE, {})
        finally:
            # Whatever happened: nobody is left waiting for a trial that has ended.
            self._finish(trial_id, report, job)

    def recover(self, *living: UUID, of: int = 0) -> None:
        """End trials that nobody performs any more: whether the mail left is unknown.

        Of the process with the key `of`, which is the one that asks, these owners live.
        """
        with reading(SYSTEM) as session:
            if not trials.in_hands(session, but=living):
                return
        with unit_of_work(SYSTEM) as session:
            present = presence.keys(session) - {of}
            for row in trials.in_hands(session, but=living):
                if not is_of(row.owner, present):
                    row.state, row.code = TrialState.DONE.value, Code.UNKNOWN.value
                    row.finished_at = self.clock()

    def _prepare(self, trial_id: TrialId) -> _Job | Code:
        with unit_of_work(SYSTEM) as session:
            row = trials.get_by_id(session, trial_id)
            tenant = tenants.find(session, TenantId(row.tenant_id))
            if tenant is None or tenant.suspended:
                return Code.SUSPENDED
            try:
                route = self._route(session, row)
            except (PasswordNeededError, SealBrokenError):
                return Code.PASSWORD_NEEDED
            if route is None:
                return Code.NO_CONFIG
            voice = voice_in(users.get_row(session, UserId(row.user_id)).language or "")
            brand = brand_of(session, tenant.id)
            return _Job(trial_id, Verb(row.verb), row.recipient, tenant.name, route, row.inherited, brand, voice)

    def _route(self, session: Session, row: trials.TrialRow) -> Route | None:
        if TrialSource(row.source) in _UNSAVED:
            return self._draft_route(session, row)
        choice = self._choice(session, row)
        if choice is None:
            return None
        # Noted before anything can fail: whose configuration it is decides what may be told.
        row.inherited = not mail_configs.is_of_tenant(session, TenantId(row.tenant_id), choice.config_id)
        return self.resolver.route(session, choice)

    def _choice(self, session: Session, row: trials.TrialRow) -> Choice | None:
        tenant_id = TenantId(row.tenant_id)
        if row.source == TrialSource.SAVED.value:
            found = mail_configs.find_row(session, tenant_id, ConfigId(_id_of(row)))
            return Choice(ConfigId(found.id)) if found else None
        resolution = self.resolver.for_tenant(session, tenant_id, user_id=_whose(row))
        row.trace = shapes.of_trace(resolution.trace)
        return resolution.choice

    def _draft_route(self, session: Session, row: trials.TrialRow) -> Route:
        draft = shapes.draft_from(row.draft or {})
        server, owner = self.resolver.server_of(draft), TenantId(row.tenant_id)
        password = None
        if draft.sign_in is SignIn.PASSWORD:
            if row.password is None:
                raise PasswordNeededError
            own = self.passwords.of_tenant(session, owner)
            password = own.open_password(row.password, ConfigId(_id_of(row)), draft.destination)
        saved = mail_configs.find_row(session, owner, ConfigId(_id_of(row)))
        if saved and saved.password == row.password and mail_configs.draft_of(saved) == draft:
            # The form as it was opened: what is learnt is the state of the saved configuration.
            return Route(ConfigId(saved.id), saved.version, draft, server, password, owner)
        return Route(None, 0, draft, server, password, owner)

    def _run(self, job: _Job) -> Report:
        parcel = self._written(job)

        def observe(finding: Finding) -> None:
            job.findings.append(finding)
            self._store_findings(job)

        if job.verb is Verb.CHECK:
            return self.transmission.check(job.route, parcel.envelope, deadlines=INTERACTIVE, observe=observe)
        return self.transmission.send(
            job.route, parcel, deadlines=INTERACTIVE, observe=observe, fence=lambda _accepted: True
        )

    def _written(self, job: _Job) -> Parcel:
        draft = job.route.draft
        signature = signed(draft, wanted=None, reply_to=None, inherited=job.inherited)
        sender_domain = draft.from_address.rpartition("@")[2]
        heading = Heading(
            sender=signature.sender,
            recipients=(Mailbox(job.recipient),),
            reply_to=signature.reply_to,
            message_id=f"<{job.trial_id.hex}@{sender_domain}>",
            date=self.clock(),
            charset=draft.charset,
            misfit=draft.misfit,
        )
        written = write(self._letter(job, draft), heading)
        return Parcel(Envelope(signature.envelope, (job.recipient,), len(written.content)), written)

    def _letter(self, job: _Job, draft: Draft) -> Outgoing:
        """In the language of whoever asked for it, unless the encoding that is tried is too small for that."""
        name, charset = job.tenant_name, draft.charset
        letter = self.letters.test(tenant_name=name, charset=charset, voice=job.voice, brand=job.brand)
        if draft.misfit is MisfitPolicy.STRICT and any(misfits(letter.subject + letter.text, charset)):
            return self.letters.test(tenant_name=name, charset=charset)
        return letter

    def _store_findings(self, job: _Job) -> None:
        with unit_of_work(SYSTEM) as session:
            row = trials.get_by_id(session, job.trial_id)
            row.findings = [] if job.inherited else shapes.of_findings(job.findings)

    def _finish(self, trial_id: TrialId, report: Report, job: _Job | None = None) -> None:
        now = self.clock()
        with unit_of_work(SYSTEM) as session:
            row = trials.get_by_id(session, trial_id)
            row.state, row.code, row.finished_at, row.owner = TrialState.DONE.value, report.code.value, now, None
            if job is None:
                return
            row.transcript = [] if job.inherited else list(report.transcript)
            row.notes = [] if job.inherited else list(report.notes)
            self.health.learn_of_test(session, job.route.config_id, job.route.version, report.code)


def _whose(row: trials.TrialRow) -> UserId | None:
    """Whose mail is tried: somebody else's, one's own, or with None the tenant's."""
    return UserId(row.for_user_id or row.user_id) if row.source == TrialSource.USER.value else None


def _id_of(row: trials.TrialRow) -> UUID:
    if row.config_id is None:
        raise LookupError("this trial names no configuration")
    return row.config_id
