"""Knows how the command line explains which way a mail goes: as lines for people, or as JSON for programs."""

import json

import click
from flask.cli import with_appcontext

from portal.cli.naming import operator, services, tenant_named
from portal.cli.refusals import RefusedError
from portal.cli.traces import rung_line
from portal.domain.addresses import canonical_address
from portal.domain.diagnosis import Code
from portal.domain.explanation import Explanation, Question, Standing, Step
from portal.domain.ids import TenantId, UserId
from portal.domain.outgoing import Mailbox, Purpose
from portal.domain.precedence import Rung
from portal.i18n import gettext as _


@click.command
@click.argument("user", required=False)
@click.option(
    "--tenant", help="Ask for mail of a company that is nobody's in particular: its id, or the names on the way."
)
@click.option("--purpose", type=click.Choice([each.value for each in Purpose]), default=Purpose.MESSAGE.value)
@click.option("--sender", help="An address that the mail brings along as its own sender.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
@with_appcontext
def explain(user: str | None, tenant: str | None, purpose: str, sender: str | None, *, as_json: bool) -> None:
    """Say which way a mail of USER (an e-mail address) would go now, and why. Nothing is sent."""
    tenant_id, user_id = _whose(user, tenant)
    question = Question(user_id, Purpose(purpose), _mailbox(sender) if sender else None)
    told = services().explanations.explain(operator(), tenant_id, question)
    if as_json:
        click.echo(json.dumps(told.as_json(), ensure_ascii=False, indent=2))
        return
    for line in _lines(told):
        click.echo(line)


def _whose(user: str | None, tenant: str | None) -> tuple[TenantId, UserId | None]:
    if user is None:
        if tenant is None:
            raise RefusedError(_("Say whose mail: an e-mail address, or --tenant."))
        return tenant_named(tenant).id, None
    found = services().users.find_below(operator(), user)
    if found is None:
        raise RefusedError(_("Nobody has the address “%(email)s”.", email=user))
    return found.tenant_id, found.id


def _mailbox(text: str) -> Mailbox:
    try:
        return Mailbox(canonical_address(text))
    except ValueError:
        raise RefusedError(_("The sender is not an e-mail address.")) from None


def _lines(told: Explanation) -> list[str]:
    return [*(f"  {_step(step)}" for step in told.ladder), _answer(told), *_waits(told)]


def _step(step: Step) -> str:
    if step.standing is Standing.NOT_REACHED:
        return _("· not asked any more: %(place)s", place=step.place or _("the portal's configuration of last resort"))
    said = rung_line(Rung(step.source, step.place, step.reason))
    return f"{said}: “{step.config}”" if step.config else said


def _answer(told: Explanation) -> str:
    if told.signature is None:
        return _("Nothing applies: the mail is held until somebody chooses a configuration.")
    sender = told.signature.sender
    return _("From: %(sender)s", sender=f"{sender.name} <{sender.address}>" if sender.name else sender.address)


def _waits(told: Explanation) -> list[str]:
    if told.is_shut_out:
        return [_("It is not sent: this person is disabled.")]
    return [] if told.obstacle in {Code.OK, Code.NO_CONFIG} else [_("It waits: %(code)s", code=told.obstacle.value)]
