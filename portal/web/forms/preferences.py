"""Knows the fields in which somebody says how he wants to be spoken to."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from portal.domain.languages import SPOKEN
from portal.domain.people import User
from portal.i18n import current_voice
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n.zones import zone_choices
from portal.services.preferences import Preferences


class PreferencesFields(FlaskForm):
    """`language` is empty for whatever the browser asks for, and `zone` for UTC."""

    language = SelectField(_l("Language"), validate_choice=False)
    zone = SelectField(_l("Time zone"), validate_choice=False)

    def offer_preferences(self) -> None:
        self.language.choices = [("", _("As the browser asks")), *SPOKEN.items()]
        self.zone.choices = list(zone_choices(current_voice().language))

    def preferences(self, user: User) -> Preferences:
        """What was chosen; what the form did not bring along stays as it is."""
        language, zone = self.language.data, self.zone.data
        return Preferences(user.language if language is None else language, user.zone if zone is None else zone)


class PreferencesForm(PreferencesFields):
    version = HiddenField()
