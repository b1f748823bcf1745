"""The Provider default is what the level above uses: to be read, tested and selected, and nothing else."""

from functools import partial
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.domain.roles import Permission
from portal.web.forms.trials import PROVIDER_DEFAULT, TrialForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page
from portal.web.sentences import plain_outcome
from portal.web.times import ago

bp = Blueprint("provider_default", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/provider-default")


@bp.get("")
@requires(Permission.VIEW_CONFIGS)
def show(_tenant_id: UUID) -> ResponseReturnValue:
    tenant = current_tenant()
    inherited = services().mail_configs.inherited(current_actor(), tenant.id)
    if tenant.is_root and not inherited.exists:
        raise NotFoundError
    form = TrialForm(formdata=None, data={"config": PROVIDER_DEFAULT, "recipient": current_actor().email})
    return page(
        "mail_configs/provider_default.html",
        tenant=tenant,
        inherited=inherited,
        form=form,
        plain_outcome=plain_outcome,
        ago=partial(ago, now=services().clock()),
    )
