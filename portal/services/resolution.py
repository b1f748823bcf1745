"""Knows which configuration applies to a message right now, and makes it usable: server, sender and password."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, TenantId
from portal.domain.mail_config import Draft, Server, SignIn
from portal.domain.precedence import Candidate, Choice, Resolution, Source, resolve
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.settings import InstanceDefault
from portal.store import mail_configs, tenants
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

    def for_tenant(self, session: Session, tenant_id: TenantId, named: ConfigId | None = None) -> Resolution:
        """Answer for mail of a tenant. `named` is a configuration that the caller was allowed to name."""
        tenant = tenants.get(session, tenant_id)
        return resolve(self._candidates(session, tenant, named))

    def above(self, session: Session, tenant: Tenant) -> Resolution:
        """What a tenant gets, or would get, when it stays on its Provider default."""
        return resolve(self._rungs_above(tenants.lineage(session, tenant)[1:]))

    def route(self, session: Session, choice: Choice) -> Route:
        """Make a choice usable. Raises PasswordNeededError when its stored password does not open."""
        if choice.config_id is None:
            return self._instance_route()
        row = mail_configs.get_by_id(session, choice.config_id)
        draft = mail_configs.draft_of(row)
        password = None
        if draft.sign_in is SignIn.PASSWORD:
            password = self._open(session, row, draft)
        return Route(ConfigId(row.id), row.version, draft, self.server_of(draft), password, TenantId(row.tenant_id))

    def server_of(self, draft: Draft) -> Server:
        return Server(
            destination=draft.destination,
            sign_in=draft.sign_in,
            helo_name=draft.helo_name or self.helo_name,
            cleartext_sign_in=draft.cleartext_consent and self.cleartext_allowed,
        )

    def _candidates(self, session: Session, tenant: Tenant, named: ConfigId | None) -> Iterator[Candidate]:
        yield Candidate(Source.NAMED, "", Choice(named) if named else None)
        yield Candidate(Source.TENANT, tenant.name, _active_of(tenant))
        yield from self._rungs_above(tenants.lineage(session, tenant)[1:])

    def _rungs_above(self, ancestors: list[Tenant]) -> Iterator[Candidate]:
        for ancestor in ancestors:
            yield Candidate(Source.PROVIDER_DEFAULT, ancestor.name, _active_of(ancestor))
        yield Candidate(Source.INSTANCE, "", INSTANCE if self.instance_default else None)

    def _instance_route(self) -> Route:
        if self.instance_default is None:
            raise LookupError("no instance default is configured")
        default = self.instance_default
        return Route(None, 0, default.draft, self.server_of(default.draft), default.password, None)

    def _open(self, session: Session, row: mail_configs.MailConfigRow, draft: Draft) -> Secret:
        tenant_row = tenants.get_row(session, TenantId(row.tenant_id))
        if row.password is None:
            raise PasswordNeededError
        try:
            tenant_vault = self.vault.for_tenant(TenantId(row.tenant_id), tenant_row.data_key)
            return tenant_vault.open_password(row.password, ConfigId(row.id), draft.destination)
        except SealBrokenError as broken:
            raise PasswordNeededError from broken


def _active_of(tenant: Tenant) -> Choice | None:
    return Choice(tenant.active_config_id) if tenant.active_config_id else None
