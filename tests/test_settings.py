import base64
import os
import re
import stat
from ipaddress import ip_network
from pathlib import Path

import pytest
import trustme

from portal.domain.key_strength import weakness_of_key, weakness_of_text
from portal.domain.mail_config import Encryption, SignIn, TrustKind
from portal.domain.secret import Secret
from portal.settings import SETTING_NAMES, BadSettingError, Settings, ensure_keys
from portal.settings.keys import new_key, new_secret_key

ROOT = Path(__file__).parent.parent
KEY = base64.b64encode(bytes(range(32))).decode()
# Made by chance, once.
GOOD_KEY = "jTzDqCq0lIe3Yb7G9QqDN1d9lCYF7wFv3dWmJ0sX0pA="
OTHER_KEY = "w1mXgZ3Vn6i0b2o8pE1rC4tU5yHqLkJd7fSaRz9eQvM="
GOOD_SECRET = "Zr8KqV3nWx1Tf6LmYb0HsPd9Jc4GuE7o"
PRODUCTION = {
    "PORTAL_PRODUCTION": "1",
    "PORTAL_SECRET_KEY": GOOD_SECRET,
    "PORTAL_KEYS": f"new:{GOOD_KEY}",
    "PORTAL_PUBLIC_URL": "https://portal.example",
}
RELAY = {"PORTAL_MAIL_HOST": "Relay.Example.", "PORTAL_MAIL_FROM": "portal@EXAMPLE.test"}


def read(environ, root=Path("/srv/relaytree")):
    return Settings.from_environ(environ, root)


def refusal(environ, root=Path("/srv/relaytree")):
    with pytest.raises(BadSettingError) as refused:
        read(environ, root)
    return str(refused.value)


def counting(length):
    return bytes(range(length))


def test_without_any_setting_the_portal_runs_on_sqlite_for_this_machine_alone():
    settings = read({})

    assert settings.instance_dir == Path("/srv/relaytree/instance")
    assert settings.database_url == "sqlite:////srv/relaytree/instance/portal.db"
    assert (settings.public_url, settings.port) == ("http://127.0.0.1:8000", 8000)
    assert (settings.production, settings.demo, settings.cleartext_sign_in) == (False, False, False)
    assert (settings.trusted_proxies, settings.senders, settings.log_format) == (0, 4, "text")
    assert (settings.egress_networks, settings.egress_ports) == ((), {25, 465, 587, 2525})
    assert (settings.secret_key, settings.key_ring, settings.instance_default) == (None, (), None)


