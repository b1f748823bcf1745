"""Knows everything the portal can do: the list of use cases, each made of the tools that it needs."""

from dataclasses import dataclass
from datetime import timedelta

from portal.services.accounts import Accounts
from portal.services.answers import Answers
from portal.services.audit import Audit
from portal.services.audit_verification import AuditVerification
from portal.services.backups import Backups
from portal.services.brand_hosts import BrandHosts
from portal.services.brandings import Brandings
from portal.services.checks import Checks
from portal.services.claiming import Claiming
from portal.services.contacts import Contacts
from portal.services.dashboards import Dashboards
from portal.services.delivering import Delivering
from portal.services.denials import Denials
from portal.services.doctor import Doctor
from portal.services.email_changes import EmailChanges
from portal.services.explanations import Explanations
from portal.services.fences import Fences
from portal.services.figures import Figures
from portal.services.forgetting import Forgetting
from portal.services.impacts import Impacts
from portal.services.invitations import Invitations
from portal.services.invoices import Invoices
from portal.services.keys import Keys
from portal.services.leaps import Leaps
from portal.services.linked_configs import LinkedConfigs
from portal.services.looks import Looks
from portal.services.mail_configs import MailConfigs
from portal.services.mail_log import MailLog
from portal.services.mail_passwords import MailPasswords
from portal.services.mail_ways import MailWays
from portal.services.moving import Moving
from portal.services.outbox import Outbox
from portal.services.password_changes import PasswordChanges
from portal.services.places import Clock
from portal.services.preferences import OwnPreferences
from portal.services.preparation import Preparation
from portal.services.profiles import Profiles
from portal.services.proofs import Proofs
from portal.services.queue import Queue
from portal.services.queued_mails import QueuedMails
from portal.services.readiness import Readiness
from portal.services.rollback import Rollback
from portal.services.routing import Routing
from portal.services.second_steps import SecondSteps
from portal.services.security import Security
from portal.services.sender_policies import SenderPolicies
from portal.services.sending import Sending
from portal.services.template_previews import TemplatePreviews
from portal.services.templates import Templates
from portal.services.tenants import Tenants
from portal.services.tools import Tools, World, build_tools
from portal.services.tree import Tree
from portal.services.trial_runs import TrialRuns
from portal.services.trials import Trials
from portal.services.turns import Turns
from portal.services.users import Users
from portal.settings import Settings

__all__ = ["Services", "World", "build_services"]


@dataclass(frozen=True, slots=True)
class Services:
    """The list of everything the doors may ask for."""

    clock: Clock
    tenants: Tenants
    moving: Moving
    impacts: Impacts
    accounts: Accounts
    security: Security
    invitations: Invitations
    password_changes: PasswordChanges
    mail_configs: MailConfigs
    users: Users
    preferences: OwnPreferences
    profiles: Profiles
    linked_configs: LinkedConfigs
    mail_passwords: MailPasswords
    mail_ways: MailWays
    explanations: Explanations
    contacts: Contacts
    invoices: Invoices
    trials: Trials
    templates: Templates
    template_previews: TemplatePreviews
    sender_policies: SenderPolicies
    outbox: Outbox
    mail_log: MailLog
    audit: Audit
    denials: Denials
    sending: Sending
    delivering: Delivering
    trial_runs: TrialRuns
    checks: Checks
    forgetting: Forgetting
    leaps: Leaps
    queue: Queue
    queued_mails: QueuedMails
    backups: Backups
    keys: Keys
    doctor: Doctor

    @property
    def tree(self) -> Tree:
        return Tree()

    @property
    def audit_verification(self) -> AuditVerification:
        return AuditVerification(self.audit.chain.seals)

    @property
    def looks(self) -> Looks:
        return Looks(self.clock, checks=self.checks.every is not None)

    @property
    def brandings(self) -> Brandings:
        return Brandings(self.audit, self.moving.shelf)

    @property
    def brand_hosts(self) -> BrandHosts:
        return BrandHosts(self.clock, self.audit, self.moving.shelf, self.invitations.links.urls)

    @property
    def readiness(self) -> Readiness:
        return self.queue.readiness

    @property
    def figures(self) -> Figures:
        return Figures(self.queue.clock)

    @property
    def dashboards(self) -> Dashboards:
        return Dashboards(self.clock, self.mail_ways.inheritance, self.readiness)

    @property
    def rollback(self) -> Rollback:
        return self.queue.rollback


