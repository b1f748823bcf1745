"""Knows the form for one's own new e-mail address."""

from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import InputRequired

from portal.i18n import lazy_gettext as _l


class OwnEmailForm(FlaskForm):
    email = EmailField(_l("New e-mail address"), [InputRequired(_l("Type the new address."))])
