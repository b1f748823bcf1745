"""What is sealed with a company's key is found with that company, and nobody else's is taken for it."""

import pytest

from portal.domain.ids import ConfigId, new_id
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from portal.store import sealed, trials
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.cast import typed_config


@pytest.fixture
def sues(cast, services, clock):
    """Her company's id. She and Otto have one of everything that is sealed."""
    for person in (cast.sue, cast.otto):
        cast.config(person)
        services.trials.request_draft(
            person, person.tenant.id, ConfigId(new_id()), typed_config(name=""),
            password=Secret("only tried"), verb=Verb.CHECK, recipient=person.email,
        )  # fmt: skip
        content = Outgoing(subject="Hello", text="A letter.")
        services.sending.send(tenant_id=person.tenant.id, to=(Mailbox("cal@demo.test"),), content=content)
        services.security.second_factors.offer(person)
    return cast.sue.tenant.id


def test_what_gets_a_newer_key_is_of_the_company_that_gets_it(cast, sues):
    with reading(SYSTEM) as session:
        assert [row.tenant_id for row in sealed.configs_of(session, sues)] == [sues]
        assert [row.tenant_id for row in sealed.trials_of(session, sues)] == [sues]
        assert [row.tenant_id for row in sealed.messages_of(session, sues)] == [sues]
        assert [row.user_id for row in sealed.second_factors_of(session, sues)] == [cast.sue.user_id]


def test_passwords_that_were_only_tried_are_forgotten_with_their_company_alone(cast, sues):
    with unit_of_work(SYSTEM) as session:
        trials.forget_passwords_of(session, sues)
    with reading(SYSTEM) as session:
        assert sealed.trials_of(session, sues) == []
        assert len(sealed.trials_of(session, cast.otto.tenant.id)) == 1
