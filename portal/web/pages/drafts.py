"""A draft is a configuration as it is typed: a preset or a remedy is put into its form, and nothing is saved."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId
from portal.domain.mail_config import Encryption
from portal.domain.roles import Permission
from portal.web import editor
from portal.web.drafting import find_saved
from portal.web.forms.fields import id_from
from portal.web.forms.mail_configs import MailConfigForm
from portal.web.policy import requires
from portal.web.presets import put_in

bp = Blueprint("drafts", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/draft")
# The method that a warning proposes; it never takes encryption away.
_MENDS = frozenset({Encryption.TLS.value, Encryption.STARTTLS.value})
# The key that stands for "the one chosen in the menu beside the button".
_CHOSEN = "chosen"


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
def update(_tenant_id: UUID) -> ResponseReturnValue:
    """The same form with `fill`, `fill_over` or `mend` put in; with none of them it is only looked at once more."""
    form = MailConfigForm()
    config = find_saved(ConfigId(id_from(form.config_id.data)))
    if method := request.form.get("mend"):
        if method not in _MENDS:
            raise NotFoundError
        form.settle(method)
        return editor.show_changed(form, config, focus="port")
    over = request.form.get("fill_over", "")
    asked = over or request.form.get("fill", "")
    key = request.form.get("provider", "") if asked == _CHOSEN else asked
    return editor.show_changed(form, config, filling=put_in(form, key, over=bool(over)))
