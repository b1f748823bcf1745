"""Knows where a mail password comes from when a form leaves it empty, and seals it to where it may go."""

from base64 import b64decode, b64encode
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.errors import InvalidError, Problem
from portal.domain.ids import ConfigId, TenantId, TrialId
from portal.domain.mail_config import Draft, SignIn
from portal.domain.proposals import alternatives
from portal.domain.roles import Actor
from portal.domain.secret import Secret
from portal.domain.tenancy import Tenant
from portal.store import tenants, trials
from portal.vault.vault import SealBrokenError, TenantVault, Vault


@dataclass(frozen=True, slots=True)
class Passwords:
    """Save, test and every other entry share this one rule, and the rule is cryptography, not a comparison."""

    vault: Vault

    def of_tenant(self, session: Session, tenant_id: TenantId) -> TenantVault:
        return self.with_key(tenant_id, tenants.key_of(session, tenant_id))

    def with_key(self, tenant_id: TenantId, data_key: bytes, *, known: TenantVault | None = None) -> TenantVault:
        """The same where the tenant's wrapped key is at hand; it is `known` where that is of this very key.

        Raises SealBrokenError.
        """
        return known if known and known.is_of(tenant_id, data_key) else self.vault.for_tenant(tenant_id, data_key)

    def to_store(
        self,
        session: Session,
        actor: Actor,
        tenant: Tenant,
        config_id: ConfigId,
        *,
        draft: Draft,
        typed: Secret,
        stored: bytes | None = None,
        tested: TrialId | None = None,
    ) -> bytes | None:
        """Return the sealed password for a draft, or None where nobody signs in.

        A typed password is sealed to the draft's destination. An empty one keeps the password of the trial `tested`,
        as it was sealed to its own destination or to one that the trial may propose, or the `stored` one, whichever
        opens for that destination first.
        Raises InvalidError at the field `password` when there is none that does.
        """
        if draft.sign_in is not SignIn.PASSWORD:
            return None
        own = self.of_tenant(session, tenant.id)
        if typed:
            return own.seal_password(typed, config_id, draft.destination)
        for sealed in (*self._of_trial(session, actor, tenant, tested, draft), stored):
            if sealed is not None and _opens(own, sealed, config_id, draft):
                return sealed
        raise InvalidError([Problem("password", "required" if stored is None else "destination-changed")])

    def alternatives(
        self,
        session: Session,
        actor: Actor,
        tenant: Tenant,
        config_id: ConfigId,
        *,
        draft: Draft,
        typed: Secret,
        tested: TrialId | None,
    ) -> dict[str, str]:
        """The typed password, sealed to every destination on the same host that the test of a draft may propose.

        Without one, what the trial `tested` before kept. The keys are fingerprints.
        """
        if not typed:
            trial = _trial_of(session, actor, tenant, tested)
            return dict(trial.alternatives or {}) if trial else {}
        own = self.of_tenant(session, tenant.id)
        return {
            place.fingerprint().hex(): b64encode(own.seal_password(typed, config_id, place)).decode()
            for place in alternatives(draft.destination)
        }

    @staticmethod
    def _of_trial(
        session: Session, actor: Actor, tenant: Tenant, tested: TrialId | None, draft: Draft
    ) -> tuple[bytes | None, ...]:
        trial = _trial_of(session, actor, tenant, tested)
        if trial is None:
            return ()
        other = (trial.alternatives or {}).get(draft.destination.fingerprint().hex())
        return (trial.password, b64decode(other) if other else None)


def _trial_of(session: Session, actor: Actor, tenant: Tenant, tested: TrialId | None) -> trials.TrialRow | None:
    """The actor's own trial, or None."""
    trial = trials.find_row(session, tenant.id, tested) if tested else None
    return trial if trial and trial.user_id == actor.user_id else None


def is_same_password(
    vault: TenantVault, config_id: ConfigId, draft: Draft, one: bytes | None, other: bytes | None
) -> bool:
    """Whether two sealed passwords for a draft's destination are the same one, or both are absent.

    Raises SealBrokenError for one that was sealed to anything else.
    """
    if one is None or other is None:
        return one is other
    return vault.open_password(one, config_id, draft.destination) == vault.open_password(
        other, config_id, draft.destination
    )


def _opens(vault: TenantVault, sealed: bytes, config_id: ConfigId, draft: Draft) -> bool:
    try:
        vault.open_password(sealed, config_id, draft.destination)
    except SealBrokenError:
        return False
    return True
