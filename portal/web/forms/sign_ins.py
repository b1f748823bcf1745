"""Knows the forms of the way in: the sign-in, its second step, and the proof of somebody who is in already."""

from typing import Self

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.web.forms.second_factors import CodeField


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


class SecondStepForm(FlaskForm):
    one_time_password = CodeField(_l("Code"), [InputRequired(_l("Type the code.")), Length(max=100)])
    next = HiddenField()
    resume = HiddenField()

    @classmethod
    def after(cls, first: SignInForm) -> Self:
        """The second step on the way to where the first one was to lead."""
        return cls(formdata=None, next=first.next.data, resume=first.resume.data)


class ProofForm(FlaskForm):
    """`one_time_password` is asked for where the account has a second factor."""

    current_password = PasswordField(_l("Password"), [InputRequired(_l("Type your password.")), Length(max=1000)])
    one_time_password = CodeField(_l("Code"), [Length(max=100)])
    next = HiddenField()
    resume = HiddenField()
