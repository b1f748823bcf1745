"""Whoever looks after a configuration reads that its server asks for less mail, and how much leaves meanwhile."""

import pytest

from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.pace import NORMAL, Pace
from portal.store import mail_configs
from portal.store.db import SYSTEM, unit_of_work
from tests.work import deliver_all

SENTENCE = "The server asks for less mail: 12 mails a minute leave, and more with each success."


@pytest.fixture
def config(cast, mail_server):
    return cast.active_config(cast.sue, **{**mail_server.typed("none"), "port": str(mail_server.closed_port)})


def set_pace(config, pace):
    with unit_of_work(SYSTEM) as session:
        mail_configs.write_pace(mail_configs.find_by_id(session, config.id), pace)


def test_the_list_and_the_queue_say_so_and_later_no_more(cast, services, as_, config, clock):
    to = (Mailbox("cal@demo.test"),)
    services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=Outgoing("Hello", "A line.\n"))
    deliver_all(services)
    pages = (as_(cast.sue), f"/t/{cast.sue.tenant.id}/mail-configs"), (as_(cast.pia), "/queue")
    set_pace(config, Pace(12.9, 40, clock()))
    assert [SENTENCE in browser.page(url).text for browser, url in pages] == [True, True]

    set_pace(config, Pace(1.0, 40, clock()))
    assert ["1 mail a minute leaves" in browser.page(url).text for browser, url in pages] == [True, True]
    set_pace(config, NORMAL)
    assert ["asks for less" in browser.page(url).text for browser, url in pages] == [False, False]
