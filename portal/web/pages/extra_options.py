"""Extra configurations are what a provider may ask for beyond server, sender and sign-in, one by one."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.domain.config_rules import typed_of
from portal.domain.errors import ConflictError, InvalidError, Problem
from portal.domain.extra_options import OF_THE_DESTINATION, YES, ExtraOption, value_of, with_option
from portal.domain.ids import ConfigId
from portal.domain.mail_config import MailConfig
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.extra_options import ExtraOptionForm, option_from
from portal.web.forms.fields import whole_number
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other
from portal.web.sentences import extra_explanation, extra_name
from portal.web.undoing import announce

bp = Blueprint("extra_options", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/<uuid:config_id>/extras")


@bp.get("")
@requires(Permission.EDIT_CONFIGS)
def index(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    config = _config(config_id)
    asked = request.args.get("option")
    option = option_from(asked) if asked else _first_unset(config)
    form = ExtraOptionForm(formdata=None)
    form.field_for(option).data = value_of(config.draft, option)
    return _show(config, option, form, HTTPStatus.OK)


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
def create(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    config, form = _config(config_id), ExtraOptionForm()
    option = option_from(form.option.data)
    field, removes = form.field_for(option), request.form.get("then") == "remove"
    try:
        saved = _save(config, option, "" if removes else _ensure_value(field.data), form)
    except InvalidError as refusal:
        form.refuse(option, refusal)
        return _show(config, option, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError:
        return _show(_config(config_id), option, form, HTTPStatus.CONFLICT)
    said = _("Success: %(option)s was removed.") if removes else _("Success: %(option)s is set.")
    url = url_for("extra_options.index", tenant_id=config.tenant_id, config_id=config.id)
    before = value_of(config.draft, option)
    undoes = option not in OF_THE_DESTINATION and before != value_of(saved.draft, option)
    announce(
        said % {"option": extra_name(option)},
        undo_at=url if undoes else "",
        fields={"option": option.value, "version": str(saved.version), **_put_back(field.name, before)},
    )
    return see_other(url)


def _put_back(field: str, value: str) -> Mapping[str, str]:
    return {field: value} if value else {"then": "remove"}


def _ensure_value(typed: object) -> str:
    value = str(typed or "").strip()
    if not value:
        raise InvalidError([Problem("value", "required")])
    return value


def _save(config: MailConfig, option: ExtraOption, value: str, form: ExtraOptionForm) -> MailConfig:
    return services().mail_configs.update(
        current_actor(),
        config.tenant_id,
        config.id,
        with_option(typed_of(config.draft), option, value),
        password=form.typed_password,
        version=whole_number(form.version.data),
    )


def _config(config_id: UUID) -> MailConfig:
    return services().mail_configs.get(current_actor(), current_tenant().id, ConfigId(config_id))


def _first_unset(config: MailConfig) -> ExtraOption:
    return next((each for each in ExtraOption if not value_of(config.draft, each)), ExtraOption.SSL)


def _show(config: MailConfig, option: ExtraOption, form: ExtraOptionForm, status: HTTPStatus) -> Response:
    form.suit(option)
    form.version.data = str(config.version)
    values = {each: value_of(config.draft, each) for each in ExtraOption}
    return page(
        "extra_options/index.html",
        status=status,
        tenant=current_tenant(),
        config=config,
        options=tuple(ExtraOption),
        chosen=option,
        present={each: value for each, value in values.items() if value},
        form=form,
        field_now=form.field_for(option),
        needs_password=option in OF_THE_DESTINATION and config.has_password,
        yes=YES,
        bound=OF_THE_DESTINATION,
        name_of=extra_name,
        explains=extra_explanation,
        is_configured=_is_complete(config),
        changed_meanwhile=status is HTTPStatus.CONFLICT,
    )


def _is_complete(config: MailConfig) -> bool:
    """Whether the server is reached encrypted and signed in to, which is what the promise is about."""
    return config.has_password and config.draft.destination.encryption.value != "none"
