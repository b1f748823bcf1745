"""Several configurations are deleted at once, after all that comes of it was told together."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import ConfigId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web.confirming import problem_with, typed_confirmation
from portal.web.forms.several import ids_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable
from portal.web.selecting import default_name
from portal.web.ticking import nothing_ticked

bp = Blueprint("several_deletions", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/several/deletion")


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
def create(_tenant_id: UUID) -> ResponseReturnValue:
    """First the question with everything that comes of it together; once that is answered, all of them or none."""
    actor, tenant = current_actor(), current_tenant()
    ticked = [ConfigId(each) for each in ids_from(request.form.getlist("config"))]
    if not ticked:
        return nothing_ticked()
    asked = _asked(ticked)
    if "confirmed" not in request.form:
        return page("several/deletion.html", **asked, typed="", problem="")
    if problem := problem_with(asked["impact"], tenant.name):
        return unprocessable("several/deletion.html", **asked, typed=typed_confirmation(), problem=problem)
    deleted = services().mail_configs.delete_all(actor, tenant.id, ticked)
    said = ngettext(
        "Success: deleted %(number)s configuration.", "Success: deleted %(number)s configurations.", len(deleted)
    )
    if tenant.active_config_id in {config.id for config in deleted}:
        said = f"{said} {_('%(name)s takes over.', name=default_name(tenant))}"
    flash(said, "success")
    return see_other(url_for("mail_configs.index", tenant_id=tenant.id))


def _asked(ticked: list[ConfigId]) -> dict[str, Any]:
    actor, tenant = current_actor(), current_tenant()
    impact = services().impacts.of_deletions(actor, tenant.id, ticked)
    overview = services().mail_configs.overview(actor, tenant.id)
    return {
        "tenant": tenant,
        "lines": [line for line in overview.lines if line.config.id in ticked],
        "impact": impact,
        "default": default_name(tenant),
        "successor_exists": overview.inherited.exists,
    }
