"""My mail is what everybody sees of his own mail: where it goes through, and whether it arrives."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain.linked_configs import MyMail
from portal.domain.precedence import Source
from portal.domain.roles import Actor, Permission, granted
from portal.i18n import current_voice
from portal.i18n import gettext as _
from portal.i18n.zones import zone_choices
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page
from portal.web.sentences import purpose_name
from portal.web.tones import state_tone

bp = Blueprint("my_mail", __name__, url_prefix="/me/mail")


@bp.get("")
@signed_in("one's own mail")
def show() -> ResponseReturnValue:
    actor = current_actor()
    mine = services().mail_ways.of_oneself(actor)
    return page(
        "my_mail/show.html",
        way=_way(actor, mine),
        latest=services().mail_log.of_oneself(actor),
        purpose_name=purpose_name,
        tone=state_tone,
        looks_after=Permission.VIEW_MAIL_LOG in granted(actor, actor.tenant),
        account=mine.account,
        may_send=not actor.tenant.suspended,
        zone_name=dict(zone_choices(current_voice().language)).get(actor.zone, "UTC"),
    )


def _way(actor: Actor, mine: MyMail) -> str:
    """One line on what the mails use; a customer learns the name of his own account and of nothing else."""
    name = mine.config_name or ""
    if mine.source is Source.USER:
        return _("Your mails are sent through %(name)s, which is linked to you.", name=name)
    if Permission.VIEW_CONFIGS not in granted(actor, actor.tenant):
        if mine.source in {Source.PROFILE, Source.TENANT}:
            return _("Your mails are sent through the settings of %(company)s.", company=actor.tenant.name)
        return _("Your mails are sent through the configuration that your provider looks after.")
    match mine.source:
        case Source.PROFILE:
            return _("Your mails are sent through %(name)s, which is linked to a profile of yours.", name=name)
        case Source.TENANT:
            return _("Your mails are sent through %(name)s, your company's own configuration.", name=name)
        case Source.PROVIDER_DEFAULT:
            return _("Your mails are sent through the Provider default.")
        case Source.INSTANCE if actor.tenant.is_root:
            return _("Your mails are sent through the instance default.")
        case Source.INSTANCE:
            return _("Your mails are sent through the Provider default.")
        case _:
            return _("Nothing is set up for your mails yet: they wait until a configuration is selected.")
