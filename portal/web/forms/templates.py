"""Knows the forms of a company's own words: those of one mail, and what holds for the senders of all of them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from portal.domain.errors import NotFoundError
from portal.domain.languages import DEFAULT_LANGUAGE, LANGUAGES
from portal.domain.outgoing import Purpose
from portal.domain.templates import PLACEHOLDERS, Wording
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l


class TemplateForm(FlaskForm):
    """Fields are named after those of `Wording`. `version` is that of the record when the form was fetched."""

    purpose = HiddenField()
    language = HiddenField()
    version = IntegerField(widget=HiddenInput())
    subject = StringField(_l("Subject"), [InputRequired(_l("Type a subject."))])
    header = TextAreaField(_l("Text above"))
    text = TextAreaField(_l("Text"), [InputRequired(_l("Type the text."))])
    footer = TextAreaField(_l("Text below"))
    from_name = StringField(_l("Sender name"))
    from_address = EmailField(_l("Sender address"))

    @property
    def typed(self) -> Wording:
        return Wording(
            subject=self.subject.data or "",
            text=self.text.data or "",
            header=self.header.data or "",
            footer=self.footer.data or "",
            from_name=self.from_name.data or "",
            from_address=self.from_address.data or "",
        )


class TemplateChoiceForm(FlaskForm):
    """Which mail, where there is nothing else to say."""

    purpose = HiddenField()
    language = HiddenField()


class SenderPolicyForm(FlaskForm):
    """`domains` are one a line. `version` is that of the company when the form was fetched."""

    language = SelectField(_l("Language of the mails"), validate_choice=False)
    domains = TextAreaField(_l("Sender domains"))
    version = IntegerField(widget=HiddenInput())

    def offer(self, inherited: str) -> None:
        self.language.choices = [("", inherited), *LANGUAGES.items()]


def purpose_from(text: str | None) -> Purpose:
    """Raises NotFoundError for a mail that nobody can word."""
    try:
        purpose = Purpose(text or "")
    except ValueError:
        raise NotFoundError from None
    if purpose not in PLACEHOLDERS:
        raise NotFoundError
    return purpose


def language_from(text: str | None) -> str:
    """Raises NotFoundError for a language that is not on offer."""
    language = text or DEFAULT_LANGUAGE
    if language not in LANGUAGES:
        raise NotFoundError
    return language


def placeholder_meaning(name: str) -> str:
    """What a placeholder stands for."""
    return _MEANINGS[name]()


_MEANINGS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "url": lambda: _("the link"),
        "hours": lambda: _("for how many hours the link works"),
        "minutes": lambda: _("for how many minutes the link works"),
        "inviter": lambda: _("who invites or asks"),
        "name": lambda: _("who gets the mail"),
        "company": lambda: _("the company whose mail it is"),
        "product": lambda: _("the name of this portal"),
        "time": lambda: _("when it was"),
        "browser": lambda: _("with which browser"),
        "address": lambda: _("from which network address"),
        "config": lambda: _("the name of the configuration"),
        "reason": lambda: _("what is wrong"),
        "number": lambda: _("the invoice's number"),
        "note": lambda: _("the note that was typed with the invoice"),
        "issuer": lambda: _("the company that sends the invoice"),
        "customer": lambda: _("the company that it is for"),
    }
)
