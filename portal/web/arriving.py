"""Knows what follows on a sign-in: a session, the page that was asked for, and what was typed into it."""

from flask import url_for
from werkzeug.wrappers import Response

from portal.services.browsers import Browser
from portal.web.browsers import mark
from portal.web.identity import come_in
from portal.web.responses import own_path, page, see_other
from portal.web.resuming import carried


def arrive(reference: str, browser: Browser, *, next_url: str, resumes: bool) -> Response:
    """Let somebody in, and on to where he was going; with `resumes` a form waits there for what it was told."""
    come_in(reference)
    url = own_path(next_url)
    if url and resumes:
        answer = page("sign_ins/resume.html", url=url, typed=carried())
    else:
        answer = see_other(url or url_for("sign_ins.home"))
    mark(answer, browser)
    return answer
