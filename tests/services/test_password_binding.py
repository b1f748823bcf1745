"""A stored password goes where it was meant to go: whatever else changes, on whichever way, it does not open.

Every other destination here is as bad as can be: it listens, its certificate is one that the form trusts, the operator
lets passwords go out unencrypted, and the user said yes to that. Only the binding stands between it and the password.
"""

import contextlib
from dataclasses import replace
from itertools import chain, combinations

import pytest
from sqlalchemy import update

from portal.domain.config_rules import judged
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.errors import InvalidError
from portal.domain.ids import ConfigId, new_id
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from portal.store import mail_configs, shapes
from portal.store.db import SYSTEM, db, reading, unit_of_work
from portal.store.trials import TrialRow
from portal.vault.vault import SealBrokenError
from tests import certificates
from tests.cast import PASSWORD, typed_config
from tests.scripted_smtp import ScriptedServer
from tests.work import deliver_all, run_trials

NOTHING = Secret("")
HOME, ELSEWHERE = "127.0.0.1", "127.0.0.2"
FIELDS = ("host", "port", "encryption", "username", "mechanism", "trust")
SUBSETS = tuple(chain.from_iterable(combinations(FIELDS, count) for count in range(1, len(FIELDS) + 1)))


@pytest.fixture(scope="module")
def servers():
    """Two machines with two ports each; the first is where the password belongs."""
    leaf = certificates.good(HOME, ELSEWHERE)
    with contextlib.ExitStack() as running:

        def server(place):
            return running.enter_context(ScriptedServer(tls=certificates.serving(leaf), place=place))

        home, other_port = server((HOME, 0)), server((HOME, 0))
        yield home, other_port, server((ELSEWHERE, home.port)), server((ELSEWHERE, other_port.port))


@pytest.fixture(autouse=True)
def _nothing_heard(servers):
    for server in servers:
        server.heard.clear()
        server.connections = 0


@pytest.fixture
def app(make_portal, servers):
    ports = frozenset(server.port for server in servers)
    portal = make_portal(egress_ports=ports, cleartext_sign_in=True)
    with portal.app_context():
        yield portal
        db.engine.dispose()


@pytest.fixture
def typed(servers):
    """The form as it was saved, with the fields of a subset changed."""
    home, other_port = servers[:2]
    saved = {
        "host": HOME,
        "port": str(home.port),
        "encryption": "starttls",
        "trust_kind": "private_ca",
        "trust_pem": certificates.authority_pem(),
    }
    changed = {
        "host": {"host": ELSEWHERE},
        "port": {"port": str(other_port.port)},
        "encryption": {"encryption": "none", "cleartext_consent": True},
        "username": {"username": "somebody@example.test"},
        "mechanism": {"mechanism": "login"},
        "trust": {
            "trust_kind": "pin",
            "trust_pin": certificates.pinned(certificates.good(HOME, ELSEWHERE)).value,
            "trust_pem": "",
        },
    }

    def form(*fields):
        return typed_config(**saved | {name: value for field in fields for name, value in changed[field].items()})

    return form


@pytest.fixture
def config(cast, typed):
    """Sue's configuration with its password, selected."""
    own, config_id = cast.sue.tenant.id, ConfigId(new_id())
    cast.services.mail_configs.create(cast.sue, own, config_id, typed(), password=Secret(PASSWORD))
    cast.services.mail_configs.select(cast.sue, own, config_id)
    return cast.services.mail_configs.get(cast.sue, own, config_id)


def test_the_table_is_every_way_to_change_a_destination():
    assert len(SUBSETS) == len(set(SUBSETS)) == 2 ** len(FIELDS) - 1


def test_saving_asks_for_the_password_again(cast, config, typed, servers):
    for fields in SUBSETS:
        with pytest.raises(InvalidError) as refused:
            save(cast, config, typed(*fields))
        assert codes(refused) == {"password": "destination-changed"}, fields

    assert_unvisited(servers)


