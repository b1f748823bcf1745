"""Knows how the operator makes a new key, moves everything to it, and learns which older ones may go."""

import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from portal.cli.database import ensure_migrated
from portal.cli.naming import services, tenant_named
from portal.cli.refusals import RefusedError
from portal.i18n import gettext as _
from portal.services import Services
from portal.services.keys import KeyUse
from portal.services.rekeying import UnopenedError
from portal.settings.keys import new_key, new_secret_key

# Between two transactions whoever else wants to write gets his turn.
_PAUSE = 0.003
# A process that still has the older ring wraps the keys of new companies with an older one: then there is more to do.
_ROUNDS = 10


@click.group
def keys() -> None:
    """Look after the keys that everything secret is sealed with."""


@keys.command("list")
@with_appcontext
def list_() -> None:
    """Say which keys there are and how many companies' secrets depend on each; never a key itself."""
    ensure_migrated()
    uses = services().keys.uses()
    for use in uses:
        click.echo(f"{use.name:<32} {use.seals:>8}  {_standing(use)}")
    if lacking := [use for use in uses if not use.in_ring]:
        raise RefusedError(_missing(lacking))


@keys.command
@click.option("--secret-key", is_flag=True, help="Make a value for PORTAL_SECRET_KEY instead.")
def new(*, secret_key: bool) -> None:
    """Print a new key for PORTAL_KEYS. Needs no settings, keeps nothing and changes nothing."""
    if secret_key:
        click.echo(new_secret_key(random=secrets.token_bytes))
        return
    name = f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(2)}"
    click.echo(new_key(name, random=secrets.token_bytes))
    click.echo(
        _("The first key is all of PORTAL_KEYS. A later one stands before the others, with a comma behind it;"),
        err=True,
    )
    click.echo(_("then start the portal anew, and say: flask --app wsgi portal keys rotate"), err=True)


@keys.command
@click.option("--tenant", help="Give this company (an id, or the names on the way) a new data key of its own.")
@with_appcontext
def rotate(tenant: str | None) -> None:
    """Move everything that an older key seals to the newest one. The portal may run meanwhile.

    It may be ended at any moment and goes on where it was. It ends with 1 where something could not be moved.
    """
    ensure_migrated()
    if tenant:
        _rekey(tenant)
        return
    done, stuck = _rotate_all()
    services().keys.conclude(done)
    uses = services().keys.uses()
    click.echo(_("Moved to %(name)s: %(count)s.", name=uses[0].name, count=done))
    for use in uses[1:]:
        if use.in_ring and not use.seals:
            click.echo(_("%(name)s is not needed any more: take it out of PORTAL_KEYS.", name=use.name))
            click.echo(_("  Keep it elsewhere as long as you keep backups that were made under it."))
    _ensure_nothing_is_left(uses, stuck)


def ensure_no_key_is_missing() -> None:
    """Raises RefusedError while the ring lacks a key that something needs."""
    if lacking := missing_keys(services()):
        raise RefusedError(lacking)


def missing_keys(found: Services) -> str:
    """The sentence that names the keys which are needed and not in the ring; empty where there are none."""
    lacking = found.keys.missing()
    return _missing(lacking) if lacking else ""


def _rekey(tenant: str) -> None:
    company = tenant_named(tenant)
    try:
        rekeyed = services().keys.rekey(company.id)
    except UnopenedError as unopened:
        raise RefusedError(
            _("The data key of %(name)s does not open: %(why)s.", name=company.name, why=unopened)
        ) from None
    click.echo(_("%(name)s has a new data key. Sealed anew: %(count)s.", name=company.name, count=rekeyed.done))
    if rekeyed.lost:
        click.echo(_("Did not open before either, and stayed as it was: %(count)s.", count=rekeyed.lost))


def _rotate_all() -> tuple[int, int]:
    """How many data keys were moved, and how many do not open."""
    done = stuck = 0
    for _round in range(_ROUNDS):
        older = sum(use.seals for use in services().keys.uses() if use.in_ring and not use.is_current)
        if not older:
            break
        moved, stuck = _rotate_once(older)
        done += moved
        if not moved:
            break
    return done, stuck


def _rotate_once(expected: int) -> tuple[int, int]:
    done, stuck, step = 0, 0, services().keys.rotate_some(0)
    with click.progressbar(length=expected, label=_("Moving")) as bar:
        while step.last is not None:
            done, stuck = done + step.done, stuck + step.stuck
            bar.update(step.done)
            time.sleep(_PAUSE)
            step = services().keys.rotate_some(step.last)
    return done, stuck


def _ensure_nothing_is_left(uses: Iterable[KeyUse], stuck: int) -> None:
    lacking = [use for use in uses if not use.in_ring]
    older = [use for use in uses if use.seals and use.in_ring and not use.is_current]
    if lacking:
        click.echo(_missing(lacking), err=True)
    for use in older:
        click.echo(
            _("%(name)s is still needed. Companies whose secrets need it: %(count)s.", name=use.name, count=use.seals),
            err=True,
        )
    if stuck:
        click.echo(_("  Data keys that do not open, and stayed as they were: %(count)s.", count=stuck), err=True)
    elif older:
        click.echo(_("  They came meanwhile, from a process whose PORTAL_KEYS still begins with it."), err=True)
        click.echo(_("  Start that one anew with the new PORTAL_KEYS, and say this again."), err=True)
    if lacking or older:
        raise click.exceptions.Exit(1)


def _standing(use: KeyUse) -> str:
    if not use.in_ring:
        return _("is missing from PORTAL_KEYS")
    if use.is_current:
        return _("current: seals what is new")
    return _("older: portal keys rotate moves them") if use.seals else _("not needed any more")


def _missing(lacking: Iterable[KeyUse]) -> str:
    names = ", ".join(
        _("%(name)s (companies whose secrets need it: %(count)s)", name=use.name, count=use.seals) for use in lacking
    )
    return _("PORTAL_KEYS lacks a key that is still needed: %(names)s. Put it back behind the newest one.", names=names)
