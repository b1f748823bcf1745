"""Knows how to tell what became of a mail once a server listened, or why none was asked."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.domain.diagnosis import Code
from portal.i18n import gettext as _
from portal.web.sentences.telling import Outcome, Telling

CARRYING: Mapping[Code, Telling] = MappingProxyType(
    {
        Code.OK: lambda: Outcome(
            _("OK"),
            "good",
            _("the configuration is correct: the server accepts its mail."),
            (),
            (_("If a mail does not show up in the inbox, look into the spam folder as well."),),
        ),
        Code.SENDER_REJECTED: lambda: Outcome(
            _("Sender refused"),
            "bad",
            _("the server does not let you send with this sender address."),
            (
                _("The sender address does not belong to the account that signs in."),
                _("The mail provider has to confirm the address or its domain first."),
                _("The server asks for a sign-in, but this configuration has it switched off."),
            ),
            (
                _("Use the address of the account as the sender address."),
                _("Or ask your mail provider to allow this sender address for the account."),
            ),
        ),
        Code.RECIPIENT_REJECTED: lambda: Outcome(
            _("Recipient refused"),
            "bad",
            _("the server does not accept this recipient."),
            (
                _("The address is misspelt or does not exist any more."),
                _("The server delivers to others only after a sign-in."),
                _("The recipient's provider blocks the sender."),
            ),
            (
                _("Check the recipient's address, or try another one."),
                _("If every recipient is refused, switch the sign-in on or ask your mail provider."),
            ),
        ),
        Code.RECIPIENT_TEMPORARY: lambda: Outcome(
            _("Recipient not reachable now"),
            "warn",
            _("the server does not accept this recipient just now."),
            (
                _("The server makes senders wait whom it does not know yet."),
                _("The recipient's mailbox is full or being maintained."),
            ),
            (_("Try again in some minutes."),),
        ),
        Code.NEEDS_SMTPUTF8: lambda: Outcome(
            _("Address not supported"),
            "bad",
            _("the server cannot deliver to addresses with accents or foreign letters in front of the @ sign."),
            (_("The mail server does not know international addresses (SMTPUTF8)."),),
            (_("Use an address that has only plain letters in front of the @ sign."),),
        ),
        Code.TOO_LARGE: lambda: Outcome(
            _("Too large"),
            "bad",
            _("the mail is larger than the server takes."),
            (_("The attachments are too large for this mail provider."),),
            (
                _("Send smaller or fewer attachments."),
                _("Ask your mail provider for a higher limit."),
            ),
        ),
        Code.CONTENT_REJECTED: lambda: Outcome(
            _("Mail refused"),
            "bad",
            _("the server looked at the mail and refused it."),
            (
                _("The mail was taken for spam or for something dangerous."),
                _("The mail provider's policy does not allow this sender or this content."),
            ),
            (
                _("Ask your mail provider why, and show the technical details."),
                _("Allow third-party access for the account if your mail provider has such a setting."),
            ),
        ),
        Code.DOES_NOT_FIT: lambda: Outcome(
            _("Does not fit the encoding"),
            "warn",
            _("the mail has characters that the chosen encoding does not know, so it was not sent."),
            (_("The configuration is set to refuse such mail instead of sending it as UTF-8."),),
            (
                _("Choose UTF-8 as the encoding: it knows every character."),
                _("Or let the configuration send as UTF-8 whatever does not fit."),
            ),
        ),
        Code.UNWRITABLE: lambda: Outcome(
            _("Cannot be written"),
            "bad",
            _("the mail cannot be written in a form that mail servers take, so it was not sent."),
            (_("A name, a subject or an attachment has something in it that no mail can carry."),),
            (
                _("Shorten or simplify names, subject and attachments."),
                _("If nothing is odd about them, tell whoever runs this portal."),
            ),
        ),
        Code.UNKNOWN: lambda: Outcome(
            _("Not certain"),
            "warn",
            _("the server may have accepted the mail; check your inbox."),
            (
                _("The connection broke off after the whole mail was handed over."),
                _("The server's last answer could not be read."),
                _("This portal was restarted while the mail was on its way."),
            ),
            (_("Look into the inbox before you send again: the mail could arrive twice."),),
        ),
        Code.INTERNAL: lambda: Outcome(
            _("Fault of this portal"),
            "bad",
            _("this portal made a mistake; neither you nor the mail server is to blame."),
            (_("There is an error in this portal, or the machine on which it runs is in trouble."),),
            (_("Try again; if it stays, tell whoever runs this portal."),),
        ),
        Code.NO_CONFIG: lambda: Outcome(
            _("No configuration"),
            "warn",
            _("no mail configuration applies: none is selected here or at any level above."),
            (_("Nobody has selected a configuration yet, or the selected one was deleted."),),
            (_("Select a configuration, or ask your provider to select one."),),
        ),
        Code.SUSPENDED: lambda: Outcome(
            _("Suspended"),
            "warn",
            _("the company or one above it is suspended, so its mail waits."),
            (_("An owner at a level above suspended the company."),),
            (_("Ask your provider to lift the suspension; then waiting mail goes out."),),
        ),
        Code.LET_GO: lambda: Outcome(
            _("Not sent"),
            "plain",
            _("something changed while the mail was on its way to the server, so it was taken back in time."),
            (_("The mail was cancelled, or another configuration was selected."),),
            (_("There is nothing to do: unless it was cancelled, the mail starts again."),),
        ),
        Code.ROUTE_CHANGED: lambda: Outcome(
            _("Waits for a decision"),
            "warn",
            _("an earlier attempt may have arrived, and meanwhile another configuration applies; the mail waits."),
            (_("The configuration was changed or another one selected after an attempt with an uncertain end."),),
            (_("Ask the recipient whether the mail arrived, then send it anew or cancel it."),),
        ),
        Code.RESTORED: lambda: Outcome(
            _("Held"),
            "warn",
            _("this portal was restored from an older copy; the mail may have been sent since, so it waits."),
            (_("Whoever runs this portal restored its database from a backup."),),
            (_("Whoever runs it can let all such mail go; or send it anew or cancel it here."),),
        ),
        Code.HELD_BACK: lambda: Outcome(
            _("Held back"),
            "warn",
            _("the operator of the portal holds this mail back, and lets it go later."),
            (_("The operator looks into something, perhaps a server that took mail and did not deliver it."),),
            (_("Ask whoever runs this portal; or cancel the mail here."),),
        ),
        Code.PASSWORD_NEEDED: lambda: Outcome(
            _("Password needed"),
            "warn",
            _("the password has to be typed again before this configuration can send."),
            (
                _("The stored password belongs to another server, port, user name or method of encryption."),
                _("No password is stored."),
            ),
            (_("Open the configuration, type the password and save."),),
        ),
    }
)
