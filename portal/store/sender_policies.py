"""Knows what companies decided of the senders and the language of their mails."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant
from portal.store.db import once
from portal.store.tenants import TenantRow

Decision = tuple[list[str] | None, str | None]


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


def remember(session: Session, lineage: Sequence[Tenant], found: Mapping[TenantId, Decision]) -> None:
    """Tell a reading what each of these tenants decided, which was read in it already: its domains, its language."""
    once(session, _key(lineage), lambda: dict(found))


def _decisions(session: Session, lineage: Sequence[Tenant]) -> dict[TenantId, Decision]:
    """What each of these tenants decided of the senders and the language of its mails."""

    def find() -> dict[TenantId, Decision]:
        columns = TenantRow.id, TenantRow.sender_domains, TenantRow.mail_language
        rows = session.execute(select(*columns).where(TenantRow.id.in_([each.id for each in lineage])))
        return {TenantId(tenant_id): (domains, language) for tenant_id, domains, language in rows}

    return once(session, _key(lineage), find)


def _key(lineage: Sequence[Tenant]) -> object:
    return "decisions", tuple(each.id for each in lineage)
