"""Knows how the database does: what its clock says, and when anything was written last."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.store.audit_log import AuditRow


def clock(session: Session) -> datetime | None:
    """What the clock of the database's machine says; None where that is this machine."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    told: datetime | None = session.scalar(text("SELECT clock_timestamp()"))
    return told


def last_event_at(session: Session) -> datetime | None:
    return session.scalar(select(func.max(AuditRow.at)))
