"""Knows the Provider default: the live, read-only view of whatever the level above uses."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.mail_config import InheritedDefault, MailConfig
from portal.domain.precedence import Choice, Resolution
from portal.domain.tenancy import Tenant
from portal.services.resolution import Resolver
from portal.store import mail_configs, tenants


@dataclass(frozen=True, slots=True)
class Inheritance:
    resolver: Resolver

    def of(self, session: Session, tenant: Tenant) -> InheritedDefault:
        """What the tenant may know of the configuration above it; for the root, of the instance default."""
        resolution, parent = self.resolved(session, tenant)
        config_id = resolution.choice.config_id if resolution.choice else None
        config = mail_configs.as_domain(mail_configs.get_by_id(session, config_id)) if config_id else None
        return self.view(parent, resolution.choice, config)

    def resolved(self, session: Session, tenant: Tenant) -> tuple[Resolution, Tenant | None]:
        """What stands above the tenant, with its direct parent, by one look at its lineage."""
        if tenant.is_root:
            return self.resolver.among([]), None
        above = tenants.lineage(session, tenant)[1:]
        return self.resolver.among(above), above[0]

    def view(self, parent: Tenant | None, choice: Choice | None, config: MailConfig | None) -> InheritedDefault:
        """The projection of a choice; `config` is the configuration that it stands for, None for the instance's."""
        name = parent.name if parent else ""
        if choice is None:
            return InheritedDefault(name, None, exists=False)
        sender_is_shown = parent is None or parent.shows_sender
        if config is None:
            default = self.resolver.instance_default
            sender = default.draft.from_address if default else None
            return InheritedDefault(name, sender if sender_is_shown else None, exists=True)
        sender = config.draft.from_address if sender_is_shown else None
        return InheritedDefault(name, sender, exists=True, last_code=config.last_code, last_at=config.last_at)
