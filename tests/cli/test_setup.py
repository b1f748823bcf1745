"""An empty portal begins with one command, and no mail is needed for it."""

import pytest

from portal.domain.secret import Secret

FIRST = ("setup", "--tenant-name", "Pia Cloud", "--email", "pia@demo.test", "--name", "Pia")


@pytest.mark.asvs("6.3.2")
def test_setup_plants_the_root_and_prints_a_link_with_which_its_owner_comes_in(typed, services):
    answer = typed(*FIRST)
    link = answer.output.splitlines()[-1]
    token = link.removeprefix("http://portal.test/invitations/")
    services.invitations.accept(token, Secret("a password of my own"))

    assert answer.exit_code == 0
    assert services.tenants.find_root().name == "Pia Cloud"
    services.accounts.sign_in("pia@demo.test", Secret("a password of my own"), address="127.0.0.1")


def test_setup_works_once(typed, refused, services):
    typed(*FIRST)

    assert refused(*FIRST).startswith("This portal is set up already.")


def test_a_bad_address_leaves_the_portal_empty(refused, services):
    said = refused("setup", "--tenant-name", "Pia Cloud", "--email", "pia", "--name", "Pia")

    assert said == "The e-mail address is not an e-mail address."
    assert services.tenants.find_root() is None


def test_a_company_without_a_name_leaves_the_portal_empty(refused, services):
    assert refused("setup", "--tenant-name", " ", "--email", "pia@demo.test", "--name", "Pia") == "The name is missing."
    assert services.tenants.find_root() is None


def test_a_missing_option_is_one_line(refused):
    assert "--email" in refused("setup", "--tenant-name", "Pia Cloud", "--name", "Pia")
