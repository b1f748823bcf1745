"""Knows what is answered where several things were to be ticked and none was."""

from flask import flash, url_for
from werkzeug.wrappers import Response

from portal.i18n import gettext as _
from portal.web.identity import current_tenant
from portal.web.responses import see_other


def nothing_ticked() -> Response:
    flash(_("Tick at least one configuration first."), "error")
    return see_other(url_for("several.index", tenant_id=current_tenant().id))
