"""Everything secret moves to a newer key while all goes on, and nothing is left behind under the older one."""

from base64 import b64decode

import pytest
from sqlalchemy import LargeBinary

from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, MessageId, new_id
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.proposals import alternatives
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from portal.services.keys import Keys, KeyUse
from portal.services.passwords import Passwords
from portal.services.rekeying import UnopenedError
from portal.store import mail_configs, outbox, shapes, tenants, trials
from portal.store.db import SYSTEM, Base, reading, unit_of_work
from portal.vault.keyring import KeyRing
from portal.vault.vault import SealBrokenError, Vault, name_in
from tests.cast import typed_config
from tests.work import OWNER, deliver_all

OLD, NEW = ("test", b"k" * 32), ("2026", bytes(range(32)))
# Whatever holds bytes is sealed with a data key, or known to be something else. What is new here belongs into
# store/sealed.py and services/rekeying.py, or it is lost when a company gets a new data key.
SEALED = {
    "mail_configs.password",
    "messages.content",
    "messages.sealed_bytes",
    "second_factors.offered_seed",
    "second_factors.seed",
    "trials.password",
}
NOT_SEALED = {
    "tenants.data_key",
    "audit_events.hash",
    "audit_events.seal",
    "audit_heads.fold",
    "audit_heads.hash",
    "audit_heads.seal",
    "half_sign_ins.reference_hash",
    "recovery_codes.code_hash",
    "browsers.mark_hash",
    "brandings.logo",
    "contacts.token_hash",
    "one_time_links.token_hash",
    "sign_ins.reference_hash",
}


def keys_with(services, *ring):
    return Keys(Vault(KeyRing(ring)), services.audit)


@pytest.fixture
def keys(services):
    """The keys of a portal whose ring has got a newer one."""
    return keys_with(services, NEW, OLD)


def rotate(keys):
    done, step = 0, keys.rotate_some(0)
    while step.last is not None:
        done += step.done
        step = keys.rotate_some(step.last)
    return done


def opened(tenant_id, config_id, *ring):
    """The password of a configuration, with this ring alone."""
    with reading(SYSTEM) as session:
        row = mail_configs.get_row(session, tenant_id, config_id)
        own = Passwords(Vault(KeyRing(ring))).of_tenant(session, tenant_id)
        return own.open_password(row.password, config_id, mail_configs.draft_of(row).destination).reveal()


def data_key(tenant):
    with reading(SYSTEM) as session:
        return tenants.get_row(session, tenant.id).data_key


def send(cast, person):
    to = (Mailbox("cal@demo.test"),)
    return cast.services.sending.send(tenant_id=person.tenant.id, to=to, content=Outgoing("Hello", "A line.\n"))[0]


def test_every_column_that_holds_bytes_is_known():
    columns = {
        str(each)
        for table in Base.metadata.sorted_tables
        for each in table.columns
        if isinstance(each.type, LargeBinary)
    }

    assert columns == SEALED | NOT_SEALED


@pytest.mark.asvs("11.2.2")
def test_afterwards_the_older_key_is_needed_by_nothing(cast, services, keys):
    config = cast.config(cast.sue)
    assert keys.uses() == [KeyUse("2026", 0, True, True), KeyUse("test", 5, False, True)]

    assert rotate(keys) == 5
    assert keys.uses() == [KeyUse("2026", 5, True, True), KeyUse("test", 0, False, True)]
    assert opened(config.tenant_id, config.id, NEW) == "open sesame"
    with pytest.raises(SealBrokenError):
        opened(config.tenant_id, config.id, OLD)


def test_a_rotation_that_was_ended_goes_on_and_the_second_time_changes_nothing(cast, keys, monkeypatch):
    monkeypatch.setattr("portal.services.keys._AT_ONCE", 2)
    first = keys.rotate_some(0)
    assert (first.done, keys.uses()[0].seals) == (2, 2)

    assert rotate(keys) == 3
    before = data_key(cast.sue.tenant)
    assert rotate(keys) == 0
    assert data_key(cast.sue.tenant) == before


