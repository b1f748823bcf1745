"""Add, change, select and delete configurations."""

from dataclasses import replace

import pytest

from portal.domain.errors import ConflictError, InvalidError, NotFoundError
from portal.domain.ids import ConfigId, new_id
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from portal.store import mail_configs
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.cast import typed_config
from tests.work import run_trials

NOTHING = Secret("")


def change(cast, config, *, password=NOTHING, **typed):
    return cast.services.mail_configs.update(
        cast.sue, config.tenant_id, config.id, typed_config(**typed), password=password, version=config.version
    )


def codes(refused):
    return {problem.field: problem.code for problem in refused.value.problems}


@pytest.mark.req("S1.3", "S1.21")
def test_saving_does_not_select(cast, services):
    config = cast.config(cast.sue)

    assert services.tenants.get(cast.sue, config.tenant_id, "tree:view").active_config_id is None
    assert config.has_password


@pytest.mark.req("S1.2", "S1.24")
def test_exactly_one_is_active(cast, services):
    first, second = cast.config(cast.sue), cast.config(cast.sue, name="Second")
    for config in (first, second):
        services.mail_configs.select(cast.sue, config.tenant_id, config.id)

    lines = services.mail_configs.overview(cast.sue, first.tenant_id).lines
    assert [line.config.name for line in lines if line.is_active] == ["Second"]


@pytest.mark.req("S3.14", "S1.11")
def test_a_name_is_taken_once_whatever_its_case(cast):
    cast.config(cast.sue)

    with pytest.raises(InvalidError) as refused:
        cast.config(cast.sue, name="OFFICE RELAY")
    assert codes(refused) == {"name": "taken"}
    assert cast.config(cast.otto)


def test_two_people_editing_do_not_lose_a_change(cast):
    config = cast.config(cast.sue)
    change(cast, config, from_name="First")

    with pytest.raises(ConflictError):
        change(cast, config, from_name="Second")


def test_an_empty_password_keeps_the_stored_one(cast):
    config = cast.config(cast.sue)

    assert change(cast, config, from_name="Somebody", charset="iso-8859-2").has_password


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"host": "evil.example.test"},
        {"port": "2525"},
        {"encryption": "none"},
        {"username": "root"},
        {"mechanism": "login"},
        {"trust_kind": "pin", "trust_pin": "ab" * 32},
    ],
)
def test_a_changed_destination_asks_for_the_password_again(cast, elsewhere):
    config = cast.config(cast.sue)

    with pytest.raises(InvalidError) as refused:
        change(cast, config, **elsewhere)
    assert codes(refused) == {"password": "destination-changed"}
    assert change(cast, config, password=Secret("new"), **elsewhere).has_password


@pytest.mark.parametrize("spelling", ["SMTP.EXAMPLE.TEST", "smtp.example.test."])
def test_another_spelling_of_the_same_server_is_the_same_destination(cast, spelling):
    assert change(cast, cast.config(cast.sue), host=spelling).has_password


def test_a_new_configuration_that_signs_in_needs_its_password(cast):
    with pytest.raises(InvalidError) as refused:
        cast.config(cast.sue, password="")
    assert codes(refused) == {"password": "required"}


def test_whoever_stops_signing_in_leaves_no_password_behind(cast):
    assert not change(cast, cast.config(cast.sue), signs_in=False).has_password


def test_a_password_moved_by_hand_in_the_database_does_not_open(cast, services):
    config = cast.active_config(cast.sue)
    with unit_of_work(SYSTEM) as session:
        mail_configs.get_by_id(session, config.id).host = "evil.example.test"

    with pytest.raises(InvalidError) as refused:
        change(cast, config, host="evil.example.test")
    assert codes(refused) == {"password": "destination-changed"}


@pytest.mark.req("S1.26")
def test_deleting_the_active_one_returns_to_the_provider_default(cast, services):
    config = cast.active_config(cast.sue)

    usage = services.mail_configs.usage(cast.sue, config.tenant_id, config.id)
    assert (usage.is_active, usage.used_below, usage.successor_exists) == (True, 1, False)
    services.mail_configs.delete(cast.sue, config.tenant_id, config.id)

    overview = services.mail_configs.overview(cast.sue, config.tenant_id)
    assert overview.lines == ()
    assert overview.stays_on_default


def test_used_below_counts_whoever_inherits_and_nobody_else(cast, services):
    pias = cast.active_config(cast.pia)

    def used():
        return services.mail_configs.overview(cast.pia, pias.tenant_id).line_of(pias.id).used_below

    assert used() == 4
    cast.active_config(cast.rex)
    assert used() == 1


