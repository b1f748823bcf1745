"""Knows how the password of a mail account is changed by itself, and who may do that."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event, draft_change
from portal.domain.config_rules import password_problems
from portal.domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from portal.domain.ids import ConfigId, TenantId
from portal.domain.mail_config import MailConfig, SignIn
from portal.domain.roles import Actor, Permission
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.passwords import Passwords
from portal.services.places import Clock, enter
from portal.store import linked_configs, mail_configs, tenants, users, waiting
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class MailPasswords:
    clock: Clock
    audit: Audit
    passwords: Passwords

    def change(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId, *, password: Secret) -> MailConfig:
        """Give a configuration a new password for the server it names now; the old one is gone at once.

        Raises NotFoundError, and InvalidError at the field `password`.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            row = mail_configs.get_row(session, tenant.id, config_id)
            return self._set(session, actor, tenant, row, password)

    def is_inherited(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId) -> bool:
        """Whether mail of companies below goes through it as their Provider default. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            row = mail_configs.get_row(session, tenant.id, config_id)
            return row.id == tenant.active_config_id and tenants.count_inheriting(session, tenant.id, most=1) > 0

    def change_own(self, actor: Actor, *, password: Secret, version: int) -> MailConfig:
        """Change the password of the account that is linked to the actor alone.

        `version` is that of the account as his page showed it: nobody types a password for a server he has not seen.
        Raises NotFoundError where there is no such account, ConflictError where it was changed since, InvalidError.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, actor.tenant.id, Permission.CHANGE_OWN_MAIL_PASSWORD)
            row = find_own(session, actor, tenant)
            if row is None:
                raise NotFoundError
            if row.version != version:
                raise ConflictError
            return self._set(session, actor, tenant, row, password)

    def _set(
        self, session: Session, actor: Actor, tenant: Tenant, row: mail_configs.MailConfigRow, password: Secret
    ) -> MailConfig:
        draft = mail_configs.draft_of(row)
        if draft.sign_in is not SignIn.PASSWORD:
            raise InvalidError([Problem("password", "no-sign-in")])
        problems = password_problems(password) if password else [Problem("password", "required")]
        if problems:
            raise InvalidError(problems)
        own = self.passwords.of_tenant(session, tenant.id)
        row.password = own.seal_password(password, ConfigId(row.id), draft.destination)
        row.password_changed_at, row.password_changed_by = self.clock(), actor.role.value
        # A new version ends every connection that was signed in with the old password.
        row.version, row.updated_at = row.version + 1, self.clock()
        mail_configs.forget_result(row, self.clock())
        self.audit.record(
            session,
            Event.MAIL_PASSWORD_CHANGED,
            tenant_id=tenant.id,
            subject=Subject(row.id, row.name),
            actor=actor,
            change=draft_change(draft, draft, password_changed=True),
        )
        waiting.wake_held(session, tenant.path, self.clock())
        session.flush()
        return mail_configs.as_domain(row)


def find_own(session: Session, actor: Actor, tenant: Tenant) -> mail_configs.MailConfigRow | None:
    """The account linked to the actor alone, which signs in with a password: to no one else, no profile, not in use."""
    linked = users.get_row(session, actor.user_id).linked_config_id
    row = mail_configs.find_row(session, tenant.id, ConfigId(linked)) if linked else None
    if row is None or row.sign_in != SignIn.PASSWORD.value or tenant.active_config_id == row.id:
        return None
    return None if linked_configs.is_shared(session, ConfigId(row.id)) else row
