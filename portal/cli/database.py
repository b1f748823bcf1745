"""Knows whether the database is ready, and how it becomes so."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade

from portal.cli.refusals import RefusedError
from portal.i18n import gettext as _


def migrate() -> None:
    """Bring the database up to date; nothing happens where it is."""
    if not is_migrated():
        upgrade()


def ensure_migrated() -> None:
    """Raise RefusedError while the database is not up to date."""
    if not is_migrated():
        raise RefusedError(_("The database is not up to date. Bring it there with: flask --app wsgi db upgrade"))


def knows_revision(revision: str) -> bool:
    """Whether a database at this migration is one of today's or of an earlier version."""
    script = ScriptDirectory(current_app.extensions["migrate"].directory)
    return revision in {each.revision for each in script.walk_revisions()}


def let_go() -> None:
    """Close every connection: none of them may be shared with a forked process."""
    current_app.extensions["migrate"].db.engine.dispose()


def is_migrated() -> bool:
    migrations = current_app.extensions["migrate"]
    wanted = ScriptDirectory(migrations.directory).get_heads()
    with migrations.db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == set(wanted)
