"""The files of a brand: the stylesheet of a colour, and a logo for whoever may see it."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.web.brand_styles import style_in
from portal.web.headers import SANDBOXED
from portal.web.identity import find_actor, host_now, services
from portal.web.policy import public

bp = Blueprint("brand_files", __name__, url_prefix="/brand")


@bp.get("/<name>")
@public("the sign-in page shows the brand of its name; other logos are only for whoever is signed in there")
def show(name: str) -> ResponseReturnValue:
    style = style_in(name)
    if style is not None:
        return _kept(Response(style, content_type="text/css; charset=utf-8"), "public")
    logo, content = services().brandings.logo(name, host=host_now(), actor=find_actor())
    if not content:
        raise NotFoundError
    answer = Response(content, content_type=logo.kind)
    answer.headers["Content-Security-Policy"] = SANDBOXED
    return _kept(answer, "private")


def _kept(answer: Response, by: str) -> Response:
    """The name changes with the content. Whether somebody may see a logo depends on who asks, so no cache between."""
    answer.headers["Cache-Control"] = f"{by}, max-age=31536000, immutable"
    return answer