def test_testing_what_is_not_saved_asks_for_the_password_again(cast, config, typed, servers):
    for fields in SUBSETS:
        with pytest.raises(InvalidError) as refused:
            ask(cast, config, typed(*fields))
        assert codes(refused) == {"password": "destination-changed"}, fields

    run_trials(cast.services)
    assert_unvisited(servers)


def test_a_password_typed_for_a_test_is_not_saved_for_another_destination(cast, config, typed, servers):
    tested = ask(cast, config, typed(), password=Secret("another"))
    for fields in SUBSETS:
        for attempt in (save, ask):
            with pytest.raises(InvalidError) as refused:
                attempt(cast, config, typed(*fields), tested=tested)
            assert codes(refused) == {"password": "destination-changed"}, fields

    assert_unvisited(servers)


def test_testing_a_configuration_that_was_changed_by_hand_in_the_database_sends_no_password(
    cast, config, typed, servers, clock
):
    for fields in SUBSETS:
        rewrite(mail_configs.MailConfigRow, config.id, shapes.of_draft(judged(typed(*fields))))
        trial_id = cast.services.trials.request_saved(
            cast.sue, config.tenant_id, config.id, verb=Verb.CHECK, recipient="sue@demo.test"
        )
        run_trials(cast.services)

        trial = cast.services.trials.get(cast.sue, config.tenant_id, trial_id)
        assert trial.code is Code.PASSWORD_NEEDED, fields
        clock.forward(hours=1)

    assert_unvisited(servers)


def test_a_waiting_test_that_was_changed_by_hand_in_the_database_sends_no_password(cast, config, typed, servers, clock):
    for fields in SUBSETS:
        trial_id = ask(cast, config, typed(), password=Secret(PASSWORD))
        rewrite(TrialRow, trial_id, {"draft": shapes.of_draft(judged(typed(*fields)))})
        run_trials(cast.services)

        trial = cast.services.trials.get(cast.sue, config.tenant_id, trial_id)
        assert trial.code is Code.PASSWORD_NEEDED, fields
        clock.forward(hours=1)

    assert_unvisited(servers)


def test_delivering_through_a_configuration_that_was_changed_by_hand_in_the_database_sends_no_password(
    cast, config, typed, servers
):
    for fields in SUBSETS:
        rewrite(mail_configs.MailConfigRow, config.id, shapes.of_draft(judged(typed(*fields))))
        message_id = send(cast)
        deliver_all(cast.services)

        lines = cast.services.mail_log.show(cast.sue, config.tenant_id, message_id).lines
        assert [(line.state, line.code) for line in lines] == [(State.DEFERRED, Code.PASSWORD_NEEDED)], fields

    assert_unvisited(servers)


def test_the_stored_password_opens_for_its_own_destination_alone(cast, config, typed):
    with reading(SYSTEM) as session:
        own = cast.services.trial_runs.passwords.of_tenant(session, config.tenant_id)
        sealed = mail_configs.get_by_id(session, config.id).password

    assert own.open_password(sealed, config.id, config.draft.destination).reveal() == PASSWORD
    for fields in SUBSETS:
        with pytest.raises(SealBrokenError):
            own.open_password(sealed, config.id, judged(typed(*fields)).destination)


def test_whoever_types_the_password_may_send_it_to_each_of_these_destinations(cast, config, typed, servers, clock):
    for fields in ((), *SUBSETS):
        trial_id = ask(cast, config, typed(*fields), password=Secret("typed anew"))
        run_trials(cast.services)
        assert cast.services.trials.get(cast.sue, config.tenant_id, trial_id).code is Code.OK, fields
        clock.forward(hours=1)

    signed_in = [server.verbs().count("AUTH") for server in servers]
    assert sum(signed_in) == len(SUBSETS) + 1
    assert min(signed_in) == (len(SUBSETS) + 1) / len(servers)


