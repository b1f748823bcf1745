"""Knows the forms of a brand, and of the name that a company asks for."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, IntegerField, StringField, URLField
from wtforms.widgets import HiddenInput

from portal.domain.branding import INHERITED, Branding, TypedBranding
from portal.i18n import lazy_gettext as _l

TYPED = tuple(name for name in INHERITED if name != "logo")


class BrandingForm(FlaskForm):
    """An empty field is inherited. `version` is that of the brand when the form was fetched."""

    product = StringField(_l("Name of the portal"))
    accent = StringField(_l("Colour"))
    logo = FileField(_l("Logo"))
    without_logo = BooleanField(_l("Take the logo away"))
    support = EmailField(_l("Support address"))
    privacy = URLField(_l("Privacy policy"))
    terms = URLField(_l("Terms of use"))
    imprint = URLField(_l("Legal notice"))
    starts_afresh = BooleanField(_l("Take nothing from the company above"))
    version = IntegerField(widget=HiddenInput())

    @classmethod
    def of(cls, own: Branding, version: int) -> "BrandingForm":
        values: dict[str, Any] = {name: getattr(own, name) or "" for name in TYPED}
        return cls(formdata=None, data={**values, "starts_afresh": own.starts_afresh, "version": version})

    def typed(self) -> TypedBranding:
        logo = b""
        if upload := self.logo.data:
            logo = upload.read()
            upload.close()
        texts: dict[str, Any] = {name: self[name].data or "" for name in TYPED}
        return TypedBranding(
            **texts, logo=logo, without_logo=self.without_logo.data, starts_afresh=self.starts_afresh.data
        )


class BrandHostForm(FlaskForm):
    host_name = StringField(_l("Name"))
