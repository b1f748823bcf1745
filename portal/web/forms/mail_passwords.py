"""Knows the form that changes the password of a mail account and nothing else."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField

from portal.domain.secret import Secret
from portal.i18n import lazy_gettext as _l


class MailPasswordForm(FlaskForm):
    password = PasswordField(_l("New password"))
    version = HiddenField()

    @property
    def typed(self) -> Secret:
        return Secret(self.password.data or "")
