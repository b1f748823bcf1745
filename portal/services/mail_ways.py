"""Knows how the way of somebody's mail is told: to those who look after it, and to himself."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, ProfileId, TenantId, UserId
from portal.domain.linked_configs import MailOfProfile, MailOfUser, MyMail, OwnAccount, Way
from portal.domain.mail_config import MailConfig
from portal.domain.precedence import Candidate, Choice, Resolution, Source, resolve, seen_from_below
from portal.domain.roles import Actor, Permission, Role
from portal.domain.tenancy import Tenant
from portal.services.inheritance import Inheritance
from portal.services.mail_passwords import find_own
from portal.services.places import enter
from portal.services.resolution import Resolver
from portal.store import mail_configs, profiles, tenants, users
from portal.store.db import reading


@dataclass(frozen=True, slots=True)
class MailWays:
    resolver: Resolver
    inheritance: Inheritance

    def of_user(self, actor: Actor, tenant_id: TenantId, user_id: UserId) -> MailOfUser:
        """What one of the tenant's users has linked to him, and what his next mail uses. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
            user = users.as_domain(users.get_of_tenant(session, tenant.id, user_id))
            configs = mail_configs.of_tenant(session, tenant.id)
            resolution = self.resolver.for_tenant(session, tenant.id, user_id=user.id)
            return MailOfUser(
                user=user,
                profiles=tuple(profiles.of_users(session, tenant.id, [user.id]).get(user.id, ())),
                linked=_one_of(configs, user.linked_config_id),
                choices=tuple(configs),
                way=self._way(session, tenant, configs, resolution),
            )

    def of_profile(self, actor: Actor, tenant_id: TenantId, profile_id: ProfileId) -> MailOfProfile:
        """What is linked to a profile, and what mail of its users uses who have nothing else. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
            profile = profiles.as_domain(profiles.get_row(session, tenant.id, profile_id))
            configs = mail_configs.of_tenant(session, tenant.id)
            members = profiles.members_of(session, profile.id)
            offer = Choice(profile.linked_config_id) if profile.linked_config_id else None
            below = [each for each in self.resolver.candidates(session, tenant) if each.source is not Source.NAMED]
            resolution = resolve([Candidate(Source.PROFILE, profile.name, offer), *below])
            return MailOfProfile(
                profile=profile,
                members=len(members),
                with_own=sum(member.linked_config_id is not None for member in members),
                linked=_one_of(configs, profile.linked_config_id),
                choices=tuple(configs),
                way=self._way(session, tenant, configs, resolution),
            )

    def of_oneself(self, actor: Actor) -> MyMail:
        """What the actor may know of his own mail: the account that is his alone, and else little more than a name."""
        with reading(actor.tenant.id) as session:
            tenant = tenants.get(session, actor.tenant.id)
            resolution = self.resolver.for_tenant(session, tenant.id, user_id=actor.user_id)
            row = find_own(session, actor, tenant)
            configs = mail_configs.of_tenant(session, tenant.id)
            used = _one_of(configs, resolution.choice.config_id if resolution.choice else None)
            is_told = actor.role is not Role.CUSTOMER or resolution.source is Source.USER
            return MyMail(
                source=resolution.source,
                config_name=used.name if used and is_told else None,
                account=_account(mail_configs.as_domain(row)) if row else None,
            )

    def _way(self, session: Session, tenant: Tenant, configs: Sequence[MailConfig], resolution: Resolution) -> Way:
        return Way(
            source=resolution.source,
            config=_one_of(configs, resolution.choice.config_id if resolution.choice else None),
            inherited=self.inheritance.of(session, tenant),
            trace=seen_from_below(resolution.trace),
        )


def _one_of(configs: Sequence[MailConfig], config_id: ConfigId | UUID | None) -> MailConfig | None:
    return next((config for config in configs if config.id == config_id), None)


def _account(config: MailConfig) -> OwnAccount:
    place = config.draft.destination
    return OwnAccount(
        config_id=config.id,
        host=place.host,
        port=place.port,
        username=place.username,
        version=config.version,
        changed_at=config.password_changed_at,
        changed_by=config.password_changed_by,
    )