def test_every_setting_arrives_where_it_belongs():
    settings = read(
        PRODUCTION
        | {
            "PORTAL_INSTANCE_DIR": "/var/lib/relaytree",
            "PORTAL_DATABASE_URL": "sqlite:////srv/relaytree/portal.db",
            "PORTAL_TRUSTED_PROXIES": "2",
            "PORTAL_EGRESS_NETWORKS": "10.1.0.0/16, fd00::/8",
            "PORTAL_EGRESS_PORTS": "2587, 10025",
            "PORTAL_CLEARTEXT_SIGN_IN": "1",
            "PORTAL_SENDERS": "8",
            "PORTAL_LOG_FORMAT": "json",
            "PORT": "9000",
        }
    )

    assert settings.production
    assert settings.instance_dir == Path("/var/lib/relaytree")
    assert settings.database_url == "sqlite:////srv/relaytree/portal.db"
    assert settings.secret_key == Secret(GOOD_SECRET)
    assert settings.key_ring == (("new", base64.b64decode(GOOD_KEY)),)
    assert (settings.public_url, settings.port, settings.trusted_proxies) == ("https://portal.example", 9000, 2)
    assert settings.egress_networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert settings.egress_ports == {25, 465, 587, 2525, 2587, 10025}
    assert (settings.cleartext_sign_in, settings.senders, settings.log_format) == (True, 8, "json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_PRODUCTION", "yes"),
        ("PORTAL_DEMO", "true"),
        ("PORTAL_CLEARTEXT_SIGN_IN", "2"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "8_000"),
        ("PORT", "٨٠٠٠"),
        ("PORT", "9" * 5000),
        ("PORTAL_TRUSTED_PROXIES", "-1"),
        ("PORTAL_SENDERS", "1"),
        ("PORTAL_SENDERS", "33"),
        ("PORTAL_LOG_FORMAT", "xml"),
        ("PORTAL_SECOND_FACTOR", "everybody"),
        ("PORTAL_BREACHED_PASSWORDS", "/nowhere/pwned.txt"),
        ("PORTAL_BREACHED_PASSWORDS", "/etc/hostname"),
        ("PORTAL_DATABASE_URL", "mysql://db.example/portal"),
        ("PORTAL_DATABASE_URL", "postgresql+psycopg://db.example/portal"),
        ("PORTAL_DATABASE_URL", "sqlite://"),
        ("PORTAL_BROKER_URL", "redis://127.0.0.1"),  # without PostgreSQL
        ("PORTAL_PROCESSES", "2"),  # without PostgreSQL
        ("PORTAL_PROCESSES", "0"),
        ("PORTAL_EGRESS_NETWORKS", "10.1.2.3/16"),
        ("PORTAL_EGRESS_NETWORKS", "relay.example"),
        ("PORTAL_EGRESS_PORTS", "587,0"),
        ("PORTAL_KEYS", "no-colon"),
        ("PORTAL_KEYS", "short:" + base64.b64encode(bytes(31)).decode()),
        ("PORTAL_KEYS", f"spaced name:{KEY}"),
        ("PORTAL_KEYS", f"one:{KEY},one:{KEY}"),
        ("PORTAL_KEYS", f"one:{KEY},"),
        ("PORTAL_PUBLIC_URL", "portal.example"),
        ("PORTAL_PUBLIC_URL", "ftp://portal.example"),
        ("PORTAL_PUBLIC_URL", "https://portal.example/"),
        ("PORTAL_PUBLIC_URL", "https://portal.example?"),
        ("PORTAL_PUBLIC_URL", "https://portal.example/mail"),
        ("PORTAL_PUBLIC_URL", "https://pia@portal.example"),
        ("PORTAL_PUBLIC_URL", "https://[portal.example"),
        ("PORTAL_PUBLIC_URL", "https://portal.example:99999"),
        ("PORTAL_SECRET_KEY_FILE", "/nowhere/secret_key"),
        ("PORTAL_MAIL_PORT", "25"),
        ("PORTAL_MAIL_PASSWORD_FILE", "/nowhere/password"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_start_and_names_itself(name, value):
    assert name.removesuffix("_FILE") in refusal({name: value})


@pytest.mark.asvs("13.2.3")
@pytest.mark.parametrize("name", ["PORTAL_SECRET_KEY", "PORTAL_KEYS", "PORTAL_PUBLIC_URL"])
def test_production_asks_for_what_it_cannot_make_up(name):
    environ = {key: value for key, value in PRODUCTION.items() if key != name}

    assert refusal(environ).startswith(f"{name} is not set")


def test_production_does_not_take_the_keys_that_a_trial_run_left_behind(tmp_path):
    ensure_keys(tmp_path / "instance", random=counting)
    environ = {key: value for key, value in PRODUCTION.items() if key != "PORTAL_KEYS"}

    assert refusal(environ, tmp_path).startswith("PORTAL_KEYS is not set")


@pytest.mark.asvs("11.2.3", "12.2.1", "15.2.3")
@pytest.mark.parametrize(
    ("name", "value"),
    [("PORTAL_SECRET_KEY", GOOD_SECRET[:31]), ("PORTAL_PUBLIC_URL", "http://portal.example"), ("PORTAL_DEMO", "1")],
)
def test_production_refuses_a_weak_key_a_clear_address_and_the_demo(name, value):
    assert name in refusal(PRODUCTION | {name: value})


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (bytes(32), "repeats itself"),
        (b"\x01\x02" * 16, "repeats itself"),
        (bytes(range(32)), "only counts up or down"),
        (bytes(range(255, 223, -1)), "only counts up or down"),
        (b"\x07\x01\x09\x33" * 6 + b"\x01\x02\x09\x44\x10\x21\x33\x01", "has too few different characters"),
        (b"correct horse battery staple pia", "is text that somebody typed"),
    ],
)
def test_production_refuses_a_master_key_that_was_not_made_by_chance(key, why):
    told = refusal(PRODUCTION | {"PORTAL_KEYS": f"new:{base64.b64encode(key).decode()},old:{OTHER_KEY}"})

    assert told == (f"PORTAL_KEYS: the key new is easy to guess: it {why}. Make one with: python -m portal keys new")
    assert read({"PORTAL_KEYS": f"new:{base64.b64encode(key).decode()}"}).key_ring[0][1] == key


