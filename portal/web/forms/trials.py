"""Knows the form that asks for a test of something saved: what, how, and to whom."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId
from portal.domain.trial import Verb
from portal.i18n import lazy_gettext as _l
from portal.web.forms.fields import id_from

PROVIDER_DEFAULT = "provider-default"


class TrialForm(FlaskForm):
    """`config` is an id, or `provider-default` for whatever applies to the tenant. An empty recipient is oneself."""

    config = HiddenField()
    recipient = StringField(_l("Send the test to"))

    @property
    def config_id(self) -> ConfigId | None:
        """None stands for the Provider default. Raises NotFoundError."""
        return None if self.config.data == PROVIDER_DEFAULT else ConfigId(id_from(self.config.data))


def verb_from(text: str | None) -> Verb:
    """Which of the two buttons was pressed. Raises NotFoundError for a third one."""
    try:
        return Verb(text or "")
    except ValueError:
        raise NotFoundError from None
