"""Eight holes around a portal, each as somebody might really write it. They exist in this file alone and are served by nothing else."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import jinja2
from flask import Blueprint, Flask, redirect, request
from flask.typing import ResponseReturnValue

from portal.web.identity import csrf
from portal.web.policy import public

WHY = "planted for scanners"
INDEX = """<!doctype html><html lang="en"><title>Planted</title><h1>Planted</h1>
<a href="/planted/rows?id=1">rows</a> <a href="/planted/echo?q=word">echo</a> <a href="/planted/go?next=/planted/">go</a>
<a href="/planted/file?name=notes.txt">file</a> <a href="/planted/head?name=word">head</a> <a href="/planted/card?text=word">card</a>
<a href="/planted/notes">notes</a> <a href="/planted/settings">settings</a></html>"""
FORM = '<form method="post" action="{url}"><input name="{field}" value="word"><button>Save</button></form>'

# Those that only look, and everything that they may be asked.
LOOKS = ("/planted/rows", "/planted/echo", "/planted/go", "/planted/file", "/planted/head", "/planted/card")
ASKED = ("id", "q", "next", "name", "text")

bp = Blueprint("planted", __name__, url_prefix="/planted")
_notes: list[str] = []


def plant_holes(app: Flask, folder: Path) -> None:
    (folder / "notes.txt").write_text("nothing of interest")
    app.config["PLANTED"] = folder
    csrf.exempt(bp)
    app.register_blueprint(bp)
    app.wsgi_app = _with_split_headers(app.wsgi_app)

    @app.after_request
    def unprotected(response: object) -> object:
        if request.path.startswith("/planted"):
            response.headers.pop("Content-Security-Policy", None)
            response.headers["Content-Security-Policy"] = "default-src * 'unsafe-inline'"
        return response


@bp.get("/")
@public(WHY)
def index() -> ResponseReturnValue:
    return INDEX


@bp.get("/rows")
@public(WHY)
def sql_injection() -> ResponseReturnValue:
    with sqlite3.connect(":memory:") as rows:
        rows.executescript("CREATE TABLE t (id, name); INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')")
        found = rows.execute(f"SELECT name FROM t WHERE id = {request.args.get('id', '1')}").fetchall()
    return "<html><body>" + "".join(f"<p>{name}</p>" for (name,) in found) + "</body></html>"


@bp.errorhandler(sqlite3.Error)
def _told(error: sqlite3.Error) -> ResponseReturnValue:
    return f"<html><body>sqlite3.{type(error).__name__}: {error}</body></html>", 500


@bp.get("/echo")
@public(WHY)
def reflected_xss() -> ResponseReturnValue:
    return f"<html><body><p>{request.args.get('q', '')}</p></body></html>"


@bp.route("/notes", methods=["GET", "POST"])
@public(WHY)
def stored_xss() -> ResponseReturnValue:
    if request.method == "POST":
        _notes.append(request.form.get("note", ""))
        del _notes[:-20]
    shown = "".join(f"<p>{note}</p>" for note in _notes)
    return f"<html><body>{shown}{FORM.format(url='/planted/notes', field='note')}</body></html>"


@bp.get("/go")
@public(WHY)
def open_redirect() -> ResponseReturnValue:
    return redirect(request.args.get("next", "/planted/"))


@bp.route("/settings", methods=["GET", "POST"])
@public(WHY)
def forgeable_form() -> ResponseReturnValue:
    return f"<html><body>{FORM.format(url='/planted/settings', field='email')}</body></html>"


@bp.get("/file")
@public(WHY)
def path_traversal() -> ResponseReturnValue:
    from flask import current_app  # the folder is known only while it is served

    try:
        return (current_app.config["PLANTED"] / request.args.get("name", "")).read_text()
    except (OSError, ValueError):
        return "no such file", 404


@bp.get("/card")
@public(WHY)
def template_injection() -> ResponseReturnValue:
    try:
        return jinja2.Environment().from_string(f"<p>{request.args.get('text', '')}</p>").render()
    except jinja2.TemplateError as error:
        return str(error), 500


def _with_split_headers(inner: Callable) -> Callable:
    """Flask refuses a line break in a header; this one does not ask Flask."""

    def served(environ: dict, start: Callable) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/planted/head":
            return inner(environ, start)
        from urllib.parse import parse_qs

        name = parse_qs(environ.get("QUERY_STRING", "")).get("name", ["word"])[0]
        start("200 OK", [("Content-Type", "text/html"), ("X-Name", name.encode().decode("latin-1"))])
        return [b"<html><body>headers</body></html>"]

    return served
