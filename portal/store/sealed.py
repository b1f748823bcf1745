"""Knows every row of a company that holds something sealed with its data key. Nothing sealed is kept anywhere else."""

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow
from portal.store.second_factors import SecondFactorRow
from portal.store.trials import TrialRow
from portal.store.users import UserRow

# Mails are large, and a company may have many: so many are looked at together.
_AT_ONCE = 100


def configs_of(session: Session, tenant_id: TenantId) -> list[MailConfigRow]:
    """Configurations with a `password`."""
    wanted = MailConfigRow.tenant_id == tenant_id, MailConfigRow.password.is_not(None)
    return list(session.scalars(select(MailConfigRow).where(*wanted)))


def trials_of(session: Session, tenant_id: TenantId) -> list[TrialRow]:
    """Tests of drafts with a `password`, and perhaps `alternatives`."""
    return list(
        session.scalars(select(TrialRow).where(TrialRow.tenant_id == tenant_id, TrialRow.password.is_not(None)))
    )


def second_factors_of(session: Session, tenant_id: TenantId) -> list[SecondFactorRow]:
    """Second factors of its people, with a `seed` or an `offered_seed`."""
    query = select(SecondFactorRow).join(UserRow, UserRow.id == SecondFactorRow.user_id)
    return list(session.scalars(query.where(UserRow.tenant_id == tenant_id)))


def messages_of(session: Session, tenant_id: TenantId) -> Iterator[MessageRow]:
    """Mails with `content` or `sealed_bytes`; a change to one is written before the next ones are read."""
    wanted = (
        MessageRow.tenant_id == tenant_id,
        or_(MessageRow.content.is_not(None), MessageRow.sealed_bytes.is_not(None)),
    )
    ids = list(session.scalars(select(MessageRow.id).where(*wanted)))
    for start in range(0, len(ids), _AT_ONCE):
        some = list(session.scalars(select(MessageRow).where(MessageRow.id.in_(ids[start : start + _AT_ONCE]))))
        yield from some
        session.flush()
        for row in some:
            session.expunge(row)
