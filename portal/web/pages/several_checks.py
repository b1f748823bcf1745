"""Several configurations are checked at once, each for itself, and watched on one page."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import TooManyError
from portal.domain.ids import ConfigId, TrialId
from portal.domain.roles import Permission
from portal.domain.trial import Trial, Verb
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web.forms.several import ids_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, wants_fragment
from portal.web.sentences import limit_sentence, outcome
from portal.web.ticking import nothing_ticked

bp = Blueprint("several_checks", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/several/checks")


@bp.post("")
@requires(Permission.TEST_CONFIGS)
def create(_tenant_id: UUID) -> ResponseReturnValue:
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
        return nothing_ticked() if not ticked else see_other(url_for("several.index", tenant_id=tenant.id))
    return see_other(url_for("several_checks.show", tenant_id=tenant.id, trial=asked))


@bp.get("")
@requires(Permission.TEST_CONFIGS)
def show(_tenant_id: UUID) -> ResponseReturnValue:
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
        poll_url=url_for("several_checks.show", tenant_id=tenant.id, trial=wanted) if running else "",
        stalled=any(trial.worker_is_missing(services().clock()) for _name, trial in found) and not _any_begun(found),
    )


def _state(trial: Trial) -> tuple[str, str]:
    """The word and the tone of a badge."""
    if not trial.is_running:
        told = outcome(trial.code)
        return told.short, "neutral" if told.tone == "plain" else told.tone
    return (_("being checked") if trial.started_at else _("waits for its turn")), "neutral"


def _any_begun(found: list[tuple[str, Trial]]) -> bool:
    return any(trial.started_at for _name, trial in found)
