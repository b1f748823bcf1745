"""My mail is what everybody sees of his own mail: where it goes through, and whether it arrives."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain.roles import Actor, Permission, granted
from portal.i18n import gettext as _
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page

bp = Blueprint("my_mail", __name__, url_prefix="/me/mail")


@bp.get("")
@signed_in("one's own mail")
def show() -> ResponseReturnValue:
    actor = current_actor()
    return page("my_mail/show.html", way=_way(actor), may_send=not actor.tenant.suspended)


def _way(actor: Actor) -> str:
    """One line on what the mails use; a customer learns nothing of any configuration."""
    if Permission.VIEW_CONFIGS not in granted(actor, actor.tenant):
        return _("Your mails are sent through the configuration that your provider looks after.")
    overview = services().mail_configs.overview(actor, actor.tenant.id)
    active = overview.line_of(actor.tenant.active_config_id)
    if active is not None:
        name = active.config.draft.name
        return _("Your mails are sent through %(name)s, your company's own configuration.", name=name)
    if not overview.inherited.exists:
        return _("Nothing is set up for your mails yet: they wait until a configuration is selected.")
    if actor.tenant.is_root:
        return _("Your mails are sent through the instance default.")
    return _("Your mails are sent through the Provider default.")
