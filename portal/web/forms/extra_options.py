"""Knows the form that sets one extra configuration: its option was chosen in the menu, here stands its value."""

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, PasswordField, SelectField, StringField, TextAreaField

from portal.domain.errors import InvalidError, NotFoundError
from portal.domain.extra_options import YES, ExtraOption
from portal.domain.mail_config import Mechanism
from portal.domain.secret import Secret
from portal.i18n import lazy_gettext as _l
from portal.web.sentences import problem_sentence


class ExtraOptionForm(FlaskForm):
    """One of the three fields for the value is shown, whichever suits the option."""

    option = HiddenField()
    version = HiddenField()
    value = StringField(_l("Value"))
    text = TextAreaField(_l("Value"))
    choice = SelectField(_l("Value"), validate_choice=False)
    password = PasswordField(_l("Password"))

    @property
    def typed_password(self) -> Secret:
        return Secret(self.password.data or "")

    def suit(self, option: ExtraOption) -> None:
        self.option.data = option.value
        self.choice.choices = [(YES, YES)] if option in {ExtraOption.SSL, ExtraOption.TLS} else [*_MECHANISMS]

    def field_for(self, option: ExtraOption) -> Field:
        match option:
            case ExtraOption.SSL | ExtraOption.TLS | ExtraOption.MECHANISM:
                return self.choice
            case ExtraOption.TRUST:
                return self.text
            case _:
                return self.value

    def refuse(self, option: ExtraOption, refusal: InvalidError) -> None:
        """Say each problem at the password if it is one of the password, and otherwise at the value."""
        for problem in refusal.problems:
            field = self.password if problem.field == "password" else self.field_for(option)
            field.errors = [*field.errors, problem_sentence(problem)]


def option_from(text: str | None) -> ExtraOption:
    """Raises NotFoundError for an option that is not in the list."""
    try:
        return ExtraOption(text or "")
    except ValueError:
        raise NotFoundError from None


_MECHANISMS = ((Mechanism.PLAIN.value, "PLAIN"), (Mechanism.LOGIN.value, "LOGIN"))
