"""Knows how to tell that a mail server was not reached, or did not behave like one."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.domain.diagnosis import Code
from portal.i18n import gettext as _
from portal.web.sentences.telling import Outcome, Telling

REACHING: Mapping[Code, Telling] = MappingProxyType(
    {
        Code.NAME: lambda: Outcome(
            _("Server not usable"),
            "bad",
            _("the server's name cannot be used: it was not found, or it is not allowed here."),
            (
                _("The name is misspelt."),
                _("The mail provider changed the name of its server."),
                _("The name leads to an address that this portal may not use."),
                _("Names cannot be looked up at the moment."),
            ),
            (
                _("Compare the server's address letter by letter with what your mail provider states."),
                _("If it is right, try again in some minutes, then ask whoever runs this portal."),
            ),
        ),
        Code.BLOCKED: lambda: Outcome(
            _("Not allowed here"),
            "bad",
            _("this address or port is not allowed here."),
            (
                _("The port is not one that mail servers use."),
                _("The address belongs to a private or reserved network."),
            ),
            (
                _("Use the public name of the mail server and the port 587, 465, 25 or 2525."),
                _("If it has to be this one, ask whoever runs this portal to allow it."),
            ),
        ),
        Code.DESTINATIONS: lambda: Outcome(
            _("Too many servers"),
            "bad",
            _("too many different servers were tried from here lately; this one was left alone."),
            (
                _("Tests or mails went to many servers within an hour or a day."),
                _("Many configurations stopped working at the same time."),
            ),
            (
                _("Wait an hour, then try again; servers that work do not count."),
                _("Waiting mail is tried again by itself."),
            ),
        ),
        Code.REFUSED: lambda: Outcome(
            _("Nothing answers"),
            "bad",
            _("nothing answers at this address and port."),
            (
                _("The port is not the one that the mail server uses."),
                _("The address belongs to another machine, or the mail server is switched off."),
                _("A firewall turns the connection away."),
            ),
            (
                _("Check the server's address and port; try 587, 465 or 25, or look into your mail provider's notes."),
                _("Ask whoever runs the network whether a firewall blocks this port."),
            ),
        ),
        Code.TIMEOUT: lambda: Outcome(
            _("No connection"),
            "bad",
            _("the server did not answer the connection in time."),
            (
                _("A firewall swallows the connection; port 25 is often closed."),
                _("The server's address or port is wrong."),
                _("The mail server is down or overloaded."),
            ),
            (
                _("Check the server's address and port; try 587 or 465."),
                _("Ask whoever runs the network whether a firewall blocks this port."),
            ),
        ),
        Code.SILENT: lambda: Outcome(
            _("No greeting"),
            "bad",
            _("the server took the connection but said nothing."),
            (
                _("This port expects encryption from the first byte (SSL/TLS)."),
                _("The mail server is overloaded."),
            ),
            (
                _("Switch Use SSL on and choose SSL/TLS as the method; its usual port is 465."),
                _("If your mail provider states something else, try again in some minutes."),
            ),
        ),
        Code.SLOW: lambda: Outcome(
            _("Too slow"),
            "bad",
            _("the server was too slow to answer."),
            (
                _("The mail server or the network is overloaded."),
                _("The server delays those it does not know."),
            ),
            (
                _("Try again in some minutes."),
                _("If it stays slow, ask your mail provider."),
            ),
        ),
        Code.LOST: lambda: Outcome(
            _("Connection lost"),
            "bad",
            _("the connection broke off before the mail was handed over; it was not sent."),
            (
                _("The mail server ended the connection or was restarted."),
                _("The method of encryption does not go with this port."),
                _("A firewall or virus scanner on the way cut the connection."),
            ),
            (
                _("Try again in some minutes."),
                _("Compare port and encryption with what your mail provider states."),
            ),
        ),
        Code.FLOOD: lambda: Outcome(
            _("Answer too long"),
            "bad",
            _("the server sent far more than a mail server ever says."),
            (
                _("Something other than a mail server answers there."),
                _("The mail server is out of order."),
            ),
            (_("Check the server's address and port with your mail provider."),),
        ),
        Code.NOT_SMTP: lambda: Outcome(
            _("Not a mail server"),
            "bad",
            _("what answers there is not a mail server."),
            (
                _("The port belongs to something else, such as a website or incoming mail."),
                _("The address is that of another machine."),
            ),
            (
                _("Ask your mail provider for the address and port for outgoing mail (SMTP)."),
                _("Usual ports are 587, 465 and 25; those for incoming mail (993, 995, 143, 110) do not work here."),
            ),
        ),
        Code.UNEXPECTED: lambda: Outcome(
            _("Unexpected answer"),
            "bad",
            _("the server gave an answer that does not fit the question."),
            (
                _("The mail server is out of order."),
                _("A firewall or virus scanner on the way changes what is said."),
            ),
            (
                _("Try again in some minutes."),
                _("If it happens again, show the technical details to your mail provider."),
            ),
        ),
        Code.GARBAGE: lambda: Outcome(
            _("Unreadable answer"),
            "bad",
            _("the server gave an answer that cannot be read."),
            (
                _("The mail server is out of order."),
                _("The method of encryption does not go with this port."),
            ),
            (
                _("Compare port and encryption with what your mail provider states."),
                _("If they are right, try again in some minutes."),
            ),
        ),
        Code.BUSY: lambda: Outcome(
            _("Server busy"),
            "warn",
            _("the server cannot take the mail at the moment."),
            (
                _("The mail server is overloaded or being maintained."),
                _("It limits how much may be sent within some time."),
                _("It makes those wait whom it does not know yet."),
            ),
            (
                _("Try again in some minutes."),
                _("If it stays so, ask your mail provider about limits."),
            ),
        ),
        Code.SERVER_REFUSED: lambda: Outcome(
            _("Server refuses"),
            "bad",
            _("the server does not want to take mail from here."),
            (
                _("It takes mail over encrypted connections only."),
                _("It takes mail from its own network only, or blocks the address of this portal."),
                _("It has been closed or has moved."),
            ),
            (
                _("Switch Use SSL on, as your mail provider states it."),
                _("Ask your mail provider to allow other programs to send through this server."),
            ),
        ),
    }
)
