"""Knows how a selection is made and announced: at once, in green, and with the way back."""

from flask import url_for

from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId
from portal.domain.mail_config import MailConfig
from portal.domain.tenancy import Tenant
from portal.i18n import gettext as _
from portal.web.forms.trials import PROVIDER_DEFAULT
from portal.web.identity import current_actor, current_tenant, services
from portal.web.sentences import outcome
from portal.web.undoing import announce


def select_and_announce(config_id: ConfigId | None) -> None:
    """Make this the active configuration of the URL's tenant; None returns to the Provider default."""
    tenant = current_tenant()
    chosen = services().mail_configs.select(current_actor(), tenant.id, config_id)
    changed = config_id != tenant.active_config_id
    announce(
        _announcement(tenant, chosen),
        undo_at=url_for("selections.create", tenant_id=tenant.id) if changed else "",
        fields={"config": str(tenant.active_config_id or PROVIDER_DEFAULT)},
    )


def default_name(tenant: Tenant) -> str:
    """What stands above the tenant's own configurations."""
    return _("Instance default") if tenant.is_root else _("Provider default")


def _announcement(tenant: Tenant, chosen: MailConfig | None) -> str:
    if chosen is None:
        return _("Success: now using “%(name)s”", name=default_name(tenant))
    said = _("Success: now using “%(name)s”", name=chosen.name)
    return f"{said}. {remark}" if (remark := _remark(chosen)) else said


def _remark(chosen: MailConfig) -> str:
    if chosen.last_code is None:
        return _("It was never tested.")
    if chosen.last_code != Code.OK:
        return _("Its latest mail failed: %(reason)s.", reason=outcome(Code(chosen.last_code)).short)
    return ""
