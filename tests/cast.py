"""Knows the cast: who they are, where they stand in the tree, and the password they all share in tests."""

from dataclasses import dataclass

from portal.domain.config_rules import Typed
from portal.domain.ids import ConfigId, new_id
from portal.domain.mail_config import MailConfig
from portal.domain.roles import Actor, Role
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.services import Services

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Cast:
    """Pia (provider) → Rex (reseller) → Sue (sub-reseller) → Cal's company; Otto stands in another branch."""

    services: Services
    pia: Actor
    rex: Actor
    sue: Actor
    cal: Actor
    otto: Actor
    cals_company: Tenant

    def config(
        self, person: Actor, *, tenant: Tenant | None = None, password: str = "open sesame", **typed: object
    ) -> MailConfig:
        """A saved configuration of somebody's tenant (not selected)."""
        return self.services.mail_configs.create(
            person,
            (tenant or person.tenant).id,
            ConfigId(new_id()),
            typed_config(**typed),
            password=Secret(password),
        )

    def active_config(self, person: Actor, *, tenant: Tenant | None = None, **typed: object) -> MailConfig:
        config = self.config(person, tenant=tenant, **typed)
        self.services.mail_configs.select(person, config.tenant_id, config.id)
        return config


def typed_config(**changes: object) -> Typed:
    values = {
        "name": "Office relay",
        "host": "smtp.example.test",
        "port": "587",
        "encryption": "starttls",
        "username": "office@example.test",
        "from_address": "office@example.test",
    }
    return Typed(**{**values, **changes})


def plant(services: Services) -> Cast:
    provider = services.tenants.set_up(name="Pia Cloud")
    pia = _person(services, "Pia", provider, Role.OWNER)
    rex = _person(services, "Rex", _child(services, pia, provider, "reseller", "Rex Hosting"), Role.OWNER)
    sue = _person(services, "Sue", _child(services, rex, rex.tenant, "sub_reseller", "Sue & Partners"), Role.OWNER)
    cals_company = _child(services, sue, sue.tenant, "customer", "Cal & Co")
    cal = _person(services, "Cal", cals_company, Role.CUSTOMER)
    otto = _person(services, "Otto", _child(services, pia, provider, "reseller", "Otto Online"), Role.OWNER)
    return Cast(services, pia, rex, sue, cal, otto, cals_company)


def _child(services: Services, owner: Actor, parent: Tenant, kind: str, name: str) -> Tenant:
    return services.tenants.create(owner, parent.id, kind=kind, name=name)


def _person(services: Services, name: str, tenant: Tenant, role: Role) -> Actor:
    user = services.accounts.add(
        tenant.id, email=f"{name.lower()}@demo.test", name=name, role=role, password=Secret(PASSWORD)
    )
    return Actor(user.id, tenant, role, user.email, user.name)
