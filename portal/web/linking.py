"""Knows how a link is announced, and how a configuration that was made for somebody is linked once it is saved."""

from uuid import UUID

from flask import flash, url_for
from werkzeug.wrappers import Response

from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, ProfileId, UserId
from portal.domain.mail_config import MailConfig
from portal.i18n import gettext as _
from portal.web.forms.fields import id_from
from portal.web.identity import current_actor, services
from portal.web.responses import see_other
from portal.web.undoing import announce


def link_and_go(config: MailConfig, link_to: str | None) -> Response | None:
    """Link to whom `user:id` or `profile:id` names, and go to the page of his mail; None where nobody is named.

    What was saved stays saved where he is gone by now, and a message says so.
    """
    kind, _separator, text = (link_to or "").partition(":")
    if kind not in {"user", "profile"}:
        return None
    try:
        url = _linked(config, kind, id_from(text))
    except NotFoundError:
        flash(_("Saved “%(name)s”, but whom it was made for is not there any more.", name=config.name), "error")
        return see_other(url_for("mail_configs.index", tenant_id=config.tenant_id, select=config.id))
    flash(_("Success: saved “%(name)s” and linked it. The next mail goes this way.", name=config.name), "success")
    return see_other(url)


def announce_link(url: str, now: ConfigId | None, before: ConfigId | None, *, version: int) -> None:
    """What was linked, and the way back to what was before; `version` is that of the user or profile before it."""
    announce(
        _("Success: linked. The next mail goes this way.") if now else _("Success: unlinked."),
        undo_at=url if now != before else "",
        fields={"config": str(before or ""), "version": str(version + 1)},
    )


def _linked(config: MailConfig, kind: str, found: UUID) -> str:
    actor, links = current_actor(), services().linked_configs
    if kind == "user":
        links.link_users(actor, config.tenant_id, [UserId(found)], config.id)
        return url_for("user_mail.show", tenant_id=config.tenant_id, user_id=found)
    links.link_profile(actor, config.tenant_id, ProfileId(found), config.id)
    return url_for("profile_mail.show", tenant_id=config.tenant_id, profile_id=found)