@pytest.mark.asvs("8.3.1")
def test_a_foreign_configuration_does_not_exist(cast, services):
    config = cast.config(cast.sue)

    for person, tenant in ((cast.otto, cast.sue.tenant), (cast.otto, cast.otto.tenant), (cast.cal, cast.sue.tenant)):
        with pytest.raises(NotFoundError):
            services.mail_configs.get(person, tenant.id, config.id)


def test_an_id_that_is_taken_is_not_taken_over(cast):
    config = cast.config(cast.otto)

    with pytest.raises(ConflictError):
        cast.services.mail_configs.create(
            cast.sue, cast.sue.tenant.id, ConfigId(config.id), typed_config(), password=Secret("x")
        )


def test_an_ancestors_owner_may_edit_below_and_both_logs_say_so(cast, services):
    services.mail_configs.create(cast.rex, cast.sue.tenant.id, ConfigId(new_id()), typed_config(), password=Secret("x"))

    for person in (cast.sue, cast.rex):
        entry = services.audit.page(person, person.tenant.id, before=None)[0]
        assert (entry.event, entry.actor_name, entry.subject_name) == ("mail-config.created", "Rex", "Office relay")


def test_the_log_says_what_changed_but_never_a_password(cast, services):
    config = cast.config(cast.sue)
    change(cast, config, password=Secret("canary-4711"), from_name="Desk")

    entry = services.audit.page(cast.sue, config.tenant_id, before=None)[0]
    assert entry.fields == {"from_name": ("office@example.test", "Desk"), "password": ("changed", "changed")}


def test_the_log_says_so_too_when_the_password_came_from_a_test_or_went(cast, services, mail_server):
    config, typed = cast.config(cast.sue, **mail_server.typed("tls")), typed_config(**mail_server.typed("starttls"))
    own, typed_in = config.tenant_id, Secret("open sesame")
    trial_id = services.trials.request_draft(
        cast.sue, own, config.id, typed, password=typed_in, verb=Verb.CHECK, recipient="sue@demo.test"
    )
    silent = replace(typed, signs_in=False)
    for version, form in enumerate((typed, silent, replace(silent, name="New name")), start=1):
        services.mail_configs.update(cast.sue, own, config.id, form, password=NOTHING, version=version, tested=trial_id)

    renamed, erased, replaced = services.audit.page(cast.sue, own, before=None)[:3]
    assert "password" not in renamed.fields
    assert erased.fields["password"] == replaced.fields["password"] == ("changed", "changed")


def test_a_state_that_was_found_elsewhere_is_not_the_state_of_what_is_saved(cast, services, mail_server):
    """A result belongs to the server, the sender and the password with which it was found."""
    config, own = cast.config(cast.sue, **mail_server.typed("tls")), cast.sue.tenant.id

    def latest(**typed):
        nonlocal config
        password = typed.pop("password", NOTHING)
        config = change(cast, config, password=password, **{**mail_server.typed("tls"), **typed})
        return config.last_code

    def test_once():
        services.trials.request_saved(cast.sue, own, config.id, verb=Verb.CHECK, recipient="sue@demo.test")
        run_trials(services)

    test_once()
    assert latest(name="Renamed") == "ok"
    assert latest(password=Secret("wrong")) is None
    test_once()
    assert latest() == "auth.rejected"
    assert latest(password=Secret("open sesame"), **mail_server.typed("starttls")) is None


def test_a_test_with_another_password_says_nothing_about_the_one_that_is_saved(cast, services, mail_server):
    config, own = cast.config(cast.sue, **mail_server.typed("tls")), cast.sue.tenant.id
    typed = typed_config(**mail_server.typed("tls"))
    tested = services.trials.request_draft(
        cast.sue, own, config.id, typed, password=Secret("open sesame"), verb=Verb.CHECK, recipient="sue@demo.test"
    )
    run_trials(services)

    def saved(password, version):
        return services.mail_configs.update(
            cast.sue, own, config.id, typed, password=Secret(password), version=version, tested=tested
        ).last_code

    assert saved("another one", 1) is None
    assert saved("open sesame", 2) == "ok"


def test_no_password_stands_readable_in_the_database(cast, app, tmp_path):
    cast.active_config(cast.sue, password="canary-4711")
    with reading(SYSTEM) as session:
        row = mail_configs.get_by_id(
            session, cast.services.mail_configs.overview(cast.sue, cast.sue.tenant.id).lines[0].config.id
        )
        assert b"canary" not in row.password
    assert not any(b"canary" in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_staff_edits_at_home(cast, services):
    staff = replace(cast.sue, role="staff")

    assert services.mail_configs.overview(staff, cast.sue.tenant.id)
    with pytest.raises(NotFoundError):
        services.mail_configs.overview(replace(cast.rex, role="staff"), cast.sue.tenant.id)
