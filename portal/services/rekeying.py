"""Knows how everything that is sealed for one company is sealed anew under another data key."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, MessageId, UserId
from portal.domain.tenancy import Tenant
from portal.store import mail_configs, sealed, shapes, tenants
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow
from portal.store.second_factors import SecondFactorRow
from portal.store.trials import TrialRow
from portal.vault.vault import SealBrokenError, TenantVault, Vault


@dataclass(slots=True)
class Rekeyed:
    """How many values were sealed anew. `lost` did not open before either and stayed as they were."""

    done: int = 0
    lost: int = 0


class UnopenedError(Exception):
    """The data key that a company has now does not open, so nothing of it can be sealed anew."""


def rekey(session: Session, vault: Vault, tenant: Tenant) -> Rekeyed:
    """Within an open transaction, in which nobody else writes. Raises UnopenedError."""
    row = tenants.get_row(session, tenant.id)
    try:
        before = vault.for_tenant(tenant.id, row.data_key)
    except SealBrokenError as broken:
        raise UnopenedError(str(broken)) from broken
    row.data_key = vault.new_tenant_key(tenant.id)
    moving = _Moving(before, vault.for_tenant(tenant.id, row.data_key), Rekeyed())
    for config in sealed.configs_of(session, tenant.id):
        moving.config(config)
    for trial in sealed.trials_of(session, tenant.id):
        moving.trial(trial)
    for factor in sealed.second_factors_of(session, tenant.id):
        moving.second_factor(factor)
    for message in sealed.messages_of(session, tenant.id):
        moving.message(message)
    return moving.rekeyed


@dataclass(frozen=True, slots=True)
class _Moving:
    before: TenantVault
    after: TenantVault
    rekeyed: Rekeyed

    def config(self, row: MailConfigRow) -> None:
        fingerprint = mail_configs.draft_of(row).destination.fingerprint()
        row.password = self._password(row.password, ConfigId(row.id), fingerprint)

    def trial(self, row: TrialRow) -> None:
        if row.draft is None or row.config_id is None:
            return
        config_id = ConfigId(row.config_id)
        row.password = self._password(row.password, config_id, shapes.draft_from(row.draft).destination.fingerprint())
        others = {place: b64decode(text) for place, text in (row.alternatives or {}).items()}
        anew = {place: self._password(value, config_id, bytes.fromhex(place)) for place, value in others.items()}
        row.alternatives = {place: b64encode(value).decode() for place, value in anew.items() if value}

    def second_factor(self, row: SecondFactorRow) -> None:
        user_id = UserId(row.user_id)
        row.seed = self._seed(row.seed, user_id)
        row.offered_seed = self._seed(row.offered_seed, user_id)

    def message(self, row: MessageRow) -> None:
        message_id = MessageId(row.id)
        row.content = self._content(row.content, message_id)
        row.sealed_bytes = self._content(row.sealed_bytes, message_id)

    def _content(self, value: bytes | None, message_id: MessageId) -> bytes | None:
        return self._anew(
            value, lambda old: self.after.seal_content(self.before.open_content(old, message_id), message_id)
        )

    def _seed(self, value: bytes | None, user_id: UserId) -> bytes | None:
        return self._anew(value, lambda old: self.after.seal_seed(self.before.open_seed(old, user_id), user_id))

    def _password(self, value: bytes | None, config_id: ConfigId, fingerprint: bytes) -> bytes | None:
        def seal(old: bytes) -> bytes:
            password = self.before.open_password_to(fingerprint, old, config_id)
            return self.after.seal_password_to(fingerprint, password, config_id)

        return self._anew(value, seal)

    def _anew(self, value: bytes | None, seal: Callable[[bytes], bytes]) -> bytes | None:
        if value is None:
            return None
        try:
            anew = seal(value)
        except SealBrokenError:
            self.rekeyed.lost += 1
            return value
        self.rekeyed.done += 1
        return anew
