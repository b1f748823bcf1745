"""Knows the forms of a profile: its name, and who is added to it."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal.i18n import lazy_gettext as _l


class ProfileForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Type a name."))])
    version = HiddenField()


class MembersForm(FlaskForm):
    emails = TextAreaField(_l("E-mail addresses, one per line"))