def test_portals_with_both_keys_go_on_meanwhile_whichever_is_first(cast, services, keys):
    """Machines are given the new key one after the other, at the end of the ring first."""
    config = cast.config(cast.sue)
    rotate(keys)
    ahead = services.tenants.create(cast.pia, cast.pia.tenant.id, kind="reseller", name="Made meanwhile")

    assert opened(config.tenant_id, config.id, OLD, NEW) == "open sesame"
    assert name_in(data_key(ahead)) == "test"
    assert rotate(keys) == 1
    assert [use.seals for use in keys.uses()] == [6, 0]


def test_a_key_that_is_missing_is_named_with_how_many_need_it(cast, services):
    lacking = keys_with(services, NEW)

    assert lacking.missing() == [KeyUse("test", 5, False, False)]
    assert (lacking.rotate_some(0).done, lacking.rotate_some(0).stuck) == (0, 5)
    assert services.keys.missing() == []


def test_a_key_of_another_name_and_the_same_length_is_another_key(cast, services):
    assert [use.name for use in keys_with(services, ("tesu", OLD[1])).missing()] == ["test"]


def test_a_data_key_that_does_not_open_stays_as_it_was_and_holds_nobody_up(cast, keys):
    broken = data_key(cast.otto.tenant)[:-1] + b"\x00"
    with unit_of_work(SYSTEM) as session:
        tenants.get_row(session, cast.otto.tenant.id).data_key = broken

    step = keys.rotate_some(0)
    assert (step.done, step.stuck) == (4, 1)
    assert data_key(cast.otto.tenant) == broken


def test_a_closed_company_needs_no_key(cast, services, keys):
    services.tenants.close(cast.sue, cast.cals_company.id)

    assert keys.uses()[1].seals == 4
    assert rotate(keys) == 4
    assert data_key(cast.cals_company) == b""


def test_a_rotation_stands_in_the_log_of_the_company_at_the_root(cast, services, keys):
    keys.conclude(rotate(keys))

    entry = services.audit.page(cast.pia, cast.pia.tenant.id, before=None)[0]
    assert (entry.event, entry.subject_name) == ("keys.rotated", "2026")


def everything_sealed(tenant):
    """All that is sealed for a company, as it stands in the database."""
    with reading(SYSTEM) as session:
        configs = [row.password for row in session.query(mail_configs.MailConfigRow).filter_by(tenant_id=tenant.id)]
        messages = [
            (row.content, row.sealed_bytes) for row in session.query(outbox.MessageRow).filter_by(tenant_id=tenant.id)
        ]
        tried = list(session.query(trials.TrialRow).filter_by(tenant_id=tenant.id))
        tests = [(row.password, *(b64decode(each) for each in (row.alternatives or {}).values())) for row in tried]
    values = [*configs, *(each for some in messages + tests for each in some)]
    return [value for value in values if value is not None]


def open_all(services, tenant):
    """How many values open for a company, each where it belongs."""
    count = 0
    with reading(SYSTEM) as session:
        own = services.mail_passwords.passwords.of_tenant(session, tenant.id)
        for row in session.query(mail_configs.MailConfigRow).filter_by(tenant_id=tenant.id):
            own.open_password(row.password, ConfigId(row.id), mail_configs.draft_of(row).destination)
            count += 1
        for row in session.query(trials.TrialRow).filter_by(tenant_id=tenant.id):
            draft = shapes.draft_from(row.draft)
            own.open_password(row.password, ConfigId(row.config_id), draft.destination)
            places = alternatives(draft.destination)
            for place in places:
                own.open_password(
                    b64decode(row.alternatives[place.fingerprint().hex()]), ConfigId(row.config_id), place
                )
            count += 1 + len(places)
        for row in session.query(outbox.MessageRow).filter_by(tenant_id=tenant.id):
            for sealed in (row.content, row.sealed_bytes):
                if sealed is not None:
                    own.open_content(sealed, MessageId(row.id))
                    count += 1
    return count


def try_a_draft(cast, person):
    return cast.services.trials.request_draft(
        person, person.tenant.id, ConfigId(new_id()), typed_config(name=""),
        password=Secret("only tried"), verb=Verb.CHECK, recipient="sue@demo.test",
    )  # fmt: skip


