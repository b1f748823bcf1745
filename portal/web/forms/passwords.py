"""Knows the forms around people's own passwords. Every field that holds one has "password" in its name."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, ValidationError

from portal.domain.addresses import canonical_address
from portal.domain.errors import Problem
from portal.i18n import lazy_gettext as _l
from portal.web.sentences import problem_sentence


class NewPasswordForm(FlaskForm):
    password = PasswordField(_l("New password"), [InputRequired(_l("Type a new password."))])


class OwnPasswordForm(FlaskForm):
    current_password = PasswordField(_l("Current password"), [InputRequired(_l("Type your current password."))])
    password = PasswordField(_l("New password"), [InputRequired(_l("Type a new password."))])


class ForgottenPasswordForm(FlaskForm):
    email = EmailField(_l("E-mail address"), [InputRequired(_l("Type your e-mail address."))])

    def validate_email(self, field: EmailField) -> None:
        try:
            canonical_address(field.data or "")
        except ValueError:
            raise ValidationError(problem_sentence(Problem("email", "not-an-address"))) from None
