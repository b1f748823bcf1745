"""Knows a form with one control of every kind, for the page that shows all components."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms import SelectChoice as Choice  # type: ignore[attr-defined]  # new in 3.3, the stubs are older
from wtforms.validators import DataRequired, Optional


class SampleForm(FlaskForm):
    """Nothing is ever sent by it, so it carries no token."""

    class Meta:
        csrf = False

    name = StringField("Name", [DataRequired()])
    email = EmailField("E-mail address", [Optional()])
    port = IntegerField("Port", [DataRequired()])
    kept = StringField("Set elsewhere", [Optional()])
    encryption = SelectField("Method", choices=[Choice("starttls", "STARTTLS"), Choice("tls", "SSL/TLS")])
    password = PasswordField("Password")
    password_again = PasswordField("Password, asked for again")
    file = FileField("A file")
    use_ssl = BooleanField("Use SSL")
    sign_in = BooleanField("Server asks for sign-in")
    agreed = BooleanField("I know what follows")
    refused = BooleanField("Not ticked, though it has to be")
    kind = RadioField("Kind", choices=[Choice("reseller", "Reseller"), Choice("customer", "Customer")])
    unanswered = RadioField("Not answered", choices=[Choice("yes", "Yes"), Choice("no", "No")])
