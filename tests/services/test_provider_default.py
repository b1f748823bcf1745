"""The Provider default: live at any depth, readable as a name, and nobody's to change."""

import pytest
from sqlalchemy import text

from portal.domain.errors import NotFoundError
from portal.domain.mail_config import InheritedDefault
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.precedence import Source
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from portal.store.db import SYSTEM, reading
from tests.cast import typed_config
from tests.work import deliver_all, run_trials

TO_CAL = (Mailbox("cal@demo.test", "Cal"),)
HELLO = Outgoing("Hello", "A line.\n")


def rows_of(*tenants):
    with reading(SYSTEM) as session:
        return [
            session.execute(text("SELECT * FROM tenants WHERE id = :id"), {"id": tenant.id.hex}).one()
            for tenant in tenants
        ]


@pytest.mark.req("S1.6", "S1.27", "S1.28")
def test_what_pia_changes_is_what_the_next_mail_of_everyone_below_uses(cast, services, mail_server):
    config = cast.active_config(cast.pia, **mail_server.typed("starttls"))
    below = (cast.rex.tenant, cast.sue.tenant, cast.cals_company)
    untouched = rows_of(*below)

    services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)
    deliver_all(services)
    moved = typed_config(**mail_server.typed("tls"), from_address="noreply@pia-cloud.test", charset="iso-8859-1")
    services.mail_configs.update(
        cast.pia, cast.pia.tenant.id, config.id, moved, password=Secret("open sesame"), version=config.version
    )
    for tenant in (cast.sue.tenant, cast.cals_company):
        _, resolution = services.sending.send(tenant_id=tenant.id, to=TO_CAL, content=HELLO)
        assert resolution.source is Source.PROVIDER_DEFAULT
    deliver_all(services)

    assert [letter.sender for letter in mail_server.letters] == ["office@example.test"] + ["noreply@pia-cloud.test"] * 2
    assert rows_of(*below) == untouched


@pytest.mark.req("S1.5")
def test_it_names_the_direct_parent_however_far_up_the_configuration_stands(cast, services):
    cast.active_config(cast.pia, from_address="noreply@pia-cloud.test")

    inherited = services.mail_configs.inherited(cast.sue, cast.sue.tenant.id)

    assert inherited == InheritedDefault("Rex Hosting", "noreply@pia-cloud.test", exists=True)


def test_a_parent_may_hide_its_sender(cast, services):
    cast.active_config(cast.pia)
    rex = services.tenants.get(cast.rex, cast.rex.tenant.id, "tenant:edit")
    services.tenants.rename(cast.rex, rex.id, name=rex.name, shows_sender=False, version=rex.version)

    assert services.mail_configs.inherited(cast.sue, cast.sue.tenant.id).sender is None


@pytest.mark.req("S1.7", "S1.25", "S1.26")
def test_no_use_case_takes_the_id_behind_it(cast, services):
    config = cast.active_config(cast.pia)
    own = cast.sue.tenant.id

    for reach in (
        lambda: services.mail_configs.get(cast.sue, own, config.id),
        lambda: services.mail_configs.update(cast.sue, own, config.id, typed_config(), password=Secret("x"), version=1),
        lambda: services.mail_configs.delete(cast.sue, own, config.id),
        lambda: services.mail_configs.usage(cast.sue, own, config.id),
        lambda: services.mail_configs.select(cast.sue, own, config.id),
        lambda: services.trials.request_saved(cast.sue, own, config.id, verb="send", recipient="sue@demo.test"),
        lambda: services.mail_configs.get(cast.sue, cast.pia.tenant.id, config.id),
    ):
        with pytest.raises(NotFoundError):
            reach()


@pytest.mark.req("S1.8")
def test_sue_has_her_own_beside_it_and_goes_back_whenever_she_likes(cast, services):
    cast.active_config(cast.pia)
    own = cast.active_config(cast.sue, name="Sue's relay")

    overview = services.mail_configs.overview(cast.sue, cast.sue.tenant.id)
    assert [line.is_active for line in overview.lines] == [True]
    assert not overview.stays_on_default

    services.mail_configs.select(cast.sue, cast.sue.tenant.id, None)
    overview = services.mail_configs.overview(cast.sue, cast.sue.tenant.id)
    assert overview.stays_on_default
    assert overview.line_of(own.id) is not None


def test_the_trial_of_an_inherited_configuration_tells_the_outcome_alone(cast, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("starttls"), password="wrong")

    trial_id = services.trials.request_effective(
        cast.sue, cast.sue.tenant.id, verb=Verb.SEND, recipient="sue@demo.test"
    )
    run_trials(services)
    trial = services.trials.get(cast.sue, cast.sue.tenant.id, trial_id)

    assert (trial.code, trial.inherited) == ("auth.rejected", True)
    assert (trial.findings, trial.transcript, trial.notes, trial.trace, trial.config_id) == ((), (), (), (), None)
