"""The demo as a whole: its people, its configurations, its mail server, and that it stays on this machine."""

import socket

import pytest

from portal.demo import Demo, PortTakenError, is_loopback, opened
from portal.demo.seed import PEOPLE
from portal.domain.config_rules import judged
from portal.domain.errors import ConflictError
from portal.domain.mail_config import Encryption, SignIn
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Actor, Role
from portal.domain.secret import Secret
from portal.services.accounts import SignInRefusedError
from portal.settings import BadSettingError
from tests.cast import PASSWORD
from tests.fixtures_demo import free_ports, keep
from tests.fixtures_portal import settings_for
from tests.work import deliver_all


@pytest.fixture
def services(demo_app):
    return demo_app.extensions["portal.services"]


@pytest.fixture
def sign_in(services):
    def actor_of(name: str, password: str = PASSWORD) -> Actor:
        reference = services.accounts.sign_in(f"{name}@demo.test", Secret(password), address="127.0.0.1")
        return services.accounts.actor_of(reference)

    return actor_of


def names(branch):
    return {branch.tenant.name: {name: below for each in branch.branches for name, below in names(each).items()}}


def test_the_tree_has_three_levels_below_pia_and_a_neighbour_branch(demo, services, sign_in):
    pia = sign_in("pia")

    assert names(services.tenants.tree(pia, pia.tenant.id)) == {
        "Pia Cloud": {
            "Otto Online": {"Otto's Workshop": {}},
            "Rex Hosting": {"Rex Showroom": {}, "Sue & Partners": {"Cal & Co": {}}},
        }
    }


def test_everybody_signs_in_with_the_wanted_password(demo, sign_in):
    cast = {person.name: sign_in(person.name.lower()) for person in PEOPLE}

    assert {name: (actor.tenant.name, actor.role) for name, actor in cast.items()} == {
        "Pia": ("Pia Cloud", Role.OWNER),
        "Rex": ("Rex Hosting", Role.OWNER),
        "Sue": ("Sue & Partners", Role.OWNER),
        "Cal": ("Cal & Co", Role.CUSTOMER),
        "Otto": ("Otto Online", Role.OWNER),
    }


def test_without_a_wanted_password_one_is_made_up_and_kept(make_portal, tmp_path, services_of):
    keep(free_ports(), tmp_path / "demo")
    app = make_portal(demo=True)
    services, stage = services_of(app)
    stage.load(services)

    assert len(stage.password.reveal()) >= 12
    assert (tmp_path / "demo" / "password").stat().st_mode & 0o777 == 0o600
    services.accounts.sign_in("sue@demo.test", stage.password, address="127.0.0.1")


@pytest.fixture
def services_of():
    contexts = []

    def both(app):
        contexts.append(app.app_context())
        contexts[-1].push()
        return app.extensions["portal.services"], app.extensions["portal.demo"]

    yield both
    for context in reversed(contexts):
        context.pop()


def test_each_configuration_stands_where_it_is_told_and_only_two_are_active(demo, services, sign_in):
    lines = {}
    for name in ("pia", "rex", "sue", "otto"):
        keeper = sign_in(name)
        for line in services.mail_configs.overview(keeper, keeper.tenant.id).lines:
            draft = services.mail_configs.get(keeper, keeper.tenant.id, line.config.id).draft
            lines[line.config.name] = (name, draft.destination.encryption.value, draft.charset, line.is_active)

    assert lines == {
        "Cloud relay": ("pia", "starttls", "utf-8", True),
        "Archive relay": ("pia", "none", "iso-8859-1", False),
        "Rex relay": ("rex", "tls", "windows-1252", False),
        "Newsletter": ("sue", "starttls", "iso-8859-2", False),
        "Otto relay": ("otto", "tls", "koi8-r", True),
    }


def test_loading_happens_once(demo, services, sign_in):
    demo.load(services)

    assert len(sign_in("pia").tenant.path) > 0
    with pytest.raises(ConflictError):
        services.tenants.set_up(name="Another root")


