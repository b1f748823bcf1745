"""What was closed or deleted is gone from the database's files, too: with the master key in hand nothing of it opens."""

import pytest

from portal.domain.outgoing import Mailbox, Outgoing
from portal.store import tenants
from portal.store.db import SYSTEM, db, reading
from portal.vault.keyring import KeyRing
from portal.vault.vault import SealBrokenError, Vault
from tests.databases import InFile
from tests.services.test_keys import NEW, OLD, everything_sealed, keys_with, rotate, try_a_draft


@pytest.fixture(autouse=True)
def in_files(database):
    if not isinstance(database, InFile):
        pytest.skip("PostgreSQL keeps older rows until it is vacuumed, and says so")


def files(folder):
    """All that whoever takes the disk gets hold of."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("portal.db*")))


def sealed_and_wrapped(tenant):
    with reading(SYSTEM) as session:
        wrapped = tenants.get_row(session, tenant.id).data_key
    return [*everything_sealed(tenant), wrapped]


def found(values, folder):
    """Those whose last bytes stand somewhere: a piece of a value that is left is as good as all of it."""
    content = files(folder)
    return [value for value in values if value[-24:] in content or value[:24] in content]


def fill(cast, company, *, mails):
    for number in range(3):
        cast.config(cast.sue, tenant=company, name=f"Relay {number}", password=f"pass {number} {company.name}")
    for number in range(mails):
        to = (Mailbox("otto@demo.test"),)
        content = Outgoing(f"Mail {number}", f"A line of {company.name}.\n" * (number * 40))
        cast.services.sending.send(tenant_id=company.id, to=to, content=content)


def test_of_a_closed_company_nothing_opens_with_the_files_and_the_master_key_in_hand(cast, services, tmp_path):
    company = cast.cals_company
    fill(cast, company, mails=12)
    values = sealed_and_wrapped(company)
    assert len(found(values, tmp_path)) == len(values) > 12

    services.tenants.close(cast.sue, company.id)

    assert found(values, tmp_path) == []
    with pytest.raises(SealBrokenError):
        Vault(KeyRing((OLD,))).for_tenant(company.id, sealed_and_wrapped(company)[-1])


def test_among_many_companies_that_come_and_go_no_key_of_a_closed_one_is_left_over(cast, services, tmp_path):
    """Rows move from page to page when others are added and removed; no page keeps a copy of what moved on."""
    gone, there = [], []
    for number in range(120):
        company = services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name=f"Company {number}")
        there.append(company)
        cast.config(cast.sue, tenant=company, name="Relay")
        if number % 3 == 2:
            closed = there.pop(number % len(there))
            gone += sealed_and_wrapped(closed)
            services.tenants.close(cast.sue, closed.id)

    assert len(gone) == 80
    assert found(gone, tmp_path) == []


def test_a_deleted_configuration_leaves_no_password_behind(cast, services, tmp_path):
    config = cast.config(cast.sue)
    values = everything_sealed(cast.sue.tenant)
    services.mail_configs.delete(cast.sue, config.tenant_id, config.id)

    assert found(values, tmp_path) == []


def test_a_test_of_a_draft_in_a_closed_company_leaves_no_password_behind(cast, services, tmp_path):
    try_a_draft(cast, cast.otto)
    values = everything_sealed(cast.otto.tenant)
    services.tenants.close(cast.pia, cast.otto.tenant.id)

    assert len(values) > 1
    assert found(values, tmp_path) == []


def test_after_a_rotation_no_older_wrapping_is_left_that_a_lost_master_key_would_open(cast, services, tmp_path):
    keys = keys_with(services, NEW, OLD)
    values = [sealed_and_wrapped(person.tenant)[-1] for person in (cast.pia, cast.rex, cast.sue, cast.otto)]
    keys.conclude(rotate(keys))

    assert found(values, tmp_path) == []


def test_somebody_who_reads_meanwhile_is_not_waited_for_longer_than_a_moment(cast, services, tmp_path):
    values = sealed_and_wrapped(cast.cals_company)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM tenants")
        services.tenants.close(cast.sue, cast.cals_company.id)
    assert len(found(values, tmp_path)) == 1

    services.forgetting.tidy()
    assert found(values, tmp_path) == []
