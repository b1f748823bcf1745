"""Knows the mails that the portal itself sends, in its own English: whoever queues them says them to their reader."""

from dataclasses import dataclass, replace
from datetime import timedelta

from portal.domain.branding import UNBRANDED, Branding
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Attachment, Outgoing
from portal.domain.samples import sample_of
from portal.i18n import ENGLISH, Voice, speaking
from portal.i18n import gettext as _
from portal.mail.templates import MailTemplates


@dataclass(frozen=True, slots=True)
class Letters:
    """One method per mail; each returns its words and nothing of how it travels.

    They are English and unbranded, whatever the request at hand looks like; `OwnWords` has the others.
    """

    templates: MailTemplates

    def test(self, *, tenant_name: str, charset: str, voice: Voice = ENGLISH, brand: Branding = UNBRANDED) -> Outgoing:
        """The one mail that no company words; it speaks to whoever asked for it."""
        with speaking(voice):
            context = {**brand.as_values(), "tenant": tenant_name, "sample": sample_of(charset)}
            return self.templates.render("test", context)

    def invitation(self, *, tenant_name: str, inviter: str, url: str, valid_for: timedelta) -> Outgoing:
        hours = int(valid_for / timedelta(hours=1))
        return self._worded("invitation", tenant=tenant_name, inviter=inviter, url=url, hours=hours)

    def already_known(self, *, tenant_name: str) -> Outgoing:
        return self._worded("already_known", tenant=tenant_name)

    def password_reset(self, *, url: str, valid_for: timedelta) -> Outgoing:
        return self._worded("password_reset", url=url, minutes=int(valid_for / timedelta(minutes=1)))

    def password_changed(self, *, name: str) -> Outgoing:
        return self._worded("password_changed", name=name)

    def new_sign_in(self, *, name: str, time: str, browser: str, address: str) -> Outgoing:
        """`time` is written as ISO 8601 has it: its reader gets it in his own way. `browser` may be empty."""
        with speaking(ENGLISH):
            known = browser or _("an unknown browser")
        return self._worded("new_sign_in", name=name, time=time, browser=known, address=address)

    def email_change(self, *, name: str, url: str, valid_for: timedelta) -> Outgoing:
        return self._worded("email_change", name=name, url=url, minutes=int(valid_for / timedelta(minutes=1)))

    def email_changed(self, *, name: str, email: str) -> Outgoing:
        return self._worded("email_changed", name=name, email=email)

    def second_factor_added(self, *, name: str) -> Outgoing:
        return self._worded("second_factor_added", name=name)

    def second_factor_removed(self, *, name: str) -> Outgoing:
        return self._worded("second_factor_removed", name=name)

    def recovery_code_used(self, *, name: str, time: str, left: int) -> Outgoing:
        """`time` is written as ISO 8601 has it."""
        return self._worded("recovery_code_used", name=name, time=time, left=left)

    def recovery_codes_renewed(self, *, name: str) -> Outgoing:
        return self._worded("recovery_codes_renewed", name=name)

    def alert(self, *, config: str, code: Code, url: str) -> Outgoing:
        return self._worded("alert", config=config, reason=self.reason(code), url=url)

    @staticmethod
    def reason(code: Code) -> str:
        """Why a configuration is paused whose last session ended so."""
        with speaking(ENGLISH):
            match code:
                case Code.AUTH_REJECTED:
                    return _("The server refuses the password.")
                case Code.SENDER_REJECTED:
                    return _("The server refused the sender of several mails in a row.")
            return _("The server could not be reached, or ended the connection, several times in a row.")

    def recovery(self, *, config: str, url: str) -> Outgoing:
        return self._worded("recovery", config=config, url=url)

    def contact_confirmation(self, *, customer: str, inviter: str, url: str, valid_for: timedelta) -> Outgoing:
        hours = int(valid_for / timedelta(hours=1))
        return self._worded("contact_confirmation", customer=customer, inviter=inviter, url=url, hours=hours)

    def invoice(self, *, number: str, issuer: str, customer: str, note: str, file: Attachment) -> Outgoing:
        letter = self._worded("invoice", number=number, issuer=issuer, customer=customer, note=note)
        return replace(letter, attachments=(file,))

    def _worded(self, mail: str, **context: object) -> Outgoing:
        whole = {**UNBRANDED.as_values(), **context}
        # What a company's own wording of this mail may name.
        values = {name: str(value) for name, value in whole.items()}
        with speaking(ENGLISH):
            return replace(self.templates.render(mail, whole), layout=mail, values=values)
