"""Knows the forms of a profile: its name, and who is added to it; and how the address of the list says its order."""

from collections.abc import Mapping

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal.domain.profiles import ProfileQuery, ProfileSort
from portal.i18n import lazy_gettext as _l
from portal.web.forms.mail_log import find_choice
from portal.web.sorting import REVERSED

_ASKED = ("sort", "order")


def query_from(asked: MultiDict[str, str]) -> ProfileQuery:
    """What the address asks for; what it does not understand it leaves out."""
    sort = find_choice(ProfileSort, asked.get("sort")) or ProfileSort.ORDER
    return ProfileQuery(sort, is_reversed=asked.get("order") == REVERSED)


def asked_in(values: MultiDict[str, str]) -> Mapping[str, str]:
    """The question as it stands in an address."""
    return {name: values[name] for name in _ASKED if values.get(name)}


class ProfileForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Type a name."))])
    version = HiddenField()


class MembersForm(FlaskForm):
    emails = TextAreaField(_l("E-mail addresses, one per line"))
