"""Knows the form that asks for an explanation: whose mail, for what, by which sender, and what if."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField, StringField
from wtforms import SelectChoice as Choice  # type: ignore[attr-defined]  # new in 3.3, the stubs are older

from portal.domain.addresses import canonical_address
from portal.domain.explanation import WhatIf
from portal.domain.ids import ConfigId
from portal.domain.outgoing import Mailbox, Purpose
from portal.domain.overview import ListedConfig
from portal.domain.profiles import Profile
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms.fields import find_id
from portal.web.forms.trials import PROVIDER_DEFAULT
from portal.web.sentences import purpose_name


@dataclass(frozen=True, slots=True)
class Offers:
    """What the menus offer: names of linked profiles, and the company's own configurations."""

    profiles: Sequence[Profile]
    configs: Sequence[ListedConfig]
    default_name: str


class ExplanationForm(Form):
    """It only asks, so it travels in the address; an empty `user` means mail of nobody in particular."""

    user = StringField(_l("Whose mail"))
    purpose = SelectField(_l("What for"), validate_choice=False)
    sender = StringField(_l("Sender that it brings along"))
    unlinked = SelectField(_l("Without the link of"), validate_choice=False)
    selected = SelectField(_l("If this were selected"), validate_choice=False)
    deleted = SelectField(_l("If this were deleted"), validate_choice=False)

    @classmethod
    def read(cls, asked: MultiDict[str, str], offers: Offers) -> "ExplanationForm":
        form = cls(asked)
        as_it_is = Choice("", _("as it is"))
        configs = [Choice(str(each.id), each.name) for each in offers.configs]
        linked = [Choice(f"profile:{each.name}", _("Profile %(name)s", name=each.name)) for each in offers.profiles]
        form.purpose.choices = [Choice(each.value, purpose_name(each.value)) for each in Purpose]
        form.unlinked.choices = [as_it_is, Choice("user", _("The user")), *linked]
        form.selected.choices = [as_it_is, Choice(PROVIDER_DEFAULT, offers.default_name), *configs]
        form.deleted.choices = [as_it_is, *configs]
        if not form.purpose.data:
            form.purpose.data = Purpose.MESSAGE.value
        return form

    @property
    def asked_purpose(self) -> Purpose:
        """Whatever is no purpose is a message like any other."""
        known = {each.value: each for each in Purpose}
        return known.get(self.purpose.data, Purpose.MESSAGE)

    @property
    def wanted_sender(self) -> Mailbox | None:
        """Raises ValueError for what is no address."""
        typed = (self.sender.data or "").strip()
        return Mailbox(canonical_address(typed)) if typed else None

    @property
    def what_if(self) -> WhatIf:
        """Raises NotFoundError for what is no id."""
        unlinked, selected = self.unlinked.data or "", self.selected.data or ""
        kind, _separator, name = unlinked.partition(":")
        return WhatIf(
            unlinked_user=unlinked == "user",
            unlinked_profiles=frozenset({name} if kind == "profile" else ()),
            selected=_config_in(selected) if selected != PROVIDER_DEFAULT else None,
            stays_on_default=selected == PROVIDER_DEFAULT,
            deleted=_config_in(self.deleted.data or ""),
        )


def linked(profiles: Iterable[Profile]) -> list[Profile]:
    return [each for each in profiles if each.linked_config_id is not None]


def _config_in(text: str) -> ConfigId | None:
    found = find_id(text)
    return ConfigId(found) if found else None
