"""Knows who may call a view: every route says it, and a guard test finds the one that does not."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.domain.ids import TenantId
from portal.domain.roles import Permission, ensure_operator
from portal.web.identity import current_actor, find_stay, services
from portal.web.responses import see_other
from portal.web.resuming import ask_to_sign_in

POLICY = "portal_policy"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Policy:
    """`permission` in the tenant of the URL; without one everybody signed in, the operator alone, or everybody.

    Whoever has to have a second factor and has none gets in only where `leads_to_one`.
    """

    permission: Permission | None
    reason: str
    is_public: bool = False
    is_operators: bool = False
    leads_to_one: bool = False


def requires(permission: Permission) -> Callable[[View], View]:
    """Only for people who may do this in the tenant of the URL; whatever is foreign to them does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(tenant_id: UUID, **values: Any) -> ResponseReturnValue:
            if detour := _detour():
                return detour
            g.tenant = services().tenants.get(current_actor(), TenantId(tenant_id), permission)
            answer: ResponseReturnValue = view(tenant_id, **values)
            return answer

        return cast("View", _marked(guarded, Policy(permission, "")))

    return decorate


def signed_in(reason: str, *, leads_to_second_factor: bool = False) -> Callable[[View], View]:
    """For everybody who is signed in, about himself alone."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            if detour := _detour(leads_to_second_factor=leads_to_second_factor):
                return detour
            answer: ResponseReturnValue = view(**values)
            return answer

        return cast("View", _marked(guarded, Policy(None, reason, leads_to_one=leads_to_second_factor)))

    return decorate


def operators(reason: str) -> Callable[[View], View]:
    """For the operator alone; to everybody else who is signed in it does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            if detour := _detour():
                return detour
            ensure_operator(current_actor())
            answer: ResponseReturnValue = view(**values)
            return answer

        return cast("View", _marked(guarded, Policy(None, reason, is_operators=True)))

    return decorate


def public(reason: str) -> Callable[[View], View]:
    """For everybody, signed in or not."""

    def decorate(view: View) -> View:
        return cast("View", _marked(view, Policy(None, reason, is_public=True)))

    return decorate


def policy_of(view: Callable[..., Any]) -> Policy | None:
    return getattr(view, POLICY, None)


def _detour(*, leads_to_second_factor: bool = False) -> Response | None:
    """Where somebody has to go first: to the sign-in, or to a second factor that he has to have."""
    stay = find_stay()
    if stay is None:
        return ask_to_sign_in()
    if stay.lacks_second_factor and not leads_to_second_factor:
        return see_other(url_for("second_factors.new"))
    return None


def _marked(view: Any, policy: Policy) -> Any:
    setattr(view, POLICY, policy)
    return view
