"""Knows how a company's mail does at a glance, for whoever looks after it: the answer, and what needs somebody."""

from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy.orm import Session

from portal.domain.dashboards import (
    Dashboard,
    Engine,
    Facts,
    QueueNow,
    UsedConfig,
    daily,
    last_days,
    needs,
)
from portal.domain.ids import TenantId
from portal.domain.mail_config import InheritedDefault
from portal.domain.roles import GRANTS_BELOW, Actor, Permission, is_operator
from portal.domain.tenancy import Tenant
from portal.services.inheritance import Inheritance
from portal.services.places import Clock, enter
from portal.services.readiness import Readiness
from portal.store import dashboards, figures, mail_configs
from portal.store.db import SYSTEM, reading


@dataclass(frozen=True, slots=True)
class Dashboards:
    clock: Clock
    inheritance: Inheritance
    readiness: Readiness

    def of(self, actor: Actor, tenant_id: TenantId, *, zone: tzinfo) -> Dashboard:
        """The dashboard of a company, its days as they are in a time zone; for the operator with the portal's engine.

        Raises NotFoundError, ForbiddenError.
        """
        edges = last_days(self.clock(), zone)
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
            used, default, configs = self._ways(session, tenant)
            sees_below = Permission.VIEW_CONFIGS in GRANTS_BELOW[actor.role]
            numbers = dashboards.numbers(session, tenant, configs=configs, sees_below=sees_below)
            days, waiting = dashboards.mails_of(session, tenant.id, edges)
        engine = self._engine() if is_operator(actor) and tenant.is_root else None
        return Dashboard(
            tenant=tenant,
            selected=next((each.config for each in used if each.is_selected), None),
            default=default,
            needs=needs(Facts(tenant, used, default, waiting, numbers, engine)),
            days=daily(edges, days),
            numbers=numbers,
            engine=engine,
        )

    def _ways(self, session: Session, tenant: Tenant) -> tuple[list[UsedConfig], InheritedDefault | None, int]:
        """The tenant's configurations in use, what it inherits if it stays on that, and how many it has."""
        own = dashboards.configs_of(session, tenant.id)
        used = [
            UsedConfig(mail_configs.as_domain(row), row.id == tenant.active_config_id, row.known_to_fail)
            for row, is_used in own
            if is_used
        ]
        default = None if tenant.active_config_id else self.inheritance.of(session, tenant)
        return used, default, len(own)

    def _engine(self) -> Engine:
        with reading(SYSTEM) as session:  # of an operator alone; the queue is everybody's
            counts = figures.of_queue(session, self.clock())
        ready = self.readiness.judged(counts.oldest, is_held=counts.hold is not None)
        queue = QueueNow(
            due=sum(count for count, _ in counts.due.values()),
            oldest=counts.oldest,
            in_hand=counts.in_hand,
            paused_configs=counts.paused_configs,
            failing_configs=counts.failing_configs,
            restored=counts.restored[0],
            is_held=ready.is_held,
        )
        return Engine(queue, delivers=ready.delivers, has_room=ready.disk is None, is_late=ready.is_late)
