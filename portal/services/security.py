"""Knows what guards an account besides its password: the list of those use cases."""

from dataclasses import dataclass

from portal.services.email_changes import EmailChanges
from portal.services.proofs import Proofs
from portal.services.second_factors import SecondFactors
from portal.services.second_steps import SecondSteps
from portal.services.sign_ins import SignIns


@dataclass(frozen=True, slots=True)
class Security:
    sign_ins: SignIns
    second_factors: SecondFactors
    second_steps: SecondSteps
    proofs: Proofs
    email_changes: EmailChanges
