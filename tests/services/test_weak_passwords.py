"""A new password is refused where it is guessed first: common, stolen, or hardly more than a name."""

import hashlib
import logging
import random

import pytest

from portal.domain.errors import InvalidError
from portal.domain.passphrases import besides, words_about
from portal.domain.secret import Secret
from portal.services.weak_passwords import is_common, is_stolen
from tests.cast import PASSWORD

pytestmark = pytest.mark.shows_secrets("what is refused here are names and addresses that stand everywhere")


def change(services, person, password):
    services.password_changes.change(person, current=Secret(PASSWORD), password=Secret(password), reference="")


def refusal(work):
    with pytest.raises(InvalidError) as refused:
        work()
    return [(problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.asvs("6.2.4")
@pytest.mark.parametrize("password", ["password", "Password1", "PASSWORD123", "qwertyuiop", "1234567890", "trustno1"])
def test_the_most_common_ones_are_refused_in_any_case(cast, services, password):
    assert refusal(lambda: change(services, cast.rex, password)) == [("password", "common")]


@pytest.mark.asvs("6.2.4")
def test_ten_thousand_are_known_and_each_is_long_enough_to_matter():
    from portal.services.weak_passwords import _common

    assert len(_common()) == 10_000
    assert min(map(len, _common())) >= 8
    assert not is_common(PASSWORD)


@pytest.mark.asvs("6.2.11")
@pytest.mark.parametrize(
    "password",
    [
        "relaytree",
        "Relaytree-2026",
        "RexHosting1",
        "rex.hosting!",
        "Hosting2026",
        "hostinghosting",
        "Relaytreepassword",
    ],
)
def test_hardly_more_than_a_name_is_refused(cast, services, password):
    assert refusal(lambda: change(services, cast.rex, password)) == [("password", "names-alone")]


@pytest.mark.parametrize("password", ["my hosting sings at midnight", "correct horse relaytree", "Otto Online 1"])
def test_a_name_among_other_words_is_no_matter(cast, services, password):
    change(services, cast.rex, password)
    assert services.accounts.sign_in("rex@demo.test", Secret(password), address="192.0.2.1")


@pytest.mark.asvs("6.2.4", "6.2.11")
def test_it_is_the_same_by_invitation_by_reset_and_by_the_operator(cast, services):
    user = services.invitations.invite(cast.sue, cast.sue.tenant.id, email="sam@demo.test", name="Sam", role="staff")
    assert user.email
    (sam,) = [each for each in services.invitations.people(cast.sue, cast.sue.tenant.id) if each.name == "Sam"]
    for person, take in ((sam.id, services.invitations.accept), (cast.sue.user_id, services.password_changes.reset)):
        token = services.invitations.link_for(person).rpartition("/")[2]
        assert refusal(lambda: take(token, Secret("partners-7"))) == [("password", "names-alone")]  # noqa: B023
        assert refusal(lambda: take(token, Secret("iloveyou1"))) == [("password", "common")]  # noqa: B023
        take(token, Secret("the link is still good"))
    add = {"email": "new@demo.test", "name": "Newcomer", "role": cast.sue.role, "password": Secret("newcomer1")}
    assert refusal(lambda: services.accounts.add(cast.sue.tenant.id, **add)) == [("password", "names-alone")]


def test_words_are_those_of_names_and_addresses():
    words = words_about("Rex Rumpel", "rex.rumpel@mail.example", "Bücher & Söhne")

    assert words == {
        "relaytree", "rumpel", "rexrumpel", "mail", "example", "rexrumpelmailexample", "bücher", "söhne", "büchersöhne",
    }  # fmt: skip
    assert besides("Rumpel-Stilzchen", words) == "stilzchen"
    assert besides("Quite Another!", words) == "quite another!"


@pytest.fixture(params=["\n", "\r\n"], ids=["LF", "CRLF"])
def stolen(tmp_path, request):
    """A list as it is published, and the passwords in it."""
    passwords = [f"stolen password {number}" for number in range(500)]
    chance = random.Random(1)
    lines = sorted(
        f"{hashlib.sha1(each.encode()).hexdigest().upper()}:{chance.choice([1, 22, 9659365])}" for each in passwords
    )
    path = tmp_path / "pwned.txt"
    path.write_bytes((request.param.join(lines) + chance.choice(["", request.param])).encode())
    return path, passwords


@pytest.mark.asvs("6.2.12")
def test_every_stolen_one_is_found_and_no_other(stolen):
    path, passwords = stolen

    assert [each for each in passwords if not is_stolen(each, path)] == []
    assert [number for number in range(500) if is_stolen(f"mine {number}", path)] == []


def test_a_list_of_one_line_or_none_is_a_list(tmp_path):
    path = tmp_path / "pwned.txt"
    path.write_text(f"{hashlib.sha1(b'one').hexdigest()}")
    assert (is_stolen("one", path), is_stolen("two", path)) == (True, False)
    path.write_text("")
    assert not is_stolen("one", path)


@pytest.mark.asvs("6.2.12")
def test_a_stolen_one_is_refused_and_a_list_that_went_away_is_said_in_the_log(make_portal, stolen, caplog):
    path, passwords = stolen
    app = make_portal(breached_passwords=path)
    with app.app_context():
        services = app.extensions["portal.services"]
        passphrases = services.accounts.passphrases
        assert refusal(lambda: passphrases.hashed(Secret(passwords[7]))) == [("password", "stolen")]

        path.unlink()
        with caplog.at_level(logging.ERROR):
            assert passphrases.hashed(Secret(passwords[7]))
    assert "the list of stolen passwords cannot be read" in caplog.text
    assert passwords[7] not in caplog.text
