"""Knows the demo's companies, people and configurations, and loads them into an empty portal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.demo import words
from portal.demo.presets import MAIL_PASSWORD, Preset
from portal.domain.ids import ConfigId, new_id
from portal.domain.roles import Actor, Role
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant, TenantKind
from portal.services import Services


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    company: str
    role: Role = Role.OWNER

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@demo.test"


@dataclass(frozen=True, slots=True)
class _Company:
    """`founder` is the person of the company above who adds it."""

    name: str
    kind: TenantKind
    founder: str


@dataclass(frozen=True, slots=True)
class _Config:
    """`door` is the preset it starts from."""

    keeper: str
    name: str
    door: str
    charset: str
    from_name: str
    from_address: str
    is_active: bool = False
    password: str = MAIL_PASSWORD


@dataclass(frozen=True, slots=True)
class _Profile:
    """A profile of its keeper's company. `linked` is the name of a configuration, or empty."""

    keeper: str
    name: str
    linked: str = ""
    holds_keeper: bool = False


_ROOT = "Pia Cloud"
PEOPLE = (
    Person("Pia", _ROOT),
    Person("Rex", "Rex Hosting"),
    Person("Sue", "Sue & Partners"),
    Person("Cal", "Cal & Co", Role.CUSTOMER),
    Person("Otto", "Otto Online"),
)
# Nobody is in the first one yet, so that its broken configuration holds up nobody's mail.
_PROFILES = (_Profile("Sue", "Newsletter team", linked="Newsletter"), _Profile("Sue", "Office", holds_keeper=True))
# Rex alone has it, so that he looks after its password himself.
_LINKS = {"Rex": "Rex relay"}
_COMPANIES = (
    _Company("Rex Hosting", TenantKind.RESELLER, "Pia"),
    _Company("Otto Online", TenantKind.RESELLER, "Pia"),
    _Company("Sue & Partners", TenantKind.SUB_RESELLER, "Rex"),
    _Company("Rex Showroom", TenantKind.CUSTOMER, "Rex"),
    _Company("Cal & Co", TenantKind.CUSTOMER, "Sue"),
    _Company("Otto's Workshop", TenantKind.CUSTOMER, "Otto"),
)
_CONFIGS = (
    _Config("Pia", "Cloud relay", "starttls", "utf-8", _ROOT, "noreply@pia-cloud.test", is_active=True),
    _Config("Pia", "Archive relay", "plain", "iso-8859-1", "Pia Cloud Archive", "archive@pia-cloud.test"),
    _Config("Rex", "Rex relay", "tls", "windows-1252", "Rex Hosting", "noreply@rex-hosting.test"),
    # Something to find out: its test says what is wrong and what to do about it.
    _Config(
        "Sue",
        "Newsletter",
        "starttls",
        "iso-8859-2",
        "Sue & Partners",
        "news@sue-partners.test",
        password="out-of-date",  # noqa: S106 - wrong on purpose, for a server that takes one printed password
    ),
    _Config("Otto", "Otto relay", "tls", "koi8-r", "Otto Online", "noreply@otto-online.test", is_active=True),
)


def load(services: Services, presets: Mapping[str, Preset], *, password: Secret) -> None:
    """Fill an empty portal. `password` is everybody's. Raises ConflictError where there is a root already."""
    cast = _Cast(services, password)
    cast.join(services.tenants.set_up(name=_ROOT))
    for company in _COMPANIES:
        founder = cast.actors[company.founder]
        cast.join(services.tenants.create(founder, founder.tenant.id, kind=company.kind.value, name=company.name))
    for config in _CONFIGS:
        _add(services, cast.actors[config.keeper], config, presets[config.door])
    for profile in _PROFILES:
        _gather(services, cast.actors[profile.keeper], profile)
    for name, config_name in _LINKS.items():
        person = cast.actors[name]
        config_id = _id_of(services, person, config_name)
        services.linked_configs.link_users(person, person.tenant.id, [person.user_id], config_id)
    words.load(services, provider=cast.actors["Pia"], reseller=cast.actors["Rex"])


class _Cast:
    """The people as they come in, each with his company."""

    def __init__(self, services: Services, password: Secret) -> None:
        self._services = services
        self._password = password
        self.actors: dict[str, Actor] = {}

    def join(self, tenant: Tenant) -> None:
        """Give everybody of this company an account."""
        for person in (each for each in PEOPLE if each.company == tenant.name):
            user = self._services.accounts.add(
                tenant.id, email=person.email, name=person.name, role=person.role, password=self._password
            )
            self.actors[person.name] = Actor(user.id, tenant, user.role, user.email, user.name)


def _add(services: Services, keeper: Actor, config: _Config, preset: Preset) -> None:
    typed = replace(
        preset.typed,
        name=config.name,
        charset=config.charset,
        from_name=config.from_name,
        from_address=config.from_address,
    )
    password = Secret(config.password) if preset.password else preset.password
    config_id = ConfigId(new_id())
    services.mail_configs.create(keeper, keeper.tenant.id, config_id, typed, password=password)
    if config.is_active:
        services.mail_configs.select(keeper, keeper.tenant.id, config_id)


def _gather(services: Services, keeper: Actor, profile: _Profile) -> None:
    made = services.profiles.create(keeper, keeper.tenant.id, name=profile.name)
    if profile.holds_keeper:
        services.profiles.add_members(keeper, keeper.tenant.id, made.id, [keeper.user_id])
    if profile.linked:
        linked = _id_of(services, keeper, profile.linked)
        services.linked_configs.link_profile(keeper, keeper.tenant.id, made.id, linked)


def _id_of(services: Services, keeper: Actor, name: str) -> ConfigId:
    lines = services.mail_configs.overview(keeper, keeper.tenant.id).lines
    return next(line.config.id for line in lines if line.config.name == name)