def build_services(settings: Settings, world: World) -> Services:
    tools = build_tools(settings, world)
    clock, audit, throttle = tools.clock, tools.audit, tools.throttle
    accounts = Accounts(clock, audit, throttle, tools.passphrases, tools.browsers, tools.sign_ins)
    invitations = Invitations(audit, accounts, throttle, tools.passphrases, tools.links, tools.letters, tools.sending)
    queue, mail_log, templates = _queue(tools, settings, world), MailLog(clock, audit), Templates(clock, audit)
    return Services(
        clock=clock,
        tenants=Tenants(clock, audit, tools.vault, invitations),
        moving=Moving(clock, audit, tools.shelf),
        impacts=Impacts(tools.resolver),
        accounts=accounts,
        security=_security(tools),
        invitations=invitations,
        password_changes=PasswordChanges(audit, throttle, tools.passphrases, tools.links, tools.letters, tools.sending),
        mail_configs=MailConfigs(clock, audit, tools.inheritance, tools.passwords),
        users=Users(clock, audit),
        preferences=OwnPreferences(audit),
        profiles=Profiles(clock, audit),
        linked_configs=LinkedConfigs(clock, audit),
        mail_passwords=MailPasswords(clock, audit, tools.passwords),
        mail_ways=MailWays(tools.resolver, tools.inheritance),
        explanations=Explanations(tools.resolver, tools.inheritance),
        contacts=Contacts(clock, audit, throttle, tools.letters, tools.sending, tools.urls),
        invoices=Invoices(clock, audit, tools.letters, tools.sending),
        trials=Trials(clock, audit, throttle, tools.passwords, tools.destinations),
        templates=templates,
        template_previews=_previews(tools, templates),
        sender_policies=SenderPolicies(audit),
        outbox=tools.outbox,
        mail_log=mail_log,
        audit=audit,
        denials=Denials(audit, throttle),
        sending=tools.sending,
        delivering=_delivering(tools, queue.rollback, settings.tenant_per_minute),
        trial_runs=TrialRuns(clock, tools.resolver, tools.passwords, tools.transmission, tools.letters, tools.health),
        checks=_checks(tools, settings),
        forgetting=Forgetting(clock, tools.audit_chain, settings.mail_log_days, settings.audit_days),
        leaps=Leaps(clock, world.steady, tools.health.check_every),
        queue=queue,
        queued_mails=QueuedMails(clock, audit, mail_log),
        backups=Backups(clock, tools.vault.ring),
        keys=Keys(tools.vault, audit),
        doctor=Doctor(clock, settings, Keys(tools.vault, audit), queue),
    )


def _queue(tools: Tools, settings: Settings, world: World) -> Queue:
    clock = tools.clock
    rollback = Rollback(clock, tools.settlement.journal, settings.mail_log_days)
    return Queue(clock, tools.audit, rollback, Readiness(clock, world.delivers, settings.folders))


def _security(tools: Tools) -> Security:
    sign_ins, second_factors = tools.sign_ins, tools.second_factors
    proofs = Proofs(tools.clock, tools.audit, tools.throttle, tools.passphrases, second_factors)
    changes = EmailChanges(tools.audit, tools.throttle, tools.links, second_factors.notices)
    return Security(sign_ins, second_factors, SecondSteps(sign_ins, second_factors), proofs, changes)


def _delivering(tools: Tools, rollback: Rollback, per_minute: int) -> Delivering:
    clock, settlement = tools.clock, tools.settlement
    claiming = Claiming(
        clock=clock,
        routing=Routing(tools.resolver),
        passwords=tools.passwords,
        settlement=settlement,
        health=tools.health,
        turns=Turns(clock),
        per_minute=per_minute,
    )
    return Delivering(
        clock=clock,
        claiming=claiming,
        preparation=Preparation(settlement),
        transmission=tools.transmission,
        settlement=settlement,
        fences=Fences(claiming.routing, tools.passwords),
        answers=Answers(clock, settlement, tools.health),
        rollback=rollback,
    )


def _checks(tools: Tools, settings: Settings) -> Checks:
    every = timedelta(hours=settings.check_hours) if settings.check_hours else None
    return Checks(tools.clock, tools.resolver, tools.transmission, tools.health, every)


def _previews(tools: Tools, templates: Templates) -> TemplatePreviews:
    return TemplatePreviews(
        tools.clock,
        tools.throttle,
        templates,
        tools.own_words,
        tools.inheritance,
        tools.resolver,
        tools.sending,
        tools.letters,
        tools.urls,
    )
