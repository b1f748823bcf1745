"""Knows how the operator finds out whether anybody has touched an audit log."""

import click
from flask.cli import with_appcontext

from portal.cli.database import ensure_migrated
from portal.cli.naming import services, tenant_named
from portal.domain.audit_chain import ChainReport, Flaw
from portal.i18n import gettext as _
from portal.i18n import ngettext


@click.group
def audit() -> None:
    """Look after the audit logs."""


@audit.command
@click.option("--tenant", "company", help="Only this company: its id, or the names on the way down to it.")
@click.pass_context
@with_appcontext
def verify(context: click.Context, *, company: str | None) -> None:
    """Walk every company's log from its first event to its last, and name the first one that is not as it was.

    Ends with 0 where all is well, and with 1 where anything is not.
    """
    ensure_migrated()
    tenant_id = tenant_named(company).id if company else None
    total = _Total()
    for report in services().audit_verification.walk(tenant_id):
        total.add(report)
        if report.flaw is not None:
            click.echo(f"{report.tenant_name or report.tenant_id}: {_sentence(report.flaw, report.at)}")
    total.tell()
    if total.broken:
        context.exit(1)


class _Total:
    """What all companies come to."""

    def __init__(self) -> None:
        self.events = self.companies = self.expired = self.adopted = self.without_key = self.broken = 0

    def add(self, report: ChainReport) -> None:
        self.companies += 1
        self.broken += report.flaw is not None
        for name in ("events", "expired", "adopted", "without_key"):
            setattr(self, name, getattr(self, name) + getattr(report, name))

    def tell(self) -> None:
        counted = _("%(events)s in %(companies)s", events=_events(self.events), companies=_companies(self.companies))
        if self.broken:
            click.echo(_("%(counted)s, broken in %(broken)s.", counted=counted, broken=_companies(self.broken)))
        else:
            click.echo(_("%(counted)s, unbroken.", counted=counted))
        if self.expired:
            click.echo(_("%(events)s have expired: their hashes are left.", events=_events(self.expired)))
        if self.adopted:
            click.echo(_("%(events)s were there before the chain was begun.", events=_events(self.adopted)))
        if self.without_key:
            sealed = _events(self.without_key)
            click.echo(
                _(
                    "%(events)s are sealed with keys that PORTAL_KEYS lacks; the end of the log vouches for them.",
                    events=sealed,
                )
            )


def _events(number: int) -> str:
    return ngettext("One event", "%(number)s events", number)


def _companies(number: int) -> str:
    return ngettext("one company", "%(number)s companies", number)


def _sentence(flaw: Flaw, at: int) -> str:
    sentences = {
        Flaw.CHANGED: _("event %(at)s was changed."),
        Flaw.MISSING: _("event %(at)s is missing."),
        Flaw.ADDED: _("event %(at)s was added by somebody else than the portal."),
        Flaw.CUT_OFF: _("the log is cut off: event %(at)s is missing, and all behind it."),
        Flaw.EXPIRED_CHANGED: _("one of the hashes that are left of the first %(at)s events was changed."),
        Flaw.HEAD_CHANGED: _("the row that says where the log ends was changed (it says: at event %(at)s)."),
        Flaw.HEAD_MISSING: _("the row that says where the log ends is missing."),
        Flaw.KEY_MISSING: _("the end of the log is sealed with a key that PORTAL_KEYS has not got."),
        Flaw.NOT_CHAINED: _("event %(at)s has no hash yet; the portal makes them when it starts after an update."),
    }
    return sentences[flaw] % {"at": at}
