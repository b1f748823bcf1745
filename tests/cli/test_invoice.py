"""An invoice is handed over on the command line."""

import re

from tests.work import deliver_all

TENANT = "pia cloud/rex hosting/sue & partners"


def test_an_invoice_goes_to_the_billing_contacts(typed, refused, cast, mail_server, tmp_path):
    services = cast.services
    cast.active_config(cast.rex, **mail_server.typed("none"))
    file = tmp_path / "Invoice.pdf"
    file.write_bytes(b"%PDF-1.7\n")
    assert (
        refused("invoice", TENANT, str(file), "--number", "7") == "No billing contact of this company has agreed yet."
    )

    services.contacts.add(cast.sue, cast.sue.tenant.id, kind="billing", name="Bill", email="bill@sue.example")
    deliver_all(services)
    services.contacts.agree(re.search(r"/contact-confirmations/(\S+)", mail_server.letters[-1].text)[1])
    assert typed("invoice", TENANT, str(file), "--number", "7").output == "On its way to: bill@sue.example.\n"
    deliver_all(services)
    assert mail_server.letters[-1].subject == "Invoice 7 from Rex Hosting"

    file.write_bytes(b"no pdf")
    assert refused("invoice", TENANT, str(file), "--number", "7") == "The file is no PDF."
