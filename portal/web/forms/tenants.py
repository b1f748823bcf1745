"""Knows the forms of companies: a new one with its first owner, and the settings of one that is there."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from portal.domain.tenancy import TenantKind
from portal.i18n import lazy_gettext as _l
from portal.web.sentences import kind_name


class TenantForm(FlaskForm):
    """The rules know which kinds may stand where; the form only offers them."""

    kind = RadioField(_l("Kind"), [InputRequired(_l("Choose what the company is."))], validate_choice=False)
    name = StringField(_l("Name of the company"), [InputRequired(_l("Type the name of the company."))])
    owner_name = StringField(_l("Owner's name"), [InputRequired(_l("Type who is to look after the company."))])
    owner_email = EmailField(_l("Owner's e-mail address"), [InputRequired(_l("Type the owner's e-mail address."))])

    def offer(self, kinds: tuple[TenantKind, ...]) -> None:
        self.kind.choices = [(kind.value, kind_name(kind)) for kind in kinds]
        if len(kinds) == 1 and not self.is_submitted():
            self.kind.data = kinds[0].value


class TenantSettingsForm(FlaskForm):
    """`version` is that of the record when the form was fetched."""

    name = StringField(_l("Name"), [InputRequired(_l("Type a name."))])
    shows_sender = BooleanField(_l("Show the sender to companies below"))
    version = IntegerField(widget=HiddenInput())