def test_a_weak_key_may_stand_behind_a_good_one_so_that_everything_can_be_moved_away_from_it():
    assert len(read(PRODUCTION | {"PORTAL_KEYS": f"new:{GOOD_KEY},weak:{KEY}"}).key_ring) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("s" * 64, "repeats itself"),
        ("x7Kp" * 16, "repeats itself"),
        ("abcdeghijklmnopqrstuvwxyz012345689", "only counts up or down"),
        ("aabbcbacbcabccbabacbcbacabcabcacab", "has too few different characters"),
        ("please-ChangeMe-before-you-start-it", "holds a word that everybody tries"),
        ("Zr8KqV3nWx1T-my-secret-6LmYb0HsPd9", "holds a word that everybody tries"),
    ],
)
def test_production_refuses_a_session_key_that_was_not_made_by_chance(text, why):
    told = refusal(PRODUCTION | {"PORTAL_SECRET_KEY": text})

    assert told == (
        f"PORTAL_SECRET_KEY is easy to guess: it {why}. Make one with: python -m portal keys new --secret-key"
    )
    assert read({"PORTAL_SECRET_KEY": text}).secret_key == Secret(text)


@pytest.mark.parametrize("name", ["PORTAL_SECRET_KEY", "PORTAL_METRICS_TOKEN"])
@pytest.mark.parametrize(
    "value",
    [GOOD_KEY, base64.b64decode(GOOD_KEY).hex(), base64.urlsafe_b64encode(base64.b64decode(GOOD_KEY)).decode()],
)
def test_production_refuses_one_secret_for_two_purposes(name, value):
    assert refusal(PRODUCTION | {name: value}).startswith(f"{name} is the same as the key new of PORTAL_KEYS")


def test_production_refuses_one_key_under_two_names_and_a_token_that_signs_sessions():
    assert "one and two are the same key" in refusal(PRODUCTION | {"PORTAL_KEYS": f"one:{GOOD_KEY},two:{GOOD_KEY}"})
    assert refusal(PRODUCTION | {"PORTAL_METRICS_TOKEN": GOOD_SECRET}).startswith(
        "PORTAL_METRICS_TOKEN is the same as PORTAL_SECRET_KEY"
    )


def test_a_missing_key_is_refused_with_the_command_that_makes_one():
    assert refusal(PRODUCTION | {"PORTAL_SECRET_KEY": ""}).endswith("python -m portal keys new --secret-key")
    assert refusal(PRODUCTION | {"PORTAL_KEYS": ""}).endswith("python -m portal keys new")


def test_of_thousands_of_keys_that_were_made_by_chance_none_is_called_weak():
    made = [new_key("n", random=os.urandom).partition(":")[2] for _ in range(2_000)]

    assert {weakness_of_key(base64.b64decode(each)) for each in made} == {None}
    assert {weakness_of_text(new_secret_key(random=os.urandom)) for _ in range(2_000)} == {None}
    assert {weakness_of_text(os.urandom(16).hex()) for _ in range(2_000)} == {None}


def test_an_address_is_kept_in_its_canonical_spelling():
    assert read({"PORTAL_PUBLIC_URL": "HTTPS://Portal.Example:8443"}).public_url == "https://portal.example:8443"
    assert read({"PORTAL_PUBLIC_URL": "http://[::1]:8000"}).public_url == "http://[::1]:8000"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("PORTAL_PORT", "PORT"),
        ("PORTAL_DATABSE_URL", "PORTAL_DATABASE_URL"),
        ("PORTAL_MAIL_SERVER_HOST", "PORTAL_MAIL_HOST"),
    ],
)
def test_a_mistyped_name_is_refused_and_the_nearest_one_proposed(typed, meant):
    assert refusal({typed: "x"}) == f"{typed} is not a setting; did you mean {meant}?"


def test_a_database_on_a_server_lets_several_processes_serve_and_others_deliver():
    scaled = read(
        {
            "PORTAL_DATABASE_URL": "postgresql://portal:x@db.example/portal",
            "PORTAL_BROKER_URL": "redis://broker.example/0",
            "PORTAL_PROCESSES": "4",
        }
    )

    assert scaled.database_url == "postgresql+psycopg://portal:x@db.example/portal"
    assert scaled.broker_url.reveal() == "redis://broker.example/0"
    assert scaled.processes == 4
    assert "broker.example" not in repr(scaled)


def test_workers_in_production_need_a_journal_that_stays(tmp_path):
    scaled = {"PORTAL_DATABASE_URL": "postgresql:///portal", "PORTAL_BROKER_URL": "redis://broker.example"}

    assert "PORTAL_JOURNAL_DIR" in refusal(PRODUCTION | scaled)
    assert read(PRODUCTION | scaled | {"PORTAL_JOURNAL_DIR": str(tmp_path)}).journal_dir == tmp_path


