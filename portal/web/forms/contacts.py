"""Knows the forms of contacts and invoices: whom to ask, and what to send."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal.domain.contacts import ContactKind, ContactQuery, ContactSort
from portal.domain.invoices import TypedInvoice
from portal.i18n import lazy_gettext as _l
from portal.web.forms.mail_log import find_choice
from portal.web.forms.tree import words_in
from portal.web.sentences import contact_kind_name
from portal.web.sorting import REVERSED

ASKED = ("q", "kind", "sort", "order")


def query_from(asked: MultiDict[str, str]) -> ContactQuery:
    """The question in a page's address; what it does not understand it leaves out."""
    return ContactQuery(
        words=words_in(asked.get("q")),
        kind=find_choice(ContactKind, asked.get("kind")),
        sort=find_choice(ContactSort, asked.get("sort")) or ContactSort.KIND,
        is_reversed=asked.get("order") == REVERSED,
    )


class ContactForm(FlaskForm):
    kind = RadioField(_l("What for"), [InputRequired(_l("Choose one."))], validate_choice=False)
    name = StringField(_l("Name"), [InputRequired(_l("Type the person's name."))])
    email = EmailField(_l("E-mail address"), [InputRequired(_l("Type the e-mail address."))])

    def offer_kinds(self) -> None:
        self.kind.choices = [(kind.value, contact_kind_name(kind)) for kind in ContactKind]


class InvoiceForm(FlaskForm):
    """`invoice_id` is made beforehand, so that a second click is the same invoice."""

    invoice_id = HiddenField()
    number = StringField(_l("Number"))
    note = TextAreaField(_l("Note"))
    file = FileField(_l("PDF file"))

    def typed(self) -> TypedInvoice:
        name, content = "", b""
        if upload := self.file.data:
            name, content = upload.filename or "", upload.read()
            upload.close()
        return TypedInvoice(self.number.data or "", self.note.data or "", name, content)
