"""Knows the field for a code of the second factor. Its name has "password" in it, so that nothing carries it on."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.i18n import lazy_gettext as _l


class CodeField(StringField):
    """Typed in plain sight, because it is copied from another screen, and never shown again."""

    def _value(self) -> str:
        return ""


class SecondFactorForm(FlaskForm):
    one_time_password = CodeField(_l("Code from your app"), [InputRequired(_l("Type the code.")), Length(max=100)])
