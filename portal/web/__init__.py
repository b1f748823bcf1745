"""The door for people: HTML pages, plain forms, and a little script that only enhances them."""

from flask import Flask

from portal.settings import Settings
from portal.web import assets, errors, forgery, headers, identity, jinja
from portal.web.pages import (
    audit_log,
    closures,
    deletions,
    demo_mailbox,
    draft_trials,
    help,  # noqa: A004 - the noun of the page
    invitations,
    mail_configs,
    mail_log,
    mail_templates,
    my_mail,
    my_trials,
    password_resets,
    passwords,
    proposals,
    provider_default,
    selections,
    sender_policies,
    sign_ins,
    suspensions,
    template_tests,
    template_withdrawals,
    tenants,
    trials,
    users,
)

_PAGES = (
    audit_log,
    closures,
    deletions,
    draft_trials,
    help,
    invitations,
    mail_configs,
    mail_log,
    mail_templates,
    my_mail,
    my_trials,
    password_resets,
    passwords,
    proposals,
    provider_default,
    selections,
    sender_policies,
    sign_ins,
    suspensions,
    template_tests,
    template_withdrawals,
    tenants,
    trials,
    users,
)


def register(app: Flask, settings: Settings) -> None:
    """Open this door on an application."""
    jinja.register(app)
    forgery.register(app)
    identity.register(app)
    errors.register(app)
    headers.register(app, settings)
    assets.install(app)
    for each in (*_PAGES, demo_mailbox) if settings.demo else _PAGES:
        app.register_blueprint(each.bp)
