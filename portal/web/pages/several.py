"""Several configurations are ticked on a page of their own, and checked or deleted at once."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.domain.errors import TooManyError
from portal.domain.ids import ConfigId, TrialId
from portal.domain.roles import Permission
from portal.domain.trial import Trial, Verb
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web.confirming import problem_with, typed_confirmation
from portal.web.forms.several import MOST_AT_ONCE, ids_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable, wants_fragment
from portal.web.selecting import default_name
from portal.web.sentences import limit_sentence, outcome

bp = Blueprint("several", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/several")


@bp.get("")
@requires(Permission.TEST_CONFIGS)
def index(_tenant_id: UUID) -> ResponseReturnValue:
    overview = services().mail_configs.overview(current_actor(), current_tenant().id)
    return page(
        "several/index.html", overview=overview, most=MOST_AT_ONCE, all_ticked=request.args.get("tick") == "all"
    )


@bp.post("/checks")
@requires(Permission.TEST_CONFIGS)
def check(_tenant_id: UUID) -> ResponseReturnValue:
    """Each check is asked for by itself, within the limits of checks and of servers; what is over them is told."""
    actor, tenant = current_actor(), current_tenant()
    ticked = ids_from(request.form.getlist("config"))
    asked: list[TrialId] = []
    for config_id in ticked:
        try:
            trial_id = services().trials.request_saved(
                actor, tenant.id, ConfigId(config_id), verb=Verb.CHECK, recipient=actor.email
            )
        except TooManyError as limit:
            left = len(ticked) - len(asked)
            said = ngettext("%(number)s configuration was not checked.", "%(number)s were not checked.", left)
            flash(f"{said} {limit_sentence(limit)}", "error")
            break
        asked.append(trial_id)
    if not asked:
        return _nothing_ticked() if not ticked else see_other(url_for("several.index", tenant_id=tenant.id))
    return see_other(url_for("several.checks", tenant_id=tenant.id, trial=asked))


@bp.get("/checks")
@requires(Permission.TEST_CONFIGS)
def checks(_tenant_id: UUID) -> ResponseReturnValue:
    """How far they are. Whoever has scripts asks for the lines again; otherwise the page does."""
    tenant = current_tenant()
    wanted = [TrialId(each) for each in ids_from(request.args.getlist("trial"))]
    found = services().trials.some(current_actor(), tenant.id, wanted)
    template = "several/_checks.html" if wants_fragment() else "several/checks.html"
    running = sum(trial.is_running for _name, trial in found)
    return page(
        template,
        tenant=tenant,
        lines=[(name, trial, _state(trial)) for name, trial in found],
        ended=len(found) - running,
        running=running,
        good=sum(not trial.is_running and trial.code == "ok" for _name, trial in found),
        poll_url=url_for("several.checks", tenant_id=tenant.id, trial=wanted) if running else "",
        stalled=any(trial.worker_is_missing(services().clock()) for _name, trial in found) and not _any_begun(found),
    )


@bp.post("/deletion")
@requires(Permission.EDIT_CONFIGS)
def delete(_tenant_id: UUID) -> ResponseReturnValue:
    """First the question with everything that comes of it together; once that is answered, all of them or none."""
    actor, tenant = current_actor(), current_tenant()
    ticked = [ConfigId(each) for each in ids_from(request.form.getlist("config"))]
    if not ticked:
        return _nothing_ticked()
    asked = _asked(ticked)
    if "confirmed" not in request.form:
        return page("several/deletion.html", **asked, typed="", problem="")
    if problem := problem_with(asked["impact"], tenant.name):
        return unprocessable("several/deletion.html", **asked, typed=typed_confirmation(), problem=problem)
    deleted = services().mail_configs.delete_all(actor, tenant.id, ticked)
    said = ngettext(
        "Success: deleted %(number)s configuration.", "Success: deleted %(number)s configurations.", len(deleted)
    )
    if tenant.active_config_id in {config.id for config in deleted}:
        said = f"{said} {_('%(name)s takes over.', name=default_name(tenant))}"
    flash(said, "success")
    return see_other(url_for("mail_configs.index", tenant_id=tenant.id))


def _nothing_ticked() -> Response:
    flash(_("Tick at least one configuration first."), "error")
    return see_other(url_for("several.index", tenant_id=current_tenant().id))


def _asked(ticked: list[ConfigId]) -> dict[str, Any]:
    actor, tenant = current_actor(), current_tenant()
    impact = services().impacts.of_deletions(actor, tenant.id, ticked)
    overview = services().mail_configs.overview(actor, tenant.id)
    return {
        "tenant": tenant,
        "lines": [line for line in overview.lines if line.config.id in ticked],
        "impact": impact,
        "default": default_name(tenant),
        "successor_exists": overview.inherited.exists,
    }


def _state(trial: Trial) -> tuple[str, str]:
    """The word and the tone of a badge."""
    if not trial.is_running:
        told = outcome(trial.code)
        return told.short, "neutral" if told.tone == "plain" else told.tone
    return (_("being checked") if trial.started_at else _("waits for its turn")), "neutral"


def _any_begun(found: list[tuple[str, Trial]]) -> bool:
    return any(trial.started_at for _name, trial in found)