def test_a_portal_that_holds_companies_already_is_left_alone(demo_app, services, sign_in):
    stage = demo_app.extensions["portal.demo"]
    services.tenants.set_up(name="Somebody's own")
    stage.load(services)

    assert stage.password is None
    with pytest.raises(SignInRefusedError):
        sign_in("pia")


@pytest.mark.parametrize("length", [7, 129])
def test_a_password_that_people_could_not_have_stops_the_start(make_portal, length):
    with pytest.raises(BadSettingError, match="PORTAL_DEMO_PASSWORD has between 8 and 128 characters"):
        make_portal(demo=True, demo_password=Secret("x" * length))


def test_a_mail_of_cal_s_company_arrives_through_pia_s_relay(running_demo, services, sign_in):
    cal = sign_in("cal")
    services.sending.send(tenant_id=cal.tenant.id, to=(Mailbox(cal.email),), content=Outgoing("Grüße", "Hällo\n"))
    deliver_all(services)
    letter = running_demo.mailbox.newest(1)[0]

    assert (letter.subject, letter.text.strip(), letter.charset) == ("Grüße", "Hällo", "utf-8")
    assert (letter.arrival.encryption, letter.arrival.sender) == (Encryption.STARTTLS, "noreply@pia-cloud.test")


@pytest.mark.parametrize("door", ["starttls", "tls", "plain"])
def test_every_preset_is_a_valid_configuration_of_its_door(demo, door):
    preset = demo.presets()[door]
    draft = judged(preset.typed, needs_name=False)

    assert draft.destination.port == getattr(demo.ports, door)
    assert (draft.sign_in is SignIn.PASSWORD) == bool(preset.password) == (door != "plain")


def test_the_presets_survive_a_restart_because_passwords_are_bound_to_them(demo, tmp_path):
    again = Demo.of(settings_for(tmp_path, demo=True))

    assert again.presets() == demo.presets()


def test_a_demo_opens_the_way_to_its_own_server_and_to_nothing_else(tmp_path):
    before = settings_for(tmp_path, demo=True, egress_networks=())
    after = opened(before)

    assert [str(network) for network in after.egress_networks] == ["127.0.0.0/8", "::1/128"]
    assert after.egress_ports - before.egress_ports <= set(Demo.of(before).ports)


def test_a_port_that_somebody_else_took_since_is_named_at_the_start(running_demo, tmp_path):
    # It does not share its port, as two generations of the same portal would.
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        keep(running_demo.ports._replace(plain=foreign.getsockname()[1]), tmp_path / "demo")
        late = Demo.of(settings_for(tmp_path, demo=True))
        running_demo.stop()
        with pytest.raises(PortTakenError, match=str(late.ports.plain)):
            late.start()


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "::2", "", "localhost"])
def test_whoever_asks_from_elsewhere_is_refused(demo_app, address):
    answer = demo_app.test_client().get("/sign-in", environ_overrides={"REMOTE_ADDR": address})

    assert answer.status_code == 403
    assert "the machine it runs on" in answer.text


def test_a_stranger_s_post_is_refused_before_anything_is_looked_at(demo_app):
    answer = demo_app.test_client().post("/sign-in", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

    assert answer.status_code == 403
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_answered(demo_app, address):
    answer = demo_app.test_client().get("/sign-in", environ_overrides={"REMOTE_ADDR": address})

    assert answer.status_code == 200


def test_without_the_demo_nothing_of_it_is_there(make_portal):
    app = make_portal()

    assert "portal.demo" not in app.extensions
    assert app.test_client().get("/sign-in", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    assert not any(rule.rule.startswith("/demo") for rule in app.url_map.iter_rules())


@pytest.mark.parametrize(
    ("address", "is_ours"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("example.test", False)]
)
def test_loopback_is_told_by_the_address_alone(address, is_ours):
    assert is_loopback(address) is is_ours
