"""The door for people: HTML pages, plain forms, and a little script that only enhances them."""

from flask import Flask

from portal.settings import Settings
from portal.web import assets, errors, forgery, headers, identity, jinja, languages, request_ids
from portal.web.pages import (
    administration,
    audit_log,
    closures,
    contact_confirmations,
    contacts,
    deletions,
    demo_mailbox,
    draft_trials,
    explanations,
    extra_options,
    healthz,
    help,  # noqa: A004 - the noun of the page
    invitations,
    invoices,
    mail_configs,
    mail_log,
    mail_log_exports,
    mail_passwords,
    mail_templates,
    members,
    metrics,
    movings,
    my_mail,
    my_mail_passwords,
    my_trials,
    password_resets,
    passwords,
    preferences,
    profile_deletions,
    profile_mail,
    profile_moves,
    profiles,
    proposals,
    provider_default,
    queue,
    queue_holds,
    queued_mails,
    readyz,
    resendings,
    selections,
    sender_policies,
    sign_ins,
    suspensions,
    template_tests,
    template_withdrawals,
    tenants,
    trials,
    user_changes,
    user_mail,
    user_trials,
    users,
)
from portal.web.pages import (
    languages as languages_page,
)

_PAGES = (
    administration,
    audit_log,
    closures,
    contact_confirmations,
    contacts,
    deletions,
    draft_trials,
    explanations,
    extra_options,
    healthz,
    help,
    invitations,
    invoices,
    languages_page,
    mail_configs,
    mail_log,
    mail_log_exports,
    mail_passwords,
    mail_templates,
    members,
    metrics,
    movings,
    my_mail,
    my_mail_passwords,
    my_trials,
    password_resets,
    passwords,
    preferences,
    profile_deletions,
    profile_mail,
    profile_moves,
    profiles,
    proposals,
    provider_default,
    queue,
    queue_holds,
    queued_mails,
    readyz,
    resendings,
    selections,
    sender_policies,
    sign_ins,
    suspensions,
    template_tests,
    template_withdrawals,
    tenants,
    trials,
    user_changes,
    user_mail,
    user_trials,
    users,
)


def register(app: Flask, settings: Settings) -> None:
    """Open this door on an application."""
    request_ids.register(app, settings)
    languages.register(app)
    jinja.register(app)
    forgery.register(app)
    identity.register(app)
    errors.register(app)
    headers.register(app, settings)
    assets.install(app)
    for each in (*_PAGES, demo_mailbox) if settings.demo else _PAGES:
        app.register_blueprint(each.bp)
