"""Knows how a configuration is linked to people and to profiles: a reference to one record, never a copy of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.errors import ConflictError
from portal.domain.ids import ConfigId, ProfileId, TenantId, UserId
from portal.domain.roles import Actor, Permission
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.places import Clock, enter
from portal.store import mail_configs, profiles, users, waiting
from portal.store.db import unit_of_work


@dataclass(frozen=True, slots=True)
class LinkedConfigs:
    clock: Clock
    audit: Audit

    def link_users(
        self,
        actor: Actor,
        tenant_id: TenantId,
        user_ids: Sequence[UserId],
        config_id: ConfigId | None,
        *,
        version: int | None = None,
    ) -> int:
        """Link one of the tenant's configurations to some of its users, or with None unlink whatever they have.

        Returns for how many that changed something. Raises NotFoundError, and ConflictError when `version` is given
        and no longer that of the (one) user.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.LINK_CONFIGS)
            rows = users.rows_by_id(session, tenant.id, user_ids)
            if version is not None and any(row.version != version for row in rows):
                raise ConflictError
            return self._link(session, actor, tenant, rows, config_id)

    def link_profile(
        self,
        actor: Actor,
        tenant_id: TenantId,
        profile_id: ProfileId,
        config_id: ConfigId | None,
        *,
        version: int | None = None,
    ) -> int:
        """Link one of the tenant's configurations to a profile, or with None unlink the one it has.

        Returns 1 where that changed something. Raises NotFoundError, ConflictError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.LINK_CONFIGS)
            row = profiles.get_row(session, tenant.id, profile_id)
            if version is not None and row.version != version:
                raise ConflictError
            return self._link(session, actor, tenant, [row], config_id)

    def _link(
        self,
        session: Session,
        actor: Actor,
        tenant: Tenant,
        rows: Sequence[users.UserRow | profiles.ProfileRow],
        config_id: ConfigId | None,
    ) -> int:
        config = mail_configs.get_row(session, tenant.id, config_id) if config_id else None
        changing = [row for row in rows if row.linked_config_id != (config.id if config else None)]
        names = mail_configs.names_of(session, tenant.id)
        for row in changing:
            before = names.get(ConfigId(row.linked_config_id), "") if row.linked_config_id else ""
            row.linked_config_id, row.version = (config.id if config else None), row.version + 1
            self.audit.record(
                session,
                Event.CONFIG_LINKED if config else Event.CONFIG_UNLINKED,
                tenant_id=tenant.id,
                subject=Subject(row.id, row.email if isinstance(row, users.UserRow) else row.name),
                actor=actor,
                change={"linked_config": (before, config.name if config else "")},
            )
        waiting.wake_held(session, tenant.path, self.clock())
        return len(changing)
