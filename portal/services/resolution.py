"""Knows which configuration applies to a message right now, and makes it usable: server, sender and password."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.orm import Session

from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, TenantId, UserId
from portal.domain.mail_config import Draft, Server, SignIn
from portal.domain.precedence import Candidate, Choice, Resolution, Source, resolve, without_subject
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.settings import InstanceDefault
from portal.store import profiles, tenants, usable_configs
from portal.store.db import once
from portal.store.row_security import looking_up
from portal.vault.vault import SealBrokenError, Vault

INSTANCE = Choice(None)


class PasswordNeededError(Exception):
    """The stored password does not open for the stored destination: somebody has to type it again."""


@dataclass(frozen=True, slots=True)
class Route:
    """A configuration ready for use. `config_id` is None for the instance default and for unsaved drafts.

    `owner` is the tenant whose configuration it is, saved or not; None for the operator's instance default.
    """

    config_id: ConfigId | None
    version: int
    draft: Draft
    server: Server
    password: Secret | None
    owner: TenantId | None


@dataclass(frozen=True, slots=True)
class Resolver:
    """`helo_name` is given to servers where a configuration names none.

    `cleartext_allowed` is the operator's permission to send credentials over unencrypted connections.
    """

    vault: Vault
    instance_default: InstanceDefault | None
    helo_name: str
    cleartext_allowed: bool

    def for_tenant(
        self,
        session: Session,
        tenant_id: TenantId,
        named: ConfigId | None = None,
        *,
        user_id: UserId | None = None,
        about: ConfigId | None = None,
    ) -> Resolution:
        """Answer for mail of a tenant, or with `user_id` for mail of one of its users.

        `named` is a configuration that the caller was allowed to name, `about` one that the mail reports on.
        """
        return self.for_mail_of(session, tenants.get(session, tenant_id), named, user_id=user_id, about=about)

    def for_mail_of(
        self,
        session: Session,
        tenant: Tenant,
        named: ConfigId | None,
        *,
        user_id: UserId | None,
        about: ConfigId | None,
    ) -> Resolution:
        """The same, for a tenant that is at hand."""
        rungs = self.candidates(session, tenant, named, user_id)
        return resolve(without_subject(rungs, about) if about else rungs)

    def above(self, session: Session, tenant: Tenant) -> Resolution:
        """What a tenant gets, or would get, when it stays on its Provider default."""
        return resolve(self._rungs_above(tenants.lineage(session, tenant)[1:]))

    def route(self, session: Session, choice: Choice) -> Route:
        """Make a choice usable. Raises PasswordNeededError when its stored password does not open."""
        if choice.config_id is None:
            return self._instance_route()
        return self.route_through(usable(session, choice.config_id))

    def route_through(self, config: usable_configs.Usable) -> Route:
        """The same for a configuration that is at hand."""
        route = self._planned(config)
        if route.draft.sign_in is not SignIn.PASSWORD:
            return route
        return replace(route, password=self._open(config))

    def plan(self, session: Session, choice: Choice) -> Route:
        """The route that a choice stands for, its stored password left closed: to be looked at, not to be taken."""
        if choice.config_id is None:
            return self._instance_route()
        return self._planned(usable(session, choice.config_id))

    def _planned(self, config: usable_configs.Usable) -> Route:
        return Route(config.id, config.version, config.draft, self.server_of(config.draft), None, config.tenant_id)

    def server_of(self, draft: Draft) -> Server:
        return Server(
            destination=draft.destination,
            sign_in=draft.sign_in,
            helo_name=draft.helo_name or self.helo_name,
            cleartext_sign_in=draft.cleartext_consent and self.cleartext_allowed,
        )

    def candidates(
        self, session: Session, tenant: Tenant, named: ConfigId | None = None, user_id: UserId | None = None
    ) -> Iterator[Candidate]:
        """Every rung as it stands now, nearest first; the database is asked only for those that are reached."""
        yield Candidate(Source.NAMED, "", _choice_of(named))
        if user_id is not None:
            yield from self._rungs_of_user(session, tenant, user_id)
        yield Candidate(Source.TENANT, tenant.name, _choice_of(tenant.active_config_id))
        # Going up asks what the company above uses itself, never what is linked to its people.
        yield from self._rungs_above(tenants.lineage(session, tenant)[1:])

    @staticmethod
    def _rungs_of_user(session: Session, tenant: Tenant, user_id: UserId) -> Iterator[Candidate]:
        links = profiles.links_of(session, tenant.id, user_id)
        if links is None:
            return
        yield Candidate(Source.USER, links.person.name, _choice_of(links.person.linked_config_id))
        for name, linked in links.profiles or (("", None),):
            yield Candidate(Source.PROFILE, name, _choice_of(linked))

    def _rungs_above(self, ancestors: list[Tenant]) -> Iterator[Candidate]:
        for ancestor in ancestors:
            yield Candidate(Source.PROVIDER_DEFAULT, ancestor.name, _choice_of(ancestor.active_config_id))
        yield Candidate(Source.INSTANCE, "", INSTANCE if self.instance_default else None)

    def _instance_route(self) -> Route:
        if self.instance_default is None:
            raise LookupError("no instance default is configured")
        default = self.instance_default
        return Route(None, 0, default.draft, self.server_of(default.draft), default.password, None)

    def _open(self, config: usable_configs.Usable) -> Secret:
        if config.password is None:
            raise PasswordNeededError
        try:
            own = self.vault.for_tenant(config.tenant_id, config.data_key)
            return own.open_password(config.password, config.id, config.draft.destination)
        except SealBrokenError as broken:
            raise PasswordNeededError from broken


def usable(session: Session, config_id: ConfigId) -> usable_configs.Usable:
    """A configuration that applies, whosesoever it is. Raises NotFoundError."""
    config = once(session, ("usable", config_id), lambda: _usable(session, config_id))
    if config is None:
        raise NotFoundError
    return config


def read_both(session: Session, one: Choice | None, other: Choice | None) -> None:
    """Where both will be looked at in this reading, and are two configurations: one statement for the two."""
    ids = {each.config_id for each in (one, other) if each is not None and each.config_id is not None}
    if len(ids) > 1:
        with looking_up(session):
            found = usable_configs.both(session, *ids)
        for each in ids:
            once(session, ("usable", each), partial(found.get, each))


def _usable(session: Session, config_id: ConfigId) -> usable_configs.Usable | None:
    with looking_up(session):
        return usable_configs.usable(session, config_id)


def _choice_of(config_id: ConfigId | None) -> Choice | None:
    return Choice(config_id) if config_id else None
