"""A sample is a line of somebody's own words, and what of it an encoding cannot carry."""

from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.domain.roles import Permission
from portal.web.policy import requires
from portal.web.sentences.encodings import LONGEST_SAMPLE, fit_sentence

bp = Blueprint("samples", __name__, url_prefix="/t/<uuid:tenant_id>/samples")


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
def create(_tenant_id: UUID) -> ResponseReturnValue:
    """The sentence alone, for the form that is being typed; the same stands in the form itself without scripts."""
    typed = {name: request.form.get(name, "") for name in ("charset", "misfit", "from_name", "sample_words")}
    words = [typed["from_name"][:LONGEST_SAMPLE], typed["sample_words"][:LONGEST_SAMPLE]]
    return Response(fit_sentence(words, typed["charset"], typed["misfit"]), mimetype="text/plain")
