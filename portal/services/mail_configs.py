"""Knows what can be done with a tenant's configurations: list, add, change, select and delete them."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.audit import Event, draft_change
from portal.domain.config_rules import Typed, judged, password_problems
from portal.domain.diagnosis import Code
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.health import has_worked
from portal.domain.ids import ConfigId, TenantId, TrialId
from portal.domain.mail_config import Draft, InheritedDefault, MailConfig
from portal.domain.overview import Overview, Usage
from portal.domain.roles import Actor, Permission
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.inheritance import Inheritance
from portal.services.passwords import Passwords, is_same_password
from portal.services.places import Clock, enter
from portal.store import config_lines, erasure, linked_configs, mail_configs, shapes, tenants, trials, waiting
from portal.store.db import reading, unit_of_work


@dataclass(frozen=True, slots=True)
class MailConfigs:
    clock: Clock
    audit: Audit
    inheritance: Inheritance
    passwords: Passwords

    def overview(self, actor: Actor, tenant_id: TenantId) -> Overview:
        """Everything on the tenant's Mail configuration screen."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
            lines = config_lines.of_tenant(session, tenant)
            return Overview(tenant, self.inheritance.of(session, tenant), lines)

    def names(self, actor: Actor, tenant_id: TenantId) -> dict[ConfigId, str]:
        """What the tenant's configurations are called, by name."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
            return mail_configs.names_of(session, tenant.id)

    def get(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId) -> MailConfig:
        """Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
            return mail_configs.as_domain(mail_configs.get_row(session, tenant.id, config_id))

    def inherited(self, actor: Actor, tenant_id: TenantId) -> InheritedDefault:
        """The tenant's Provider default, as far as a tenant may know it."""
        with reading(actor.tenant.id) as session:
            return self.inheritance.of(session, enter(session, actor, tenant_id, Permission.VIEW_CONFIGS))

    def create(
        self,
        actor: Actor,
        tenant_id: TenantId,
        config_id: ConfigId,
        typed: Typed,
        *,
        password: Secret,
        tested: TrialId | None = None,
    ) -> MailConfig:
        """Save a new configuration under an id made beforehand; it is not selected by that.

        An empty `password` takes the one typed for the trial `tested`, if that was for the same id and destination.
        Raises InvalidError; ConflictError when the id is taken.
        """
        draft = judged(typed)
        _ensure_password_rules(password)
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            if mail_configs.id_is_taken(session, config_id):
                raise ConflictError
            _ensure_name_is_free(session, tenant, draft, config_id)
            now = self.clock()
            row = mail_configs.MailConfigRow(
                id=config_id, tenant_id=tenant.id, version=1, created_at=now, updated_at=now, check_at=now
            )
            mail_configs.write_draft(row, draft)
            row.password = self.passwords.to_store(
                session, actor, tenant, config_id, draft=draft, typed=password, tested=tested
            )
            self._take_result_over(session, row, draft, tested)
            session.add(row)
            is_set = row.password is not None
            self._sign_password(actor, row, is_new=is_set)
            self._record(session, actor, Event.CONFIG_CREATED, row, after=draft, password_changed=is_set)
            session.flush()
            return mail_configs.as_domain(row)

    def update(
        self,
        actor: Actor,
        tenant_id: TenantId,
        config_id: ConfigId,
        typed: Typed,
        *,
        password: Secret,
        version: int,
        tested: TrialId | None = None,
    ) -> MailConfig:
        """Change a configuration. An empty `password` keeps the stored one while the destination is the same.

        Raises InvalidError, NotFoundError, and ConflictError when `version` is no longer the current one.
        """
        draft = judged(typed)
        _ensure_password_rules(password)
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            row = mail_configs.get_row(session, tenant.id, config_id)
            if row.version != version:
                raise ConflictError
            _ensure_name_is_free(session, tenant, draft, config_id)
            before, stored = mail_configs.draft_of(row), row.password
            row.password = self.passwords.to_store(
                session, actor, tenant, config_id, draft=draft, typed=password, stored=stored, tested=tested
            )
            is_new = row.password != stored
            self._sign_password(actor, row, is_new=is_new)
            self._record(session, actor, Event.CONFIG_EDITED, row, before=before, after=draft, password_changed=is_new)
            mail_configs.write_draft(row, draft)
            if is_new or replace(before, name=draft.name) != draft:
                mail_configs.forget_result(row, self.clock())
            self._take_result_over(session, row, draft, tested)
            row.version, row.updated_at = row.version + 1, self.clock()
            waiting.wake_held(session, tenant.path, self.clock())
            session.flush()
            return mail_configs.as_domain(row)

    def select(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId | None) -> MailConfig | None:
        """Make a configuration the tenant's active one; None returns to the Provider default.

        Writes one row and nothing below: whoever inherits asks again at the next message.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.SELECT_CONFIG)
            chosen = mail_configs.get_row(session, tenant.id, config_id) if config_id else None
            row = tenants.get_row(session, tenant.id)
            row.active_config_id = chosen.id if chosen else None
            if chosen and chosen.last_code is None:
                chosen.check_at = self.clock()  # nobody knows yet whether it works
            event = Event.CONFIG_SELECTED if chosen else Event.DEFAULT_SELECTED
            subject = Subject(row.active_config_id, chosen.name if chosen else "")
            self.audit.record(session, event, tenant_id=tenant.id, subject=subject, actor=actor)
            waiting.wake_held(session, tenant.path, self.clock())
            return mail_configs.as_domain(chosen) if chosen else None

    def usage(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId) -> Usage:
        """What a configuration serves now."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            config = mail_configs.as_domain(mail_configs.get_row(session, tenant.id, config_id))
            is_active = tenant.active_config_id == config.id
            served = linked_configs.served_by(session, config.id, below_of=tenant.id if is_active else None)
            return Usage(
                config,
                is_active,
                served.below,
                successor_exists=(tenant.active_config_id is not None and not is_active)
                or self.inheritance.of(session, tenant).exists,
                users=served.users,
                profiles=served.profiles,
            )

    def delete(self, actor: Actor, tenant_id: TenantId, config_id: ConfigId) -> MailConfig:
        """Delete a configuration and its password for good.

        Where it was active, the Provider default takes over; where it was linked, the next rung does.
        """
        return self.delete_all(actor, tenant_id, [config_id])[0]

    def delete_all(self, actor: Actor, tenant_id: TenantId, config_ids: Collection[ConfigId]) -> list[MailConfig]:
        """Delete all of these or, where one of them is not there, none. Raises NotFoundError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_CONFIGS)
            deleted = []
            for row in mail_configs.rows_by_id(session, tenant.id, config_ids):
                config = mail_configs.as_domain(row)
                if tenant.active_config_id == config.id:
                    tenants.get_row(session, tenant.id).active_config_id = None
                    session.flush()
                linked_configs.unlink_everywhere(session, config.id)
                self._record(session, actor, Event.CONFIG_DELETED, row, before=config.draft)
                session.delete(row)
                deleted.append(config)
            erasure.promise(session)
            waiting.wake_held(session, tenant.path, self.clock())
            return deleted

    def _sign_password(self, actor: Actor, row: mail_configs.MailConfigRow, *, is_new: bool) -> None:
        """Whoever is to type the next password sees when, and by somebody of which role, it was typed last."""
        if is_new:
            row.password_changed_at, row.password_changed_by = self.clock(), actor.role.value

    def _take_result_over(
        self, session: Session, row: mail_configs.MailConfigRow, draft: Draft, tested: TrialId | None
    ) -> None:
        """What the form's latest test found is the state of what is saved, unless more than the name changed since."""
        tenant_id = TenantId(row.tenant_id)
        trial = trials.find_row(session, tenant_id, tested) if tested else None
        if trial is None or trial.draft is None or trial.config_id != row.id or trial.finished_at is None:
            return
        if replace(shapes.draft_from(trial.draft), name=draft.name) != draft:
            return
        vault = self.passwords.of_tenant(session, tenant_id)
        if is_same_password(vault, ConfigId(row.id), draft, row.password, trial.password):
            row.last_code, row.last_at = trial.code, trial.finished_at
            row.last_good_at = trial.finished_at if has_worked(Code(trial.code)) else None

    def _record(
        self,
        session: Session,
        actor: Actor,
        event: Event,
        row: mail_configs.MailConfigRow,
        *,
        before: Draft | None = None,
        after: Draft | None = None,
        password_changed: bool = False,
    ) -> None:
        change = draft_change(before, after, password_changed=password_changed)
        subject = Subject(row.id, row.name)
        self.audit.record(
            session, event, tenant_id=TenantId(row.tenant_id), subject=subject, actor=actor, change=change
        )


def _ensure_password_rules(password: Secret) -> None:
    if problems := password_problems(password):
        raise InvalidError(problems)


def _ensure_name_is_free(session: Session, tenant: Tenant, draft: Draft, config_id: ConfigId) -> None:
    if mail_configs.name_is_taken(session, tenant.id, draft.name, except_id=config_id):
        raise InvalidError([Problem("name", "taken")])
