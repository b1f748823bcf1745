"""Knows how a form is tested as it is typed, before anything is saved, and what page comes back."""

from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError, NotFoundError, TooManyError
from portal.domain.ids import ConfigId
from portal.domain.mail_config import MailConfig
from portal.domain.trial import Verb
from portal.web import editor
from portal.web.forms.mail_configs import MailConfigForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.responses import see_other, wants_fragment


def test_of(form: MailConfigForm, config_id: ConfigId, verb: Verb) -> ResponseReturnValue:
    """Ask for the test of a form; the answer is the editor again, with the result or with what has to be corrected."""
    config = find_saved(config_id)
    form.config_id.data = str(config_id)
    try:
        trial_id = services().trials.request_draft(
            current_actor(),
            current_tenant().id,
            config_id,
            form.typed(),
            password=editor.password_of(form),
            verb=verb,
            recipient=form.tests_to,
            tested=editor.tested_in(form),
        )
    except InvalidError as refusal:
        return editor.show_again(form, config, refusal)
    except TooManyError as limit:
        return editor.show_too_early(form, config, limit)
    version = editor.version_in(form.version.data)
    if wants_fragment():
        tested = services().trials.get(current_actor(), current_tenant().id, trial_id)
        return editor.show_tested(tested, config, version=version)
    return see_other(_editor_url(config, trial=trial_id, version=version))


def find_saved(config_id: ConfigId) -> MailConfig | None:
    try:
        return services().mail_configs.get(current_actor(), current_tenant().id, config_id)
    except NotFoundError:
        return None


def _editor_url(config: MailConfig | None, *, trial: UUID, version: int) -> str:
    """The test's id goes along, and so does the version that the form was made from."""
    tenant_id = current_tenant().id
    if config is None:
        along = {name: request.form[name] for name in ("link_to", "by_hand") if request.form.get(name)}
        return url_for("mail_configs.new", tenant_id=tenant_id, trial=trial, **along)  # type: ignore[arg-type]  # texts
    return url_for("mail_configs.show", tenant_id=tenant_id, config_id=config.id, trial=trial, version=version)
