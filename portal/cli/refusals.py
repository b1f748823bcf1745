"""Knows how the command line refuses: one clear line and exit code 2, never a traceback."""

from typing import Any

import click
from flask.cli import AppGroup

from portal.demo import PortTakenError
from portal.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    PortalError,
    Problem,
    Trouble,
    UnavailableError,
)
from portal.i18n import gettext as _
from portal.settings import BadSettingError


class RefusedError(click.ClickException):
    """A command that cannot be done as it was given."""

    exit_code = 2


class PortalGroup(AppGroup):
    """The one place where refusals of every command below become sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as misuse:
            raise RefusedError(misuse.format_message()) from None
        except (PortTakenError, BadSettingError) as refusal:
            raise RefusedError(str(refusal)) from None
        except PortalError as refusal:
            raise RefusedError(_sentence(refusal)) from None


def _sentence(refusal: PortalError) -> str:
    match refusal:
        case InvalidError(problems=problems):
            return " ".join(_problem(problem) for problem in problems)
        case NotFoundError():
            return _("There is no such thing in this portal.")
        case ConflictError():
            return _("Somebody else changed this meanwhile.")
        case UnavailableError(trouble=Trouble.BUSY):
            return _(
                "Too many others are saving something in this portal right now."
                " Nothing was done; try again in a moment."
            )
        case _:
            return _("The portal refuses this (%(code)s).", code=refusal.code)


def _problem(problem: Problem) -> str:
    sentences = {
        "required": _("%(field)s is missing."),
        "taken": _("%(field)s is taken already."),
        "not-an-address": _("%(field)s is not an e-mail address."),
        "bad-character": _("%(field)s holds a character that cannot be used here."),
        "too-long": _("%(field)s is longer than %(longest)s characters."),
        "too-short": _("%(field)s is shorter than %(shortest)s characters."),
        "common": _("%(field)s is one that many people use: it is guessed first."),
        "stolen": _("%(field)s is in a list of stolen ones: it is tried everywhere."),
        "names-alone": _("%(field)s is little more than a name: add words that have nothing to do with it."),
        "does-not-fit": _("%(field)s: the encoding %(charset)s has no “%(character)s”."),
        "too-large": _("%(field)s is larger than %(most)s MB."),
        "not-a-pdf": _("%(field)s is no PDF."),
        "no-billing-contact": _("No billing contact of this company has agreed yet."),
        "stands-there": _("It stands there already."),
        "below-itself": _("A company cannot stand below itself."),
        "holds-no-such": _("Such a company cannot hold one of this kind."),
        "too-deep": _("The tree would become too deep there."),
        "name-taken": _("A company there is called “%(name)s” already."),
        "too-many": _("%(field)s: at most %(most)s are possible."),
    }
    otherwise = _("%(field)s cannot be used (%(code)s).")
    values = {"field": _field(problem.field), "code": problem.code, **problem.values}
    return sentences.get(problem.code, otherwise) % values


def _field(name: str) -> str:
    words = {
        "name": _("The name"),
        "email": _("The e-mail address"),
        "password": _("The password"),
        "recipient": _("The recipient"),
        "subject": _("The subject"),
        "text": _("The text"),
        "html": _("The HTML"),
        "file": _("The file"),
        "number": _("The number"),
        "note": _("The note"),
    }
    return words.get(name, name)
