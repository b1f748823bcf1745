"""A trial is a test mail or a check of something saved, and the page on which it is watched."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError, NotFoundError
from portal.domain.ids import ConfigId, TrialId
from portal.domain.people import User
from portal.domain.roles import Permission
from portal.domain.trial import Trial, Verb
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.trials import PROVIDER_DEFAULT, TrialForm, verb_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable, wants_fragment
from portal.web.results import Result
from portal.web.selecting import default_name

bp = Blueprint("trials", __name__, url_prefix="/t/<uuid:tenant_id>/trials")


@bp.get("/new")
@requires(Permission.TEST_CONFIGS)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    """The test form of its own: of the configuration in the address, or of any in the list."""
    tenant = current_tenant()
    config = request.args.get("config") or str(tenant.active_config_id or PROVIDER_DEFAULT)
    form = TrialForm(formdata=None, data={"config": config, "recipient": current_actor().email})
    return page("trials/new.html", tenant=tenant, form=form, what=_name_of(form.config_id), choices=_choices())


@bp.post("")
@requires(Permission.TEST_CONFIGS)
def create(_tenant_id: UUID) -> ResponseReturnValue:
    form = TrialForm()
    recipient = form.recipient.data or current_actor().email
    try:
        trial_id = _request(form.config_id, verb_from(request.form.get("verb")), recipient)
    except InvalidError as refusal:
        say_at_fields(form, refusal.problems)
        what = _name_of(form.config_id)
        return unprocessable("trials/new.html", tenant=current_tenant(), form=form, what=what, choices=_choices())
    return see_other(url_for("trials.show", tenant_id=current_tenant().id, trial_id=trial_id))


@bp.get("/<uuid:trial_id>")
@requires(Permission.TEST_CONFIGS)
def show(_tenant_id: UUID, trial_id: UUID) -> ResponseReturnValue:
    trial = services().trials.get(current_actor(), current_tenant().id, TrialId(trial_id))
    result = Result(trial, services().clock())
    if wants_fragment():
        return page("trials/_result.html", result=result)
    return page(
        "trials/show.html",
        tenant=current_tenant(),
        result=result,
        form=_once_more(trial),
        again_url=_again_url(trial),
        what=_tried(trial),
    )


def _request(config_id: ConfigId | None, verb: Verb, recipient: str) -> TrialId:
    trials, tenant = services().trials, current_tenant()
    if config_id is None:
        return trials.request_effective(current_actor(), tenant.id, verb=verb, recipient=recipient)
    return trials.request_saved(current_actor(), tenant.id, config_id, verb=verb, recipient=recipient)


def _choices() -> list[tuple[str, str]]:
    """Everything in the list that can be tested: the id of each, and what it is called."""
    overview = services().mail_configs.overview(current_actor(), current_tenant().id)
    named = [(str(line.config.id), line.config.name) for line in overview.lines]
    return [(PROVIDER_DEFAULT, _name_of(None)), *named]


def _once_more(trial: Trial) -> TrialForm | None:
    """The same test again; a form that was tested is tested again where it stands."""
    if trial.draft is not None:
        return None
    config = str(trial.config_id or PROVIDER_DEFAULT)
    return TrialForm(formdata=None, data={"config": config, "recipient": trial.recipient})


def _again_url(trial: Trial) -> str:
    if trial.for_user_id is not None:
        return url_for("user_trials.create", tenant_id=trial.tenant_id, user_id=trial.for_user_id)
    return url_for("trials.create", tenant_id=trial.tenant_id)


def _user_of(trial: Trial) -> User:
    if trial.for_user_id is None:
        raise LookupError("this was no test as a user")
    return services().users.get(current_actor(), trial.tenant_id, trial.for_user_id)


def _tried(trial: Trial) -> str:
    if trial.draft is not None:
        return trial.draft.name or trial.draft.destination.host
    if trial.for_user_id is not None:
        return _("the mail of %(name)s", name=_user_of(trial).name)
    try:
        return _name_of(trial.config_id)
    except NotFoundError:
        return _("a configuration that was deleted since")


def _name_of(config_id: ConfigId | None) -> str:
    tenant = current_tenant()
    if config_id is not None:
        return services().mail_configs.get(current_actor(), tenant.id, config_id).name
    if tenant.active_config_id is None:
        return default_name(tenant)
    return _("what %(name)s uses now", name=tenant.name)
