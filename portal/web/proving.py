"""Knows how somebody is asked to show once more who he is: before a grave form shows, and again before it acts."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.i18n import gettext as _
from portal.web.identity import current_stay
from portal.web.responses import see_other

FRESH = "portal_fresh"
View = TypeVar("View", bound=Callable[..., Any])


def _always() -> bool:
    return True


def freshly_proven(form: str, when: Callable[[], bool] = _always) -> Callable[[View], View]:
    """Only for somebody who showed a moment ago who he is; stands below the mark that says who may do it at all.

    `form` is the endpoint to go on with after an interrupted POST, of which nothing is kept; `when` may narrow it down.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*ids: Any, **values: Any) -> ResponseReturnValue:
            if not current_stay().is_proven and when():
                return _ask(form)
            answer: ResponseReturnValue = view(*ids, **values)
            return answer

        setattr(guarded, FRESH, True)
        return cast("View", guarded)

    return decorate


def asks_for_proof(view: Callable[..., Any]) -> bool:
    return getattr(view, FRESH, False)


def _ask(form: str) -> ResponseReturnValue:
    if request.method in {"GET", "HEAD"}:
        return see_other(url_for("proofs.new", next=request.full_path if request.query_string else request.path))
    flash(_("Nothing was changed yet. Confirm that it is you, then do it once more."), "error")
    return see_other(url_for("proofs.new", next=url_for(form, **(request.view_args or {}))))
