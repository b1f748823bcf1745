"""Knows the form of a configuration: one for adding and editing, judged by the rules and not here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms import SelectChoice as Choice  # type: ignore[attr-defined]  # new in 3.3, the stubs are older

from portal.domain.charset import CODECS, DEFAULT_CHARSET
from portal.domain.config_rules import Typed, typed_of
from portal.domain.errors import InvalidError, Problem
from portal.domain.mail_config import (
    Draft,
    Encryption,
    Mechanism,
    MisfitPolicy,
    TrustKind,
    proposed_encryption,
)
from portal.domain.ports import port_in
from portal.domain.presets import Filling, Values, fill
from portal.domain.samples import sample_of
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.sentences import charset_name, encryption_name

_SMTP = "smtp"


def _methods() -> list[Choice]:
    names = {each.value: encryption_name(each) for each in Encryption}
    return [
        Choice("", _("by port (recommended)")),
        Choice("starttls", _("STARTTLS only")),
        Choice("tls", _("%(name)s from the first byte", name=names["tls"])),
        Choice("none", _("none (nothing is encrypted)")),
    ]


def _charsets() -> list[Choice]:
    default_first = sorted(CODECS, key=lambda label: (label != DEFAULT_CHARSET, label))
    return [Choice(label, charset_name(label), {"data-sample": sample_of(label)}) for label in default_first]


def _misfits() -> list[Choice]:
    return [
        Choice(MisfitPolicy.UTF8.value, _("send that part as UTF-8 and say so")),
        Choice(MisfitPolicy.STRICT.value, _("hold the mail and say why")),
    ]


def _mechanisms() -> list[Choice]:
    return [
        Choice(Mechanism.AUTO.value, _("the best the server offers (recommended)")),
        Choice(Mechanism.SCRAM_SHA_256.value, "SCRAM-SHA-256"),
        Choice(Mechanism.PLAIN.value, "PLAIN"),
        Choice(Mechanism.LOGIN.value, "LOGIN"),
    ]


def _trusts() -> list[Choice]:
    return [
        Choice(TrustKind.SYSTEM.value, _("the usual public authorities (recommended)")),
        Choice(TrustKind.PRIVATE_CA.value, _("a private authority (paste its certificate)")),
        Choice(TrustKind.PIN.value, _("one certificate only (by its fingerprint)")),
    ]


def _server_types() -> list[Choice]:
    return [Choice(_SMTP, "SMTP")]


def _select(label: str, choices: Callable[[], list[Choice]], default: str) -> SelectField:
    """The rules judge what was chosen, as they do everywhere else."""
    return SelectField(label, choices=choices, default=default, validate_choice=False)


class MailConfigForm(FlaskForm):
    """Fields are named after those of `Typed`, so that every problem finds its place.

    `method_shown` is the method as the page showed it: where switch and method contradict each other, it tells
    which of the two was moved. `trial` is the latest test of this form, which keeps the password typed for it.
    `preset` is the preset that was put in last; `sample_words` are looked at and saved nowhere.
    """

    name = StringField(_l("Name"))
    from_address = StringField(_l("E-mail address (default sender)"))
    server_type = _select(_l("Server type"), _server_types, _SMTP)
    host = StringField(_l("Server address"))
    port = StringField(_l("Port"), default="587")
    use_ssl = BooleanField(_l("Use SSL"), default=True)
    signs_in = BooleanField(_l("Server asks for sign-in"), default=True)
    same_as_sender = BooleanField(_l("Same as the default sender"), default=True)
    username = StringField(_l("User name"))
    password = PasswordField(_l("Password"))
    from_name = StringField(_l("From name"))
    reply_to = StringField(_l("Reply-to address"))
    charset = _select(_l("Encoding"), _charsets, DEFAULT_CHARSET)
    sample_words = StringField(_l("Try a line of your own"))
    misfit = _select(_l("If a text does not fit the encoding"), _misfits, MisfitPolicy.UTF8.value)
    encryption = _select(_l("Method of encryption"), _methods, "")
    trust_kind = _select(_l("Certificate trust"), _trusts, TrustKind.SYSTEM.value)
    trust_pem = TextAreaField(_l("Certificate of the private authority"))
    trust_pin = StringField(_l("Fingerprint of the certificate"))
    mechanism = _select(_l("AUTH mechanism"), _mechanisms, Mechanism.AUTO.value)
    cleartext_consent = BooleanField(_l("Send the password even though nothing is encrypted"))
    helo_name = StringField(_l("HELO name"))
    envelope_from = StringField(_l("Envelope sender"))
    per_minute = StringField(_l("Messages per minute"))
    recipient = StringField(_l("Send the test to"))
    to_sender = BooleanField(_l("Send it to the default sender instead"))
    config_id = HiddenField()
    version = HiddenField()
    trial = HiddenField()
    preset = HiddenField()
    method_shown = HiddenField()
    link_to = HiddenField()
    by_hand = HiddenField()
    confirmation = StringField(_l("The mail of many depends on this. Type its present name to save it"))

    @classmethod
    def of_draft(cls, draft: Draft, **hidden: object) -> "MailConfigForm":
        """A form that shows this draft."""
        return cls.of_typed(typed_of(draft), **hidden)

    @classmethod
    def of_typed(cls, typed: Typed, **hidden: object) -> "MailConfigForm":
        """A form that shows these values."""
        values = {each.name: getattr(typed, each.name) for each in fields(typed)}
        same = typed.username in {"", typed.from_address}
        form = cls(formdata=None, data={**values, "same_as_sender": same, **hidden})
        form.settle(typed.encryption)
        return form

    def typed(self) -> Typed:
        """What was typed, with what the switches mean. Raises InvalidError for a server type that is not offered."""
        if self.server_type.data != _SMTP:
            raise InvalidError([Problem("server_type", "not-offered")])
        # A field that was not sent at all counts as left empty.
        values: dict[str, Any] = {
            each.name: "" if (typed := self[each.name].data) is None else typed for each in fields(Typed)
        }
        if self.same_as_sender.data and self.signs_in.data and not values["username"].strip():
            values["username"] = values["from_address"]
        values["encryption"] = self.method
        return Typed(**values)

    def settle(self, method: str) -> None:
        """Let switch and method show the same; a method that is proposed anyway is shown as the proposal."""
        self.use_ssl.data = method != Encryption.NONE.value
        self.encryption.data = "" if method == self._proposed() else method
        self.method_shown.data = self.encryption.data

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Put a proposed change into the form, as if it had been typed."""
        for name, value in changes.items():
            if name != "encryption":
                self[name].data = value
        self.settle(changes.get("encryption", self.method))

    def fill(self, preset: Values, *, before: Values, over: bool) -> Filling:
        """Put a preset in where nothing else was typed, with `over` everywhere; `before` is the preset before it."""
        names = {**preset, **before}
        defaults = {name: self[name].default or "" for name in names} | {"encryption": Encryption.STARTTLS.value}
        filling = fill(self.values_of(names), preset, before=before, defaults=defaults, over=over)
        self.apply(filling.changes)
        return filling

    def values_of(self, names: Iterable[str]) -> Values:
        """What stands in these fields. A user name that only repeats the sender counts as left empty."""
        now = {name: self[name].data for name in names}
        if "encryption" in now:
            now["encryption"] = self.method
        if "username" in now and self.same_as_sender.data and now["username"] == self.from_address.data:
            now["username"] = ""
        return now

    @property
    def tests_to(self) -> str:
        return str((self.from_address if self.to_sender.data else self.recipient).data or "")

    @property
    def method(self) -> str:
        """What switch and method mean together."""
        method = str(self.encryption.data)
        switch_was_moved = method == self.method_shown.data and self.use_ssl.data == (method == Encryption.NONE.value)
        return self._proposed() if not method or switch_was_moved else method

    def _proposed(self) -> str:
        return proposed_encryption(use_ssl=self.use_ssl.data, port=port_in(str(self.port.data))).value
