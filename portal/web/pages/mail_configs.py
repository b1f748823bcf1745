"""A mail configuration is a server, a sender and a way in, under a name; the tenant has a list of them."""

from functools import partial
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.config_rules import judged
from portal.domain.errors import ConflictError, InvalidError, NotFoundError
from portal.domain.ids import ConfigId, TrialId, new_id
from portal.domain.impact import ensure_confirmed
from portal.domain.mail_config import MailConfig
from portal.domain.overview import ConfigLine, Overview
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web import editor
from portal.web.config_rows import Cells, config_rows
from portal.web.confirming import typed_confirmation
from portal.web.differences import differences
from portal.web.forms.fields import find_id, id_from
from portal.web.forms.mail_configs import MailConfigForm
from portal.web.forms.trials import PROVIDER_DEFAULT
from portal.web.grave import replaces_what_others_inherit
from portal.web.identity import current_actor, current_tenant, services
from portal.web.linking import link_and_go
from portal.web.policy import requires
from portal.web.presets import put_in
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other
from portal.web.selecting import default_name, select_and_announce
from portal.web.times import ago

bp = Blueprint("mail_configs", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs")


@bp.get("")
@requires(Permission.VIEW_CONFIGS)
def index(_tenant_id: UUID) -> ResponseReturnValue:
    overview = services().mail_configs.overview(current_actor(), current_tenant().id)
    words = request.args.get("q", "")[:200]
    has_default = overview.inherited.exists or not overview.tenant.is_root
    default, now = default_name(overview.tenant), services().clock()
    return page(
        "mail_configs/index.html",
        overview=overview,
        lines=[line for line in overview.lines if _holds(words, *_words_of(line))] if words else overview.lines,
        has_default=has_default,
        shows_default=has_default and _holds(words, default, overview.inherited.sender or ""),
        default=default,
        marked=_marked(overview),
        words=words,
        ago=partial(ago, now=now),
        cells=Cells,
        config_rows=partial(config_rows, now=now),
        mail_is_held=overview.stays_on_default and not overview.inherited.exists,
    )


@bp.get("/new")
@requires(Permission.EDIT_CONFIGS)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    if trial_id := find_id(request.args.get("trial")):
        tested = services().trials.get(current_actor(), current_tenant().id, TrialId(trial_id))
        if tested.draft is None:
            raise NotFoundError
        return editor.show_tested(tested, None, version=0)
    hidden = {"config_id": str(new_id()), "recipient": current_actor().email}
    form = MailConfigForm(formdata=None, data=hidden)
    return editor.show_filled(form, None, put_in(form, request.args.get("preset", "")))


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
def create(_tenant_id: UUID) -> ResponseReturnValue:
    form = MailConfigForm()
    config_id = ConfigId(id_from(form.config_id.data))
    try:
        config = services().mail_configs.create(
            current_actor(),
            current_tenant().id,
            config_id,
            form.typed(),
            password=editor.password_of(form),
            tested=editor.tested_in(form),
        )
    except InvalidError as refusal:
        return editor.show_again(form, None, refusal)
    except ConflictError:
        return _both_versions(form, config_id)
    return link_and_go(config, form.link_to.data) or _saved(config)


@bp.get("/<uuid:config_id>")
@requires(Permission.EDIT_CONFIGS)
def show(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    config = services().mail_configs.get(current_actor(), current_tenant().id, ConfigId(config_id))
    if trial_id := find_id(request.args.get("trial")):
        tested = services().trials.get(current_actor(), current_tenant().id, TrialId(trial_id))
        if tested.draft is None or tested.config_id != config.id:
            raise NotFoundError
        version = editor.version_in(request.args.get("version")) or config.version
        return editor.show_tested(tested, config, version=version)
    recipient = current_actor().email
    return editor.show(MailConfigForm.of_draft(config.draft, version=config.version, recipient=recipient), config)


@bp.post("/<uuid:config_id>")
@requires(Permission.EDIT_CONFIGS)
@freshly_proven(replaces_what_others_inherit)
def update(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    form = MailConfigForm()
    before = services().mail_configs.get(current_actor(), current_tenant().id, ConfigId(config_id))
    try:
        _ensure_confirmed(form, before)
        config = services().mail_configs.update(
            current_actor(),
            before.tenant_id,
            before.id,
            form.typed(),
            password=editor.password_of(form),
            version=editor.version_in(form.version.data),
            tested=editor.tested_in(form),
        )
    except InvalidError as refusal:
        return editor.show_again(form, before, refusal)
    except ConflictError:
        return _both_versions(form, before.id)
    return _saved(config)


def _ensure_confirmed(form: MailConfigForm, before: MailConfig) -> None:
    """Where the mail of many would get another server or sender, the name is asked for. Raises InvalidError."""
    draft, now = judged(form.typed()), before.draft
    if (draft.destination, draft.from_address) != (now.destination, now.from_address):
        impact = services().impacts.of_edit(current_actor(), before.tenant_id, before.id)
        ensure_confirmed(impact, before.name, typed_confirmation())


def _saved(config: MailConfig) -> ResponseReturnValue:
    tenant = current_tenant()
    if request.form.get("then") == "use":
        if services().impacts.of_selection(current_actor(), tenant.id, config.id).is_grave:
            flash(_("Saved “%(name)s”.", name=config.name), "success")
            return see_other(url_for("selections.new", tenant_id=tenant.id, config=config.id))
        select_and_announce(config.id)
    elif config.id == tenant.active_config_id:
        flash(_("Saved “%(name)s”. It is in use: the next mail goes this way.", name=config.name), "success")
    else:
        flash(_("Saved. Select it in the list to use it."), "success")
    return see_other(url_for("mail_configs.index", tenant_id=tenant.id, select=config.id))


def _both_versions(form: MailConfigForm, config_id: ConfigId) -> ResponseReturnValue:
    """Somebody else saved meanwhile: show what is saved now beside what was typed, and let the person choose."""
    theirs = services().mail_configs.get(current_actor(), current_tenant().id, config_id)
    if not form.password.data and judged(form.typed()) == theirs.draft:
        return _saved(theirs)
    return page(
        "mail_configs/conflict.html",
        status=HTTPStatus.CONFLICT,
        fragment=False,
        form=form,
        theirs=theirs,
        differences=differences(MailConfigForm.of_draft(theirs.draft), form),
    )


def _marked(overview: Overview) -> ConfigLine | None:
    """The row on which the icons act: the one in the address, otherwise the one in use; None is the top row."""
    wanted = request.args.get("select", "")
    named = next((line for line in overview.lines if str(line.config.id) == wanted), None) if wanted else None
    if named or wanted == PROVIDER_DEFAULT:
        return named
    return overview.line_of(overview.tenant.active_config_id)


def _words_of(line: ConfigLine) -> tuple[str, ...]:
    config = line.config
    return config.name, config.from_address, f"{config.host}:{config.port}"


def _holds(words: str, *texts: str) -> bool:
    text = " ".join(texts).casefold()
    return all(word in text for word in words.casefold().split())
