"""Knows how somebody is asked to show once more who he is: before a grave form shows, and again before it acts."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.web.forms.sign_ins import ProofForm
from portal.web.identity import current_actor, current_stay, services
from portal.web.responses import page, see_other
from portal.web.resuming import Typed, here, typed_now

FRESH = "portal_fresh"
View = TypeVar("View", bound=Callable[..., Any])


def _always() -> bool:
    return True


def freshly_proven(when: Callable[[], bool] = _always) -> Callable[[View], View]:
    """Only for somebody who showed a moment ago who he is; stands below the mark that says who may do it at all.

    `when` may narrow it down; it is asked only where the proof is old.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*ids: Any, **values: Any) -> ResponseReturnValue:
            if not current_stay().is_proven and when():
                return _ask()
            answer: ResponseReturnValue = view(*ids, **values)
            return answer

        setattr(guarded, FRESH, True)
        return cast("View", guarded)

    return decorate


def asks_for_proof(view: Callable[..., Any]) -> bool:
    return getattr(view, FRESH, False)


def show_proof(form: ProofForm, status: HTTPStatus, typed: Typed) -> Response:
    """The question, with what waits for its answer."""
    needs_code = services().security.second_factors.mine(current_actor()) is not None
    return page("proofs/new.html", status=status, form=form, needs_code=needs_code, typed=typed)


def _ask() -> Response:
    """Whoever only looks comes back by himself; what somebody typed goes along in the page, but for passwords."""
    if request.method in {"GET", "HEAD"}:
        return see_other(url_for("proofs.new", next=here()))
    form = ProofForm(formdata=None, next=here(), resume="post")
    return show_proof(form, HTTPStatus.UNAUTHORIZED, typed_now())
