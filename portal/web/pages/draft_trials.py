"""A draft's trial is the test of a form as it is typed, before anything is saved."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.domain.ids import ConfigId
from portal.domain.roles import Permission
from portal.web import drafting
from portal.web.forms.mail_configs import MailConfigForm
from portal.web.forms.trials import verb_from
from portal.web.policy import requires

bp = Blueprint("draft_trials", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/<uuid:config_id>/trials")


@bp.post("")
@requires(Permission.TEST_CONFIGS)
def create(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    return drafting.test_of(MailConfigForm(), ConfigId(config_id), verb_from(request.form.get("verb")))
