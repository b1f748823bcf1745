"""Knows the forms of contacts and invoices: whom to ask, and what to send."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal.domain.contacts import ContactKind
from portal.domain.invoices import TypedInvoice
from portal.i18n import lazy_gettext as _l
from portal.web.sentences import contact_kind_name


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
