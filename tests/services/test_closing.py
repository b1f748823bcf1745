"""Closing a company ends everything that still led into it or out of it."""

import pytest

from portal.domain.errors import NotFoundError
from portal.domain.ids import new_id
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.domain.trial import TrialState, Verb
from portal.services.links import LinkPurpose
from portal.store import outbox, trials
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.cast import PASSWORD
from tests.work import OWNER, deliver_all, run_trials

NEW = Secret("another good password")


def close(cast):
    cast.services.tenants.close(cast.sue, cast.cals_company.id)


def send(cast):
    to = (Mailbox("otto@demo.test"),)
    return cast.services.sending.send(tenant_id=cast.cals_company.id, to=to, content=Outgoing("Hello", "A line.\n"))[0]


def row_states(message_id):
    with reading(SYSTEM) as session:
        return [each.state for each in outbox.recipients_of(session, message_id)]


def token_of(url):
    return url.rpartition("/")[2]


def test_an_invitation_into_a_closed_company_is_void(cast, services):
    user = services.accounts.add(
        cast.cals_company.id, email="new@demo.test", name="Cal", role=Role.OWNER, password=None
    )
    token = token_of(services.invitations.link_for(user.id))
    close(cast)

    with pytest.raises(NotFoundError):
        services.invitations.accept(token, NEW)


def test_a_link_of_somebody_who_may_not_come_in_does_not_work(cast, services):
    """However it came about: an invitation is for somebody invited, a reset for somebody who is in."""
    with unit_of_work(SYSTEM) as session:
        invitation = services.invitations.links.issue(session, cast.sue.user_id, LinkPurpose.INVITATION).url
    with pytest.raises(NotFoundError):
        services.invitations.accept(token_of(invitation), NEW)

    close(cast)
    with pytest.raises(NotFoundError):
        services.invitations.link_for(cast.cal.user_id)


def test_the_people_of_a_closed_company_can_be_invited_elsewhere(cast, services):
    close(cast)
    invited = services.invitations.invite(cast.sue, cast.sue.tenant.id, email="cal@demo.test", name="Cal", role="staff")
    services.invitations.accept(token_of(invited.link), Secret(PASSWORD))

    reference = services.accounts.sign_in("cal@demo.test", Secret(PASSWORD), address="127.0.0.1")
    assert services.accounts.actor_of(reference).tenant.id == cast.sue.tenant.id


def test_a_companys_name_can_be_freed_next_to_a_look_alike(cast, services):
    for number in range(9):
        services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name=f"{number}:Cal & Co")
    close(cast)

    assert len(services.tenants.tree(cast.sue, cast.sue.tenant.id).branches) == 9


def test_mail_that_a_closed_company_had_in_hand_ends(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    job = services.delivering.preparation.prepare(services.delivering.claim(OWNER))
    close(cast)
    services.delivering._settle(job, services.delivering._transmit(job))
    services.delivering.sweep()
    deliver_all(services)

    assert (row_states(message_id), mail_server.letters) == (["expired"], [])


def test_mail_that_was_claimed_before_its_company_closed_ends(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    claim = services.delivering.claim(OWNER)
    close(cast)
    services.delivering.deliver(claim)
    services.delivering.sweep()

    assert row_states(message_id) == ["expired"]


def test_mail_of_uncertain_fate_is_not_repeated_for_a_closed_company(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    dead = new_id()
    job = services.delivering.preparation.prepare(services.delivering.claim(dead))
    services.delivering._pass_fence(job, ("otto@demo.test",))
    services.delivering.recover(OWNER)
    close(cast)
    clock.forward(minutes=16)
    services.delivering.sweep()
    deliver_all(services)

    assert (row_states(message_id), mail_server.letters) == (["expired"], [])


def test_what_waits_for_a_closed_company_is_cancelled_and_its_content_erased(cast, services):
    message_id = send(cast)
    close(cast)

    assert row_states(message_id) == ["cancelled"]
    with reading(SYSTEM) as session:
        assert outbox.get_row(session, message_id).content is None


def test_a_test_that_waits_for_a_closed_company_ends(cast, services):
    trial_id = services.trials.request_effective(
        cast.sue, cast.cals_company.id, verb=Verb.CHECK, recipient="sue@demo.test"
    )
    close(cast)
    run_trials(services)

    with reading(SYSTEM) as session:
        assert trials.get_by_id(session, trial_id).state == TrialState.DONE.value
