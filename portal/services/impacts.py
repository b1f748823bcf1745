"""Knows what a change would touch, before anybody makes it: whose mail, how much of it, and what takes over."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, TenantId
from portal.domain.impact import MOST_NAMED, Impact, Landscape, difference, everybody, served_by
from portal.domain.roles import Actor, Permission
from portal.domain.tenancy import Tenant
from portal.services.places import enter
from portal.services.resolution import Resolver
from portal.store import mail_configs
from portal.store.db import reading
from portal.store.landscapes import landscape_of


@dataclass(frozen=True, slots=True)
class Impacts:
    """Every answer takes the same number of statements, however many are touched."""

    resolver: Resolver

    def of_selection(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId | None) -> Impact:
        """What another selection would touch; None is the Provider default. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.SELECT_CONFIG)
            if config_id is not None:
                mail_configs.get_row(session, tenant.id, config_id)
            now = self._landscape(session, tenant)
            return _named(session, actor, difference(now, now.with_selection(tenant.id, config_id)))

    def of_edit(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId) -> Impact:
        """Whose mail uses a configuration that is to be changed. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            row = mail_configs.get_row(session, tenant.id, config_id)
            return served_by(self._landscape(session, tenant), ConfigId(row.id))

    def of_deletion(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId) -> Impact:
        """What a deletion would touch. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            row = mail_configs.get_row(session, tenant.id, config_id)
            now = self._landscape(session, tenant)
            return _named(session, actor, difference(now, now.without(ConfigId(row.id))))

    def of_deletions(self, actor: Actor, tenant_id: TenantId, config_ids: Collection[ConfigId]) -> Impact:
        """What deleting all of these at once would touch. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            now = then = self._landscape(session, tenant)
            for row in mail_configs.rows_by_id(session, tenant.id, config_ids):
                then = then.without(ConfigId(row.id))
            return _named(session, actor, difference(now, then))

    def of_rest(self, actor: Actor, tenant_id: TenantId) -> Impact:
        """Everybody whose mail is held while a company is suspended, or ends when it is closed."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.SUSPEND_TENANT)
            return everybody(self._landscape(session, tenant))

    def of_move(self, actor: Actor, tenant_id: TenantId, parent_id: TenantId) -> Impact:
        """Whose mail would take another way under another parent. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.MOVE_TENANT)
            parent = enter(session, actor, parent_id, Permission.CREATE_TENANT)
            now = self._landscape(session, tenant)
            then = now.below(self.resolver.for_tenant(session, parent.id).choice)
            return _named(session, actor, difference(now, then))

    def _landscape(self, session: Session, tenant: Tenant) -> Landscape:
        return landscape_of(session, tenant, self.resolver.above(session, tenant).choice)


def _named(session: Session, actor: Actor, impact: Impact) -> Impact:
    """Name what takes over, where it stands in the actor's own subtree."""
    first = impact.takeovers[:MOST_NAMED]
    ids = [each.choice.config_id for each in first if each.choice and each.choice.config_id]
    names = mail_configs.names_below(session, actor.tenant.path, ids)
    named = (
        replace(each, name=names.get(each.choice.config_id, "") if each.choice and each.choice.config_id else "")
        for each in first
    )
    return replace(impact, takeovers=tuple(named))