SPELLINGS = (
    ("smtp.example.test", {"host": "SMTP.Example.TEST"}),
    ("smtp.example.test", {"host": "smtp.example.test."}),
    ("smtp.example.test", {"host": "  smtp.example.test\t"}),
    ("bücher.example", {"host": "xn--bcher-kva.example"}),
    ("xn--bcher-kva.example", {"host": "BÜCHER.example."}),
    ("192.0.2.1", {"host": "192.0.2.1."}),
    ("2001:db8::1", {"host": "2001:0DB8:0:0:0:0:0:0001"}),
    ("smtp.example.test", {"port": " 587 "}),
    ("smtp.example.test", {"port": "00587"}),
    ("smtp.example.test", {"username": " office@example.test "}),
    ("smtp.example.test", {"trust_pem": "left over", "trust_pin": "left over"}),
    ("smtp.example.test", {"name": "Another name", "from_name": "Rex", "charset": "iso-8859-2", "helo_name": "a.test"}),
)


def test_another_spelling_of_the_same_destination_keeps_the_password(cast):
    for number, (host, spelling) in enumerate(SPELLINGS):
        config = cast.config(cast.sue, name=f"c{number}", host=host)
        again = typed_config(**{"name": f"c{number}", "host": host, **spelling})

        ask(cast, config, again)
        assert save(cast, config, again).has_password, spelling


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"trust_kind": "pin", "trust_pin": "ab" * 32}, {"trust_pin": ":".join(["AB"] * 32)}),
        (
            {"trust_kind": "private_ca", "trust_pem": certificates.authority_pem()},
            {"trust_pem": "\r\n" + certificates.authority_pem().replace("\n", "\r\n") + "\r\n"},
        ),
    ],
    ids=["pin", "authority"],
)
def test_another_spelling_of_the_same_trust_keeps_the_password(cast, before, after):
    config = cast.config(cast.sue, **before)
    again = typed_config(**before | after)

    ask(cast, config, again)
    assert save(cast, config, again).has_password


def save(cast, config, typed, tested=None):
    return cast.services.mail_configs.update(
        cast.sue, config.tenant_id, config.id, typed, password=NOTHING, version=config.version, tested=tested
    )


def ask(cast, config, typed, *, password=NOTHING, tested=None):
    return cast.services.trials.request_draft(
        cast.sue,
        config.tenant_id,
        config.id,
        typed,
        password=password,
        verb=Verb.CHECK,
        recipient="sue@demo.test",
        tested=tested,
    )


def send(cast):
    to = (Mailbox("cal@demo.test", "Cal"),)
    return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=Outgoing("Hello", "A line.\n"))[0]


def rewrite(table, row_id, values):
    """Change a row behind the portal's back, as somebody at the database could."""
    with unit_of_work(SYSTEM) as session:
        session.execute(update(table).where(table.id == row_id).values(**values))


def codes(refused):
    return {problem.field: problem.code for problem in refused.value.problems}


def assert_unvisited(servers):
    """Not even a connection: the refusal comes before the network."""
    assert [(server.connections, server.heard) for server in servers] == [(0, [])] * len(servers)


def test_a_password_typed_for_a_test_opens_for_what_the_test_proposes_and_for_nothing_else(cast):
    """Every destination that shares the host is one click away; another host, user or trust is not."""
    typed = typed_config(host="smtp.example.test", port="587", encryption="starttls")
    config_id = ConfigId(new_id())
    tested = request_test(cast, config_id, typed, Secret("typed once"))

    for changed in ({"port": "465", "encryption": "tls"}, {"encryption": "tls"}):
        assert request_test(cast, config_id, replace(typed, **changed), NOTHING, tested=tested)
    for changed in (
        {"host": "smtp2.example.test"},
        {"username": "otto@example.test"},
        {"port": "2525"},
        {"port": "465", "encryption": "tls", "trust_kind": "pin", "trust_pin": "0" * 64},
    ):
        with pytest.raises(InvalidError):
            request_test(cast, config_id, replace(typed, **changed), NOTHING, tested=tested)


def request_test(cast, config_id, typed, password, tested=None):
    return cast.services.trials.request_draft(
        cast.sue,
        cast.sue.tenant.id,
        config_id,
        typed,
        password=password,
        verb=Verb.CHECK,
        recipient="sue@demo.test",
        tested=tested,
    )