def uncertain(cast, person):
    """A mail whose exact bytes are kept, because nobody knows whether it arrived."""
    message_id, dead = send(cast, person), new_id()
    job = cast.services.delivering.preparation.prepare(cast.services.delivering.claim(dead))
    cast.services.delivering._pass_fence(job, ("cal@demo.test",))
    cast.services.delivering.recover(OWNER)
    return message_id


def test_a_company_gets_a_new_data_key_and_all_that_is_sealed_moves_to_it(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    cast.config(cast.sue, name="Another")
    try_a_draft(cast, cast.sue)
    uncertain(cast, cast.sue)
    send(cast, cast.sue)
    before, ciphers = data_key(cast.sue.tenant), set(everything_sealed(cast.sue.tenant))
    otto = cast.config(cast.otto)

    rekeyed = services.keys.rekey(cast.sue.tenant.id)

    after = everything_sealed(cast.sue.tenant)
    assert len(ciphers) >= 7
    assert (rekeyed.done, rekeyed.lost) == (len(ciphers), 0)
    assert open_all(services, cast.sue.tenant) == len(after) == len(ciphers)
    assert not ciphers & set(after)
    assert opened(otto.tenant_id, otto.id, OLD) == "open sesame"
    leaked = services.keys.vault.for_tenant(cast.sue.tenant.id, before)
    with reading(SYSTEM) as session:
        for row in session.query(mail_configs.MailConfigRow).filter_by(tenant_id=cast.sue.tenant.id):
            with pytest.raises(SealBrokenError):
                leaked.open_password(row.password, ConfigId(row.id), mail_configs.draft_of(row).destination)


def test_many_mails_are_sealed_anew_in_portions(cast, services, monkeypatch):
    monkeypatch.setattr("portal.store.sealed._AT_ONCE", 3)
    for _ in range(10):
        send(cast, cast.sue)

    assert services.keys.rekey(cast.sue.tenant.id).done == 10
    assert open_all(services, cast.sue.tenant) == 10


def test_mail_that_was_in_hand_when_its_company_got_a_new_key_leaves_and_can_be_repeated(
    cast, services, mail_server, clock
):
    """Its exact bytes are sealed at the fence, with the key of then and not with the one it was claimed under."""
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id, dead = send(cast, cast.sue), new_id()
    job = services.delivering.preparation.prepare(services.delivering.claim(dead))
    services.keys.rekey(cast.sue.tenant.id)
    assert services.delivering._pass_fence(job, ("cal@demo.test",))
    services.delivering.recover(OWNER)
    clock.forward(minutes=16)
    services.delivering.sweep()
    deliver_all(services)

    assert len(mail_server.letters) == 1
    with reading(SYSTEM) as session:
        assert [each.state for each in outbox.recipients_of(session, message_id)] == ["sent"]


def test_what_did_not_open_before_is_counted_and_left_alone(cast, services):
    config = cast.config(cast.sue)
    with unit_of_work(SYSTEM) as session:
        mail_configs.get_row(session, config.tenant_id, config.id).host = "elsewhere.example.test"

    rekeyed = services.keys.rekey(cast.sue.tenant.id)

    assert (rekeyed.done, rekeyed.lost) == (0, 1)


def test_a_company_whose_key_does_not_open_is_not_touched(cast, services):
    before = everything_sealed(cast.sue.tenant), data_key(cast.sue.tenant)

    with pytest.raises(UnopenedError, match="lacks the key 'test'"):
        keys_with(services, NEW).rekey(cast.sue.tenant.id)
    assert (everything_sealed(cast.sue.tenant), data_key(cast.sue.tenant)) == before


def test_a_company_that_is_closed_gets_no_key_again(cast, services):
    services.tenants.close(cast.sue, cast.cals_company.id)

    with pytest.raises(NotFoundError):
        services.keys.rekey(cast.cals_company.id)


def test_a_new_data_key_stands_in_the_companys_log(cast, services):
    services.keys.rekey(cast.sue.tenant.id)

    assert services.audit.page(cast.sue, cast.sue.tenant.id, before=None)[0].event == "tenant.rekeyed"