@pytest.mark.parametrize("url", ["memory://", "sqs://", "127.0.0.1"])
def test_a_broker_that_is_neither_redis_nor_rabbitmq_is_refused_by_name(url):
    assert "PORTAL_BROKER_URL" in refusal({"PORTAL_DATABASE_URL": "postgresql:///portal", "PORTAL_BROKER_URL": url})


def test_a_name_like_no_other_is_refused_without_a_guess():
    assert refusal({"PORTAL_ZZZZ": "x"}) == "PORTAL_ZZZZ is not a setting"


def test_an_empty_value_is_the_same_as_none():
    assert read(dict.fromkeys(SETTING_NAMES, "")) == read({})


@pytest.mark.asvs("13.3.1")
def test_a_secret_is_read_from_the_file_that_is_named(tmp_path):
    (tmp_path / "password").write_text("correct horse\n")

    assert read({"PORTAL_DEMO_PASSWORD_FILE": "password"}, tmp_path).demo_password == Secret("correct horse")


def test_a_secret_given_twice_is_refused(tmp_path):
    (tmp_path / "password").write_text("one")

    assert "both set" in refusal({"PORTAL_DEMO_PASSWORD": "two", "PORTAL_DEMO_PASSWORD_FILE": "password"}, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 70_000])
def test_a_secret_file_that_cannot_be_meant_is_refused(tmp_path, content):
    (tmp_path / "password").write_bytes(content)

    assert refusal({"PORTAL_DEMO_PASSWORD_FILE": "password"}, tmp_path).startswith("PORTAL_DEMO_PASSWORD_FILE: ")


def test_no_secret_shows_in_the_repr_or_in_a_refusal(tmp_path):
    secrets = {
        "PORTAL_DATABASE_URL": "sqlite:////canary/portal.db",
        "PORTAL_SECRET_KEY": "canary" * 8,
        "PORTAL_DEMO_PASSWORD": "canary",
        "PORTAL_MAIL_USERNAME": "portal",
        "PORTAL_MAIL_PASSWORD": "canary",
    }

    shown = repr(read(RELAY | secrets | {"PORTAL_KEYS": f"new:{KEY}"}))

    assert "canary" not in shown
    assert repr(bytes(range(32))) not in shown
    assert "canary" not in refusal({"PORTAL_KEYS": "one:canary"})
    assert "canary" not in refusal({"PORTAL_DATABASE_URL": "mysql://portal:canary@db.example"})


@pytest.mark.asvs("11.6.1")
def test_the_first_run_makes_keys_that_nobody_else_can_read(tmp_path):
    old_mask = os.umask(0)
    try:
        ensure_keys(tmp_path / "instance", random=counting)
    finally:
        os.umask(old_mask)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "instance").iterdir()}
    assert modes == {"secret_key": 0o600, "keys": 0o600}
    assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700
    settings = read({}, tmp_path)
    assert settings.secret_key == Secret(bytes(range(32)).hex())
    assert settings.key_ring == (("00010203", bytes(range(32))),)


def test_a_later_run_keeps_the_keys_and_makes_only_what_is_missing(tmp_path):
    ensure_keys(tmp_path, random=counting)
    (tmp_path / "secret_key").unlink()
    kept = (tmp_path / "keys").read_bytes()

    ensure_keys(tmp_path, random=lambda length: bytes([255]) * length)

    assert (tmp_path / "keys").read_bytes() == kept
    assert (tmp_path / "secret_key").read_text() == "ff" * 32


def test_with_both_keys_there_nothing_is_written_at_all(tmp_path, monkeypatch):
    ensure_keys(tmp_path, random=counting)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: pytest.fail("wrote to a finished directory"))

    ensure_keys(tmp_path, random=counting)


def test_of_two_first_runs_at_once_one_wins_and_nothing_is_left_over(tmp_path, monkeypatch):
    def somebody_was_faster(_unfinished, path):
        Path(path).write_text("theirs")
        raise FileExistsError

    monkeypatch.setattr(os, "link", somebody_was_faster)

    ensure_keys(tmp_path, random=counting)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"secret_key": "theirs", "keys": "theirs"}


def test_an_instance_directory_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "instance").write_text("a file stands in the way")

    with pytest.raises(BadSettingError, match="PORTAL_INSTANCE_DIR"):
        ensure_keys(tmp_path / "instance", random=counting)


