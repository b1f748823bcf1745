"""A language is chosen by whoever is not signed in: his browser keeps it."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.domain.languages import SPOKEN
from portal.web.languages import remember
from portal.web.policy import public
from portal.web.responses import own_path, see_other

bp = Blueprint("languages", __name__, url_prefix="/language")


@bp.post("")
@public("whoever cannot read a page yet chooses how it speaks")
def update() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language not in SPOKEN:
        raise NotFoundError
    answer = see_other(own_path(request.form.get("next", "")) or url_for("sign_ins.new"))
    remember(answer, language)
    return answer
