"""Knows the form of an invitation."""

from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, StringField
from wtforms.validators import InputRequired

from portal.domain.roles import Role
from portal.i18n import lazy_gettext as _l
from portal.web.sentences import role_name


class InvitationForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Type the person's name."))])
    email = EmailField(_l("E-mail address"), [InputRequired(_l("Type the e-mail address."))])
    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))], validate_choice=False)

    def offer_roles(self) -> None:
        self.role.choices = [(role.value, role_name(role)) for role in Role]
