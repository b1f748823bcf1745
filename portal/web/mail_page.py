"""Knows how the page of a user's mail is shown: what it uses and why, what is linked, and a test."""

from http import HTTPStatus

from werkzeug.wrappers import Response

from portal.domain.ids import UserId
from portal.domain.linked_configs import Way
from portal.domain.precedence import Source
from portal.i18n import gettext as _
from portal.web.forms.linked_configs import LinkForm
from portal.web.forms.trials import TrialForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.responses import page
from portal.web.selecting import default_name
from portal.web.sentences import encryption_name, rung_sentence


def show_mail_of_user(
    user_id: UserId, *, form: TrialForm | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    """The page, with the test's form as typed or else filled in with the actor's own address."""
    tenant, actor = current_tenant(), current_actor()
    mail = services().mail_ways.of_user(actor, tenant.id, user_id)
    link_form = LinkForm(
        formdata=None, data={"config": str(mail.user.linked_config_id or ""), "version": mail.user.version}
    )
    link_form.offer(mail.choices)
    return page(
        "user_mail/show.html",
        status=status,
        tenant=tenant,
        mail=mail,
        way=way_sentence(mail.way),
        trace=[rung_sentence(rung) for rung in mail.way.trace],
        link_form=link_form,
        form=form or TrialForm(formdata=None, data={"recipient": actor.email}),
        encryption_name=encryption_name,
        changed_meanwhile=status is HTTPStatus.CONFLICT,
    )


def way_sentence(way: Way) -> str:
    """What a mail uses now, in one line with the reason."""
    default = default_name(current_tenant())
    if way.config is not None:
        return _reason(way.source, way.config.name)
    if way.source is None:
        return _("Nothing applies: mail waits until a configuration is linked or selected.")
    return _("%(name)s: nothing is linked, and the company has selected none of its own.", name=default)


def _reason(source: Source | None, name: str) -> str:
    match source:
        case Source.USER:
            return _("“%(name)s”, because it is linked to this user.", name=name)
        case Source.PROFILE:
            return _("“%(name)s”, because it is linked to a profile.", name=name)
        case _:
            return _("“%(name)s”, because the company uses it and nothing nearer is linked.", name=name)
