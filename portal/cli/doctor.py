"""Knows how the operator is told what is wrong with the installation, and how each of it is mended."""

import json
from logging import DEBUG, getLogger
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.cli.database import is_migrated
from portal.cli.naming import services
from portal.cli.symptoms import meaning, remedy
from portal.domain.symptoms import Severity, Symptom
from portal.i18n import gettext as _
from portal.services.doctor import Around


@click.command
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list, for programs.")
@with_appcontext
def doctor(*, as_json: bool) -> None:
    """Name every insecure setting and everything that keeps the portal from its work, and say what mends it.

    Ends with 0 where there is nothing but notes, with 1 for warnings, and with 2 for errors. It changes nothing.
    """
    symptoms = services().doctor.examine(_around())
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in symptoms], indent=2))
    else:
        _tell(symptoms)
    if worst := max((each.severity for each in symptoms), default=Severity.NOTE):
        raise click.exceptions.Exit(int(worst))


def _around() -> Around:
    return Around(
        env_file=Path(current_app.root_path).parent / ".env",
        is_debug=current_app.debug or getLogger().level == DEBUG,
        is_migrated=services().doctor.reaches_database() and is_migrated(),
    )


def _tell(symptoms: list[Symptom]) -> None:
    for each in symptoms:
        click.echo(f"{_word(each.severity):<8} {meaning(each)}")
        click.echo(f"{'':<8} → {remedy(each)}")
    counts = {severity: sum(each.severity is severity for each in symptoms) for severity in Severity}
    click.echo(
        _(
            "Errors: %(errors)s, warnings: %(warnings)s, notes: %(notes)s.",
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
            notes=counts[Severity.NOTE],
        )
    )


def _as_json(symptom: Symptom) -> dict[str, object]:
    return {
        "code": symptom.sign.value,
        "severity": symptom.severity.name.lower(),
        "values": dict(symptom.values),
        "meaning": meaning(symptom),
        "remedy": remedy(symptom),
    }


def _word(severity: Severity) -> str:
    return {Severity.ERROR: _("ERROR"), Severity.WARNING: _("warning"), Severity.NOTE: _("note")}[severity]
