"""The names that companies asked for, for whoever runs the portal: approve them, refuse them, or take them away."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import BrandHostId
from portal.i18n import gettext as _
from portal.web.identity import current_actor, services
from portal.web.policy import operators
from portal.web.responses import page, see_other
from portal.web.sentences import problem_sentence

bp = Blueprint("brand_host_approvals", __name__, url_prefix="/brand-hosts")
_REASON = "a name that the portal answers to concerns the whole installation"


@bp.get("")
@operators(_REASON)
def index() -> ResponseReturnValue:
    return _shown()


@bp.post("/<uuid:host_id>/approval")
@operators(_REASON)
def update(host_id: UUID) -> ResponseReturnValue:
    try:
        name = services().brand_hosts.approve(current_actor(), BrandHostId(host_id))
    except InvalidError as refused:
        return _shown(problem_sentence(refused.problems[0]), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("The portal answers to %(name)s now.", name=name), "success")
    return see_other(url_for("brand_host_approvals.index"))


@bp.post("/<uuid:host_id>/refusal")
@operators(_REASON)
def delete(host_id: UUID) -> ResponseReturnValue:
    name = services().brand_hosts.refuse(current_actor(), BrandHostId(host_id))
    flash(_("The portal does not answer to %(name)s.", name=name), "success")
    return see_other(url_for("brand_host_approvals.index"))


def _shown(problem: str = "", *, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    hosts = services().brand_hosts.everybodys(current_actor())
    return page("brand_host_approvals/index.html", status=status, hosts=hosts, problem=problem)
