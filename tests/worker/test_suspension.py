"""A company above is suspended while the mail of its subtree flows: from then on nothing leaves, and nothing is lost."""

import asyncio
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from portal.domain.delivery import State
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.store import outbox
from portal.store.db import SYSTEM, db, reading
from tests.worker.test_loop import until

LANES = (Lane.NORMAL, Lane.BULK, Lane.INTERACTIVE)


@pytest.fixture
def clock():
    """The real one: senders that find a server busy come back after a second."""
    return lambda: datetime.now(UTC)


@pytest.fixture
def unhurried(mail_server, monkeypatch):
    """A server that takes its time before the content, so that mails are always on their way to the fence."""
    real = mail_server.handle_RCPT

    async def handle(*given):
        await asyncio.sleep(0.1)
        return await real(*given)

    monkeypatch.setattr(mail_server, "handle_RCPT", handle)


def send(services, tenant, number):
    return services.sending.send(
        tenant_id=tenant.id,
        to=(Mailbox("cal@demo.test"),),
        content=Outgoing(f"{tenant.name}: {number}", "A line.\n"),
        lane=LANES[number % 3],
    )[0]


def states():
    with reading(SYSTEM) as session:
        rows = session.query(outbox.MessageRow.subject, outbox.RecipientRow.state).join(
            outbox.RecipientRow, outbox.RecipientRow.message_id == outbox.MessageRow.id
        )
        return {subject: State(state) for subject, state in rows}


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("unhurried")
def test_nothing_of_a_subtree_passes_the_fence_once_a_company_above_is_suspended(
    app, cast, services, loops, mail_server
):
    for person in (cast.rex, cast.otto):
        cast.active_config(person, **mail_server.typed("none"))
    subtree, others = (cast.rex.tenant, cast.sue.tenant, cast.cals_company), cast.otto.tenant
    ended = threading.Event()

    def keep_handing_in():
        with app.app_context():
            for number in range(400):
                send(services, (*subtree, others)[number % 4], number)
                if ended.wait(0.02):
                    break
            db.session.remove()

    feeder = threading.Thread(target=keep_handing_in)
    feeder.start()
    loop = loops(senders=4)
    loop.start()
    assert until(lambda: len(mail_server.letters) >= 20)

    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    may_arrive = {
        subject for subject, state in states().items() if state in {State.SENT, State.COMMITTING, State.UNCERTAIN}
    }
    time.sleep(1)  # mail of the subtree is still handed in, and taken in hand
    ended.set()
    feeder.join()
    assert until(lambda: not {State.QUEUED, State.SENDING, State.LEASED, State.COMMITTING} & set(states().values()))
    arrived = {letter.subject for letter in mail_server.letters}

    def of_subtree(subjects):
        return {each for each in subjects if not each.startswith(others.name)}

    assert of_subtree(arrived) <= may_arrive
    held = of_subtree(subject for subject, state in states().items() if state is State.HELD)
    assert len(held) > 10
    assert {state for subject, state in states().items() if subject.startswith(others.name)} == {State.SENT}

    services.tenants.resume(cast.pia, cast.rex.tenant.id)
    assert until(lambda: set(states().values()) == {State.SENT}, seconds=30)
    assert Counter(letter.subject for letter in mail_server.letters) == Counter(states().keys())
