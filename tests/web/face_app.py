"""Knows two pages with everything the face can do, and serves them without any service behind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, flash, get_template_attribute, redirect, render_template, request
from flask_wtf import FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.serving import make_server
from wtforms import BooleanField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired

from portal.domain.languages import SPOKEN
from portal.web import assets, headers
from portal.web.patterns import filled_in

ROOT = Path(__file__).parents[2]
METHODS = [SelectChoice(value, value) for value in ("none", "starttls", "tls")]
CHARSETS = [
    SelectChoice("utf-8", "UTF-8", {"data-sample": "Grüße, žluťoučký"}),
    SelectChoice("iso-8859-2", "ISO-8859-2", {"data-sample": "žluťoučký"}),
]
PAIRS = [
    {"method": "starttls", "ports": ["465"], "text": "Upgraded on {port}.", "warning": "{port} wants TLS.", "mend": "tls"},
    {"method": "tls", "ports": ["587"], "text": "Encrypted on {port}.", "warning": "{port} wants STARTTLS.", "mend": "starttls"},
    {"method": "none", "ports": [], "text": "Readable on the way.", "warning": "", "mend": ""},
    {"method": "starttls", "ports": [], "text": "Upgraded on {port}.", "warning": "", "mend": ""},
    {"method": "tls", "ports": [], "text": "Encrypted on {port}.", "warning": "", "mend": ""},
]  # fmt: skip
BRAND = {
    "called": "Relaytree",
    **dict.fromkeys(("style_url", "logo_url", "support", "privacy", "terms", "imprint"), ""),
}
SHELL = {
    "home_url": "/",
    "sign_out_url": "/",
    "place": {"name": "Sue Hosting", "kind": "sub-reseller", "parent": "Rex Hosting"},
    "who": {"name": "Sue", "email": "sue@demo.test"},
}
MENU = [{"text": "Mail configuration", "href": "/", "icon": "mail", "current": True}]


class EditorForm(FlaskForm):
    name = StringField("Name", [DataRequired()])
    port = StringField("Port", [DataRequired()], default="587")
    use_ssl = BooleanField("Use SSL", default=True)
    encryption = SelectField("Method", choices=METHODS, default="starttls")
    sign_in = BooleanField("Server asks for sign-in", default=True)
    from_address = StringField("Default sender", [DataRequired()])
    username = StringField("User name")
    same = BooleanField("Same as sender", default=True)
    password = PasswordField("Password")
    charset = SelectField("Encoding", choices=CHARSETS)


def create_face() -> Flask:
    app = Flask("face", static_folder=str(ROOT / "static"))
    app.config.update(SECRET_KEY="face", WTF_CSRF_ENABLED=False)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(ROOT / "templates"), FileSystemLoader(Path(__file__).parent / "face")]
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)
    app.jinja_env.globals.update(csrf_token=lambda: "token", lasting=lambda write: write, filled_in=filled_in)
    app.context_processor(surroundings)
    app.after_request(strict)
    assets.install(app)
    app.add_url_rule("/", view_func=lambda: render_template("list.html"), endpoint="list")
    app.add_url_rule("/editor", view_func=editor, methods=["GET", "POST"])
    app.add_url_rule(
        "/test",
        view_func=lambda: (render_template("editor.html", form=EditorForm(), tested=True, pairs=PAIRS), 422),
        methods=["POST"],
        endpoint="test",
    )
    app.add_url_rule("/selection", view_func=selection, methods=["POST"])
    app.add_url_rule("/language", view_func=lambda: redirect("/", 303), methods=["POST"], endpoint="languages.update")
    app.add_url_rule("/missing", view_func=lambda: (render_template("missing.html"), 404), endpoint="missing")
    return app


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def surroundings():
    fragment = request.headers.get("HX-Request") == "true"
    return {
        "voice": {"language": "en", "direction": request.args.get("dir", "ltr")},
        "shell": SHELL | {"nav": get_template_attribute("components/nav.html", "nav")(MENU)},
        "brand": BRAND,
        "home_url": "/",
        "actor": None,
        "spoken": SPOKEN,
        "here": "/",
        "fragment": fragment,
    }


def strict(response):
    response.headers["Content-Security-Policy"] = headers._CSP
    return response


def editor():
    form = EditorForm()
    if not form.is_submitted():
        return render_template("editor.html", form=form, tested=False, pairs=PAIRS)
    if not form.validate():
        return render_template("editor.html", form=form, tested=False, pairs=PAIRS), 422
    flash({"text": "Saved. Select it in the list to use it.", "undo": None}, "success")
    return ("", 204, {"HX-Redirect": "/"}) if request.headers.get("HX-Request") else redirect("/", 303)


def selection():
    flash(
        {
            "text": f"Now using {request.form['config']}",
            "undo": {"action": "/selection", "fields": {"config": "Before"}},
        },
        "success",
    )
    return redirect("/", 303)
