"""Knows everything the portal can do: the list of use cases, each made of the tools that it needs."""

from dataclasses import dataclass
from datetime import timedelta

from portal.services.accounts import Accounts
from portal.services.answers import Answers
from portal.services.audit import Audit
from portal.services.backups import Backups
from portal.services.checks import Checks
from portal.services.claiming import Claiming
from portal.services.contacts import Contacts
from portal.services.delivering import Delivering
from portal.services.explanations import Explanations
from portal.services.fences import Fences
from portal.services.figures import Figures
from portal.services.forgetting import Forgetting
from portal.services.impacts import Impacts
from portal.services.invitations import Invitations
from portal.services.invoices import Invoices
from portal.services.linked_configs import LinkedConfigs
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
from portal.services.queue import Queue
from portal.services.queued_mails import QueuedMails
from portal.services.readiness import Readiness
from portal.services.rollback import Rollback
from portal.services.sender_policies import SenderPolicies
from portal.services.sending import Sending
from portal.services.template_previews import TemplatePreviews
from portal.services.templates import Templates
from portal.services.tenants import Tenants
from portal.services.tools import Tools, World, build_tools
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
    sending: Sending
    delivering: Delivering
    trial_runs: TrialRuns
    checks: Checks
    forgetting: Forgetting
    readiness: Readiness
    figures: Figures
    queue: Queue
    queued_mails: QueuedMails
    rollback: Rollback
    backups: Backups


def build_services(settings: Settings, world: World) -> Services:
    tools = build_tools(settings, world)
    clock, audit, throttle = tools.clock, tools.audit, tools.throttle
    accounts = Accounts(clock, audit, throttle, tools.passphrases, tools.browsers)
    invitations = Invitations(audit, accounts, throttle, tools.passphrases, tools.links, tools.letters, tools.sending)
    templates = Templates(clock, audit)
    rollback = Rollback(clock, tools.settlement.journal, settings.mail_log_days)
    readiness, figures, mail_log = Readiness(clock, world.delivers), Figures(clock), MailLog(clock, audit)
    return Services(
        clock=clock,
        tenants=Tenants(clock, audit, tools.vault, invitations),
        moving=Moving(clock, audit),
        impacts=Impacts(tools.resolver),
        accounts=accounts,
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
        contacts=Contacts(clock, audit, throttle, tools.letters, tools.sending, settings.public_url),
        invoices=Invoices(clock, audit, tools.letters, tools.sending),
        trials=Trials(clock, audit, throttle, tools.passwords, tools.destinations),
        templates=templates,
        template_previews=_previews(tools, templates, settings),
        sender_policies=SenderPolicies(audit),
        outbox=tools.outbox,
        mail_log=mail_log,
        audit=audit,
        sending=tools.sending,
        delivering=_delivering(tools, rollback),
        trial_runs=TrialRuns(clock, tools.resolver, tools.passwords, tools.transmission, tools.letters, tools.health),
        checks=_checks(tools, settings),
        forgetting=Forgetting(clock, settings.mail_log_days),
        readiness=readiness,
        figures=figures,
        queue=Queue(clock, audit, rollback, figures, readiness),
        queued_mails=QueuedMails(clock, audit, mail_log),
        rollback=rollback,
        backups=Backups(clock, tools.vault.ring),
    )


def _delivering(tools: Tools, rollback: Rollback) -> Delivering:
    clock, settlement = tools.clock, tools.settlement
    claiming = Claiming(clock, tools.resolver, tools.passwords, settlement, tools.health, Turns(clock))
    return Delivering(
        clock=clock,
        claiming=claiming,
        preparation=Preparation(settlement),
        transmission=tools.transmission,
        settlement=settlement,
        fences=Fences(claiming),
        answers=Answers(clock, settlement, tools.health),
        rollback=rollback,
    )


def _checks(tools: Tools, settings: Settings) -> Checks:
    every = timedelta(hours=settings.check_hours) if settings.check_hours else None
    return Checks(tools.clock, tools.resolver, tools.transmission, tools.health, every)


def _previews(tools: Tools, templates: Templates, settings: Settings) -> TemplatePreviews:
    return TemplatePreviews(
        tools.clock,
        tools.throttle,
        templates,
        tools.own_words,
        tools.inheritance,
        tools.resolver,
        tools.sending,
        tools.letters,
        settings.public_url,
    )