def test_the_environment_gives_the_installation_a_last_resort():
    default = read(
        RELAY
        | {
            "PORTAL_MAIL_PORT": "2525",
            "PORTAL_MAIL_ENCRYPTION": "tls",
            "PORTAL_MAIL_USERNAME": "portal",
            "PORTAL_MAIL_PASSWORD": "correct horse",
            "PORTAL_MAIL_FROM_NAME": "Pia's portal",
            "PORTAL_MAIL_CHARSET": "ISO-8859-1",
        }
    ).instance_default

    assert default.password == Secret("correct horse")
    assert default.draft.sign_in is SignIn.PASSWORD
    assert (default.draft.from_address, default.draft.from_name) == ("portal@example.test", "Pia's portal")
    assert default.draft.charset == "iso-8859-1"
    destination = default.draft.destination
    assert (destination.host, destination.port, destination.username) == ("relay.example", 2525, "portal")
    assert destination.encryption is Encryption.TLS


@pytest.mark.parametrize(("encryption", "port"), [("none", 25), ("starttls", 587), ("tls", 465), ("", 587)])
def test_the_last_resort_takes_the_usual_port_and_never_falls_back_to_clear_text(encryption, port):
    default = read(RELAY | {"PORTAL_MAIL_ENCRYPTION": encryption}).instance_default

    assert default.draft.destination.port == port
    assert default.draft.destination.encryption == (encryption or "starttls")
    assert (default.draft.sign_in, default.password) == (SignIn.NONE, None)


@pytest.mark.parametrize("permission", ["0", "1"])
def test_the_operators_permission_is_his_consent_to_sign_in_without_encryption(permission):
    default = read(RELAY | {"PORTAL_CLEARTEXT_SIGN_IN": permission}).instance_default

    assert default.draft.cleartext_consent is (permission == "1")


def test_the_last_resort_can_trust_a_private_authority(tmp_path):
    pem = trustme.CA().cert_pem.bytes()
    (tmp_path / "ca.pem").write_bytes(pem)

    default = read(RELAY | {"PORTAL_MAIL_CA_FILE": "ca.pem"}, tmp_path).instance_default

    assert default.draft.destination.trust.kind is TrustKind.PRIVATE_CA
    assert default.draft.destination.trust.value == pem.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_MAIL_HOST", "relay example"),
        ("PORTAL_MAIL_PORT", "0"),
        ("PORTAL_MAIL_ENCRYPTION", "ssl"),
        ("PORTAL_MAIL_FROM", ""),
        ("PORTAL_MAIL_FROM", "portal"),
        ("PORTAL_MAIL_FROM_NAME", "Pia\nBcc: otto@demo.test"),
        ("PORTAL_MAIL_CHARSET", "utf-7"),
        ("PORTAL_MAIL_USERNAME", "portal"),
        ("PORTAL_MAIL_PASSWORD", "alone"),
        ("PORTAL_MAIL_CA_FILE", "/nowhere/ca.pem"),
        ("PORTAL_MAIL_CA_FILE", "/dev/null"),
    ],
)
def test_a_last_resort_that_cannot_send_is_refused_at_the_start(name, value):
    assert name in refusal(RELAY | {name: value})


def test_an_authority_without_encryption_is_refused_because_nothing_would_ask_it():
    without = {"PORTAL_MAIL_ENCRYPTION": "none", "PORTAL_MAIL_CA_FILE": "/dev/null"}

    assert refusal(RELAY | without) == "PORTAL_MAIL_CA_FILE is set, but PORTAL_MAIL_ENCRYPTION is none"


def test_a_mail_password_with_a_control_character_is_refused_without_being_shown():
    account = {"PORTAL_MAIL_USERNAME": "portal", "PORTAL_MAIL_PASSWORD": "canary\tbird"}

    assert refusal(RELAY | account) == "PORTAL_MAIL_PASSWORD holds a control character"


def test_the_example_file_names_every_setting_once_and_changes_nothing():
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert sorted(re.findall(r"(?m)^# (PORT\w*)=", "\n".join(lines))) == sorted(SETTING_NAMES)
    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize(
    ("environ", "rule"),
    [
        ({}, "optional"),
        ({"PORTAL_SECOND_FACTOR": "owners"}, "owners"),
        (PRODUCTION, "owners"),
        ({**PRODUCTION, "PORTAL_SECOND_FACTOR": "optional"}, "optional"),
    ],
)
def test_owners_need_a_second_factor_in_production_unless_the_operator_says_otherwise(environ, rule):
    assert read(environ).second_factor == rule


def test_a_list_of_stolen_passwords_is_a_file_of_hashes(tmp_path):
    (tmp_path / "pwned.txt").write_text(f"{'0' * 35}5BAA6:3\r\n")

    assert read({"PORTAL_BREACHED_PASSWORDS": str(tmp_path / "pwned.txt")}).breached_passwords == tmp_path / "pwned.txt"
