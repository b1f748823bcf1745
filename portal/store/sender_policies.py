"""Knows what companies decided of the senders and the language of their mails."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant
from portal.store.db import once
from portal.store.tenants import TenantRow


def sender_domains(session: Session, lineage: Sequence[Tenant]) -> list[list[str]]:
    """The sender domains of each of these tenants, in their order; none where nobody chose any."""
    chosen = _decisions(session, lineage)
    return [chosen[each.id][0] or [] for each in lineage]


def nearest_language(session: Session, lineage: Sequence[Tenant]) -> str | None:
    """The language that the nearest of these tenants chose, which come nearest first, or None."""
    chosen = _decisions(session, lineage)
    return next((language for each in lineage if (language := chosen[each.id][1])), None)


def own_language(session: Session, lineage: Sequence[Tenant]) -> str | None:
    """The language that the first of these tenants chose, or None."""
    return _decisions(session, lineage)[lineage[0].id][1]


_Decision = tuple[list[str] | None, str | None]


def _decisions(session: Session, lineage: Sequence[Tenant]) -> dict[TenantId, _Decision]:
    """What each of these tenants decided of the senders and the language of its mails."""
    ids = tuple(each.id for each in lineage)

    def find() -> dict[TenantId, _Decision]:
        columns = TenantRow.id, TenantRow.sender_domains, TenantRow.mail_language
        rows = session.execute(select(*columns).where(TenantRow.id.in_(ids)))
        return {TenantId(tenant_id): (domains, language) for tenant_id, domains, language in rows}

    return once(session, ("decisions", ids), find)
