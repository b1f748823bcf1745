"""Whoever reads only the package's docstring can send a mail with it."""

import textwrap

import portal.mail
from portal.domain.mail_config import Trust, TrustKind
from portal.mail import connection, egress, exchange, message, pool, refusals
from tests.mail_server import GOOD_PASSWORD
from tests.wire import loopback


def example():
    """The code of the docstring, up to the paragraph behind it."""
    _, _, rest = portal.mail.__doc__.partition("from beginning to end::\n\n")
    code, _, _ = rest.partition("\n\n**Writing**")
    return textwrap.dedent(code)


def test_the_example_of_the_docstring_sends_a_mail(mail_server):
    mail_server.clear()
    port = mail_server.tls_port
    trust = Trust(TrustKind.PRIVATE_CA, mail_server.ca_pem)
    code = example()
    for written, here in (
        ('"mail.example.com", 465, Encryption.TLS,', f'"127.0.0.1", {port}, Encryption.TLS, trust=trust,'),
        ("egress=Egress()", "egress=egress"),
        ("open sesame", GOOD_PASSWORD),
    ):
        assert written in code
        code = code.replace(written, here)

    names = {"trust": trust, "egress": loopback(port)}
    exec(code, names)  # it is our own docstring

    assert names["outcome"] == "250 2.0.0 accepted"
    assert mail_server.letters[0].subject == "Příliš žluťoučký kůň"
    assert mail_server.letters[0].sender == "pia@example.com"


def test_what_the_docstring_names_exists():
    homes = {
        message: ("write", "Written", "Heading"),
        egress: ("Egress",),
        connection: ("open_session", "Session", "WireError"),
        exchange: ("Envelope",),
        pool: ("Pool",),
        refusals: ("DoesNotFitError", "UnwritableError"),
    }
    for home, names in homes.items():
        for name in names:
            assert name in portal.mail.__doc__
            assert hasattr(home, name)
