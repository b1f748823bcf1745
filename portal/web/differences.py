"""Knows in which fields two versions of a configuration differ, as people read them."""

from dataclasses import dataclass

from wtforms import BooleanField, Field, HiddenField, SelectField

from portal.i18n import gettext as _
from portal.web.forms.mail_configs import MailConfigForm

# What belongs to the page and not to the configuration.
_BESIDES = frozenset({"password", "recipient", "to_sender", "same_as_sender", "use_ssl"})


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    theirs: str
    mine: str


def differences(theirs: MailConfigForm, mine: MailConfigForm) -> list[Difference]:
    """The fields with different values, in the order of the form."""
    mine.settle(mine.method)
    found = []
    for field in theirs:
        shown, typed = _reads(field), _reads(mine[field.name])
        if field.name not in _BESIDES and not isinstance(field, HiddenField) and shown != typed:
            found.append(Difference(str(field.label.text), shown, typed))
    return found


def _reads(field: Field) -> str:
    if isinstance(field, BooleanField):
        return _("on") if field.data else _("off")
    if isinstance(field, SelectField):
        return next((str(choice[1]) for choice in field.iter_choices() if choice[2]), str(field.data))
    return str(field.data or "")
