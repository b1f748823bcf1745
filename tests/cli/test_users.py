"""The operator lets people in whose own mail does not work yet, or no more."""

import pytest

from portal.domain.secret import Secret
from tests.cast import PASSWORD
from tests.second_factors import set_up


def add(tenant, email="new@demo.test", role="staff"):
    return ("users", "add", "--tenant", str(tenant), "--email", email, "--name", "New", "--role", role)


def signs_in(services, email, password):
    return services.accounts.actor_of(services.accounts.sign_in(email, Secret(password), address="127.0.0.1"))


def test_somebody_new_gets_a_link_and_chooses_a_password(typed, cast):
    link = typed(*add("Pia Cloud/Rex Hosting")).output.splitlines()[-1]
    cast.services.invitations.accept(link.rpartition("/")[2], Secret("a password of my own"))

    assert signs_in(cast.services, "new@demo.test", "a password of my own").tenant.id == cast.rex.tenant.id


def test_a_password_is_asked_for_twice_where_one_is_wanted(typed, cast):
    answer = typed(*add(cast.sue.tenant.id), "--password", stdin="eight chars\neight chars\n")

    assert "eight chars" not in answer.output
    assert signs_in(cast.services, "new@demo.test", "eight chars").role.value == "staff"


def test_whoever_is_locked_out_gets_a_link(typed, cast):
    link = typed("users", "link", "--tenant", "Pia Cloud", "--email", "PIA@demo.test").output.strip()

    assert link.startswith("http://portal.test/password-resets/")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (add("Pia Cloud", email="rex@demo.test"), "The e-mail address is taken already."),
        (add("Pia Cloud", email="rex@"), "The e-mail address is not an e-mail address."),
        (add("Nobody Ltd"), "There is no company “Nobody Ltd”. See: flask --app wsgi portal tenants"),
        (add("Rex Hosting"), "There is no company “Rex Hosting”. See: flask --app wsgi portal tenants"),
        ((*add("Pia Cloud"), "--password", "short"), "The password is shorter than 8 characters."),
        (
            ("users", "link", "--tenant", "Pia Cloud", "--email", "otto@demo.test"),
            "Nobody in Pia Cloud has the address otto@demo.test.",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(refused, cast, words, said):
    assert refused(*words) == said


def test_an_unknown_role_is_one_line(refused, cast):
    assert "king" in refused(*add("Pia Cloud", role="king"))


@pytest.mark.asvs("6.4.4")
def test_the_operator_takes_a_lost_second_factor_away(typed, refused, cast, services, clock):
    set_up(services, cast.sue, clock)
    asked = (
        "users",
        "remove-second-factor",
        "--tenant",
        "Pia Cloud/Rex Hosting/Sue & Partners",
        "--email",
        "Sue@demo.test",
    )
    done = typed(*asked)

    assert (done.exit_code, "Sue has no second factor any more" in done.output) == (0, True)
    assert services.accounts.sign_in("sue@demo.test", Secret(PASSWORD), address="192.0.2.1")
    entries = services.audit.page(cast.sue, cast.sue.tenant.id, before=None)
    assert ("second-factor.removed", "") in [(entry.event, entry.actor_name) for entry in entries]
    assert refused(*asked) == "Sue has no second factor."
