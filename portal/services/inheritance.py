"""Knows the Provider default: the live, read-only view of whatever the level above uses."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.mail_config import InheritedDefault
from portal.domain.tenancy import Tenant
from portal.services.resolution import Resolver
from portal.store import inherited, tenants
from portal.store.row_security import looking_up


@dataclass(frozen=True, slots=True)
class Inheritance:
    resolver: Resolver

    def of(self, session: Session, tenant: Tenant) -> InheritedDefault:
        """What the tenant may know of the configuration above it; for the root, of the instance default."""
        with looking_up(session):
            states = inherited.states_of(session, tenant)  # knowing these, nobody else has to ask the database
        choice = self.resolver.above(session, tenant).choice
        parent = tenants.get(session, tenant.parent_id) if tenant.parent_id else None
        name = parent.name if parent else ""
        if choice is None:
            return InheritedDefault(name, None, exists=False)
        sender_is_shown = parent is None or parent.shows_sender
        state = states[choice.config_id] if choice.config_id else self._instance()
        sender = state.sender if sender_is_shown else None
        return InheritedDefault(name, sender, exists=True, last_code=state.last_code, last_at=state.last_at)

    def _instance(self) -> inherited.State:
        default = self.resolver.instance_default
        if default is None:
            raise LookupError("no instance default is configured")
        return inherited.State(default.draft.name, default.draft.from_address, None, None)
