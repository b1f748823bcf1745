"""Knows the sign-in form."""

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from portal.i18n import lazy_gettext as _l


class SignInForm(FlaskForm):
    """`next` is the page to go on to; `resume` says that a form waits there for what was typed into it."""

    email = EmailField(
        _l("E-mail address"),
        [
            InputRequired(_l("Type your e-mail address.")),
            Length(max=320, message=_l("This is too long for an e-mail address.")),
        ],
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Type your password.")), Length(max=1000, message=_l("This is too long for a password."))],
    )
    next = HiddenField()
    resume = HiddenField()
