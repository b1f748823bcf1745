"""Knows the form that links a configuration: which one, and from which version of the page."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField
from wtforms import SelectChoice as Choice  # type: ignore[attr-defined]  # new in 3.3, the stubs are older

from portal.domain.ids import ConfigId
from portal.domain.mail_config import MailConfig
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms.fields import find_id


class LinkForm(FlaskForm):
    """An empty `config` unlinks."""

    config = SelectField(_l("Linked configuration"), validate_choice=False)
    version = HiddenField()

    def offer(self, configs: tuple[MailConfig, ...]) -> None:
        named = [Choice(str(each.id), f"{each.name} ({each.draft.from_address})") for each in configs]
        self.config.choices = [Choice("", _("none")), *named]

    @property
    def config_id(self) -> ConfigId | None:
        """Raises NotFoundError for what is no id."""
        found = find_id(self.config.data)
        return ConfigId(found) if found else None
