"""Knows the Provider default: the live, read-only view of whatever the level above uses."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.mail_config import InheritedDefault
from portal.domain.precedence import Choice
from portal.domain.tenancy import Tenant
from portal.services.resolution import Resolver
from portal.store import mail_configs, tenants
from portal.store.row_security import looking_up


@dataclass(frozen=True, slots=True)
class Inheritance:
    resolver: Resolver

    def of(self, session: Session, tenant: Tenant) -> InheritedDefault:
        """What the tenant may know of the configuration above it; for the root, of the instance default."""
        choice = self.resolver.above(session, tenant).choice
        parent = tenants.get(session, tenant.parent_id) if tenant.parent_id else None
        name = parent.name if parent else ""
        if choice is None:
            return InheritedDefault(name, None, exists=False)
        sender_is_shown = parent is None or parent.shows_sender
        return self._view(session, name, choice, sender_is_shown=sender_is_shown)

    def _view(self, session: Session, name: str, choice: Choice, *, sender_is_shown: bool) -> InheritedDefault:
        if choice.config_id is None:
            default = self.resolver.instance_default
            sender = default.draft.from_address if default else None
            return InheritedDefault(name, sender if sender_is_shown else None, exists=True)
        with looking_up(session):
            config = mail_configs.as_domain(mail_configs.get_by_id(session, choice.config_id))
        sender = config.draft.from_address if sender_is_shown else None
        return InheritedDefault(name, sender, exists=True, last_code=config.last_code, last_at=config.last_at)
