"""Knows how to tell that encryption or sign-in failed."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.domain.diagnosis import Code
from portal.i18n import gettext as _
from portal.web.sentences.telling import Outcome, Telling

PROTECTING: Mapping[Code, Telling] = MappingProxyType(
    {
        Code.TLS_MISSING: lambda: Outcome(
            _("No encryption offered"),
            "bad",
            _("the server offers no encryption on this port; nothing was sent."),
            (
                _("This port expects another method of encryption."),
                _("The mail server has no encryption switched on."),
                _("Something on the way removes the offer to encrypt."),
            ),
            (
                _("Try SSL/TLS on port 465, or STARTTLS on port 587."),
                _("Switch Use SSL off only if your mail provider says that this server has no encryption."),
            ),
        ),
        Code.TLS_INJECTED: lambda: Outcome(
            _("Encryption disturbed"),
            "bad",
            _("something was said before encryption began, so the connection was dropped; nothing was sent."),
            (
                _("The mail server is out of order."),
                _("Somebody on the way interferes with the connection."),
            ),
            (
                _("Try SSL/TLS on port 465, which is encrypted from the first byte."),
                _("If it happens again, tell your mail provider."),
            ),
        ),
        Code.TLS_FAILED: lambda: Outcome(
            _("Encryption failed"),
            "bad",
            _("no encrypted connection came about; nothing was sent."),
            (
                _("The method of encryption does not go with this port."),
                _("The mail server uses no encryption on this port."),
                _("A firewall or virus scanner on the way disturbs the encryption."),
            ),
            (
                _("Use SSL/TLS with port 465 and STARTTLS with port 587, unless your mail provider states otherwise."),
                _("Turn Use SSL on or off as your mail provider requires it."),
            ),
        ),
        Code.TLS_OLD: lambda: Outcome(
            _("Encryption too old"),
            "bad",
            _("the server knows only encryption that is too old to be safe; nothing was sent."),
            (_("The mail server has not been updated for years."),),
            (
                _("Ask whoever runs the mail server to switch on TLS 1.2 or newer."),
                _("Ask your mail provider for a newer server."),
            ),
        ),
        Code.TLS_UNTRUSTED: lambda: Outcome(
            _("Certificate not trusted"),
            "bad",
            _("the server's certificate was issued by nobody whom this configuration trusts; nothing was sent."),
            (
                _("The mail server issued its certificate itself."),
                _("The certificate comes from your company's own authority."),
                _("The mail server does not send its whole chain of certificates."),
                _("Somebody on the way pretends to be the mail server."),
            ),
            (
                _("Ask whoever runs the mail server whether the certificate shown is theirs."),
                _("If it is, set the certificate's authority or its fingerprint under Advanced."),
            ),
        ),
        Code.TLS_EXPIRED: lambda: Outcome(
            _("Certificate not valid now"),
            "bad",
            _("the server's certificate has run out or is not valid yet; nothing was sent."),
            (
                _("Nobody renewed the certificate."),
                _("The clock of the machine on which this portal runs is wrong."),
            ),
            (
                _("Ask whoever runs the mail server to renew its certificate."),
                _("If it is still valid, ask whoever runs this portal to check the clock."),
            ),
        ),
        Code.TLS_NAME: lambda: Outcome(
            _("Certificate of another server"),
            "bad",
            _("the server's certificate is made out to another name; nothing was sent."),
            (
                _("The server's address is another name, or a number, for the same machine."),
                _("The address leads to the wrong machine."),
            ),
            (
                _("Use the name that your mail provider states, spelt as in the certificate."),
                _("If there is none that fits, ask whoever runs the mail server for a certificate for this name."),
            ),
        ),
        Code.TLS_PIN: lambda: Outcome(
            _("Certificate changed"),
            "bad",
            _("the server shows another certificate than the one trusted here; nothing was sent."),
            (
                _("The mail server got a new certificate."),
                _("The fingerprint was not copied completely."),
                _("Somebody on the way pretends to be the mail server."),
            ),
            (
                _("Ask whoever runs the mail server for the fingerprint of its certificate."),
                _("If it is the one shown here, set it under Advanced."),
            ),
        ),
        Code.AUTH_UNSUPPORTED: lambda: Outcome(
            _("Sign-in not possible"),
            "bad",
            _("the server offers no way of signing in that fits this configuration."),
            (
                _("The mail provider takes no passwords any more, only a sign-in through its own website (OAuth)."),
                _("The server lets people sign in over encrypted connections only."),
                _("The way of signing in chosen under Advanced is not offered."),
            ),
            (
                _("Set the way of signing in to automatic, and switch Use SSL on."),
                _("Ask your mail provider for an app password or authorization code for sending mail."),
                _("If the server needs no sign-in, switch it off in this configuration."),
            ),
        ),
        Code.AUTH_REJECTED: lambda: Outcome(
            _("Sign-in refused"),
            "bad",
            _("the server refused user name or password."),
            (
                _("User name or password is mistyped or has changed."),
                _("The mail provider wants an app password or authorization code, not the usual password."),
                _("The account does not allow other programs to send (third-party access, SMTP)."),
                _("The server asks for a sign-in, but this configuration has it switched off."),
            ),
            (
                _("Check account and password; the user name is often the whole e-mail address."),
                _("Create an app password or authorization code at your mail provider and type it as the password."),
                _("Allow third-party access or SMTP in the settings of the mail account."),
            ),
        ),
        Code.AUTH_TEMPORARY: lambda: Outcome(
            _("Sign-in not possible now"),
            "warn",
            _("the server could not check user name and password just now."),
            (
                _("The mail server is overloaded or being maintained."),
                _("There were too many sign-ins within a short time."),
            ),
            (
                _("Try again in some minutes."),
                _("If it stays so, ask your mail provider whether the account is locked."),
            ),
        ),
        Code.AUTH_CLEARTEXT: lambda: Outcome(
            _("Password held back"),
            "bad",
            _("the password was not sent, because the connection is not encrypted."),
            (
                _("Use SSL is switched off, but the server asks for a sign-in."),
                _("Sending passwords without encryption is not allowed here or not agreed to."),
            ),
            (
                _("Switch Use SSL on; the usual port is 587 or 465."),
                _("If the server needs no sign-in, switch it off in this configuration."),
            ),
        ),
    }
)
