"""Knows what our pages are measured beside: a bare Flask page, and a plain page of fifty rows as tutorials build it."""

from pathlib import Path

from flask import Flask, render_template, session
from flask_login import LoginManager, UserMixin, login_required
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from jinja2 import DictLoader
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.asking import Ask, Way, calls

_PAGE = """<!doctype html><html lang="en"><head><title>Configurations</title></head><body>
<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"><button>Save</button></form>
<table>{% for row in rows %}
<tr><td>{{ row.id }}</td><td><a href="{{ url_for('index', row=row.id) }}">{{ row.name }}</a></td><td>{{ row.host }}</td>
<td>{{ row.port }}</td><td>{{ row.encryption }}</td><td>{{ row.sender }}</td><td>{{ row.state }}</td>
<td>{{ row.at }}</td></tr>
{% endfor %}</table></body></html>"""


def hello(way: Way = calls) -> Ask:
    app = Flask("hello")

    @app.get("/")
    def index() -> str:
        return "hello"

    return way(app, "/", "")


def plain_page(folder: Path, rows: int, way: Way = calls) -> Ask:
    """Signed in by Flask-Login, the user and the rows as objects of an ORM, a form with a token; no frame, no menus."""
    app = Flask("plain")
    app.config.update(SECRET_KEY="plain", SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'plain.db'}")
    db = SQLAlchemy(app, model_class=_Base)
    CSRFProtect(app)
    app.jinja_env.loader = DictLoader({"rows.html": _PAGE})
    LoginManager(app).user_loader(lambda user_id: db.session.get(_User, int(user_id)))

    @app.get("/")
    @login_required  # type: ignore[untyped-decorator]  # flask-login ships no types
    def index() -> str:
        return render_template("rows.html", rows=db.session.query(_Row).order_by(_Row.name).all())

    @app.get("/in")
    def come_in() -> str:
        session["_user_id"], session["_fresh"] = "1", True
        return ""

    with app.app_context():
        _Base.metadata.create_all(db.engine)
        db.session.add(_User(id=1, name="Sue"))
        db.session.add_all(_Row(name=f"Relay {each}") for each in range(rows))
        db.session.commit()
    client = app.test_client()
    client.get("/in")
    client.get("/")
    cookie = client.get_cookie("session")
    return way(app, "/", f"session={cookie.value}" if cookie else "")


class _Base(DeclarativeBase):
    pass


class _User(_Base, UserMixin):  # type: ignore[misc]  # flask-login ships no types
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class _Row(_Base):
    __tablename__ = "rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    host: Mapped[str] = mapped_column(default="smtp.example.test")
    port: Mapped[int] = mapped_column(default=587)
    encryption: Mapped[str] = mapped_column(default="STARTTLS")
    sender: Mapped[str] = mapped_column(default="office@example.test")
    state: Mapped[str] = mapped_column(default="never tested")
    at: Mapped[str] = mapped_column(default="2 Mar 2026, 09:00 UTC")
