"""A proposal is a change that may mend the way a test ended: it is applied to the form, and that is tested again."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import TrialId
from portal.domain.mail_config import Draft
from portal.domain.proposals import Proposal, proposals
from portal.domain.roles import Permission
from portal.domain.trial import Trial
from portal.i18n import gettext as _
from portal.web import drafting
from portal.web.forms.mail_configs import MailConfigForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import see_other

bp = Blueprint("proposals", __name__, url_prefix="/t/<uuid:tenant_id>/trials/<uuid:trial_id>/proposals")


@bp.post("")
@requires(Permission.TEST_CONFIGS)
def create(_tenant_id: UUID, trial_id: UUID) -> ResponseReturnValue:
    """From the editor the form comes along as it stands now; elsewhere the saved configuration is opened in it."""
    trial = services().trials.get(current_actor(), current_tenant().id, TrialId(trial_id))
    proposal = _find(trial, request.form.get("proposal", ""))
    if proposal is None or trial.tried is None or trial.config_id is None:
        flash(_("That is not proposed any more: the configuration or its test has changed."), "error")
        return see_other(url_for("trials.show", tenant_id=trial.tenant_id, trial_id=trial.id))
    form = MailConfigForm() if "host" in request.form else _opened(trial, trial.tried)
    form.apply(proposal.changes)
    return drafting.test_of(form, trial.config_id, trial.verb)


def _find(trial: Trial, remedy: str) -> Proposal | None:
    found = proposals(trial.tried, trial.code, trial.findings) if trial.tried else ()
    return next((proposal for proposal in found if proposal.remedy.value == remedy), None)


def _opened(trial: Trial, tried: Draft) -> MailConfigForm:
    config = drafting.find_saved(trial.config_id) if trial.config_id else None
    return MailConfigForm.of_draft(
        tried,
        config_id=str(trial.config_id),
        version=str(config.version if config else ""),
        trial=str(trial.id) if trial.draft else "",
        recipient=trial.recipient,
    )
