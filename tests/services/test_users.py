"""The people of a company: found, changed, shut out at once, and let in again."""

from dataclasses import replace

import pytest

from portal.domain.delivery import State
from portal.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from portal.domain.outgoing import Lane, Mailbox, Outgoing, Purpose
from portal.domain.people import PAGE, UserQuery, UserSort, UserStatus
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.services.accounts import SignInRefusedError
from tests.cast import PASSWORD
from tests.work import deliver_all


@pytest.fixture
def add(cast, services):
    """`add("Žofie")` is a colleague of Sue's; keyword arguments change role and password."""

    def add(name, *, role=Role.STAFF, password=PASSWORD, email=None):
        email = email or f"{len(name)}{name.casefold()}@demo.test".encode("ascii", "ignore").decode()
        typed = Secret(password) if password else None
        return services.accounts.add(cast.sue.tenant.id, email=email, name=name, role=role, password=typed)

    return add


def names(cast, **query):
    page = cast.services.users.page(cast.sue, cast.sue.tenant.id, UserQuery(**query))
    return [line.user.name for line in page.lines]


def edit(cast, user, **changes):
    fields = {"name": user.name, "role": user.role.value, "version": user.version, **changes}
    return cast.services.users.edit(cast.sue, cast.sue.tenant.id, user.id, **fields)


def sign_in(services, email):
    return services.accounts.sign_in(email, Secret(PASSWORD), address="192.0.2.1")


def codes(refused):
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_people_are_found_by_name_or_address_whatever_the_case_of_their_alphabet(cast, add):
    add("Žofie")
    add("Otto", email="100%@demo.test")

    assert names(cast, words="žOF") == ["Žofie"]
    assert names(cast, words="demo SUE") == ["Sue"]
    assert names(cast, words="100%") == ["Otto"]
    assert names(cast, words="%") == ["Otto"]
    assert names(cast, words="_") == []


def test_people_are_filtered_by_role_status_and_profile_and_sorted(cast, add, services):
    zoe, amy = add("Zoe", role=Role.CUSTOMER), add("amy", password=None)
    profile = services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")
    services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [zoe.id])

    assert names(cast) == ["amy", "Sue", "Zoe"]
    assert names(cast, role=Role.CUSTOMER) == ["Zoe"]
    assert names(cast, status=UserStatus.INVITED) == [amy.name]
    assert names(cast, profile_id=profile.id) == ["Zoe"]
    assert names(cast, sort=UserSort.ROLE) == ["Sue", "amy", "Zoe"]


def test_a_long_list_has_pages_that_neither_repeat_nor_lose_anybody(cast, add):
    for number in range(PAGE + 3):
        add(f"P{number:03}", password=None)

    page = cast.services.users.page(cast.sue, cast.sue.tenant.id, UserQuery())
    assert (len(page.lines), page.found, page.pages) == (PAGE, PAGE + 4, 2)
    assert len({*names(cast), *names(cast, page=2)}) == PAGE + 4
    assert names(cast, page=99) == []


def test_a_profile_of_another_company_filters_nothing_but_does_not_exist(cast, services):
    foreign = services.profiles.create(cast.otto, cast.otto.tenant.id, name="Sales")

    with pytest.raises(NotFoundError):
        names(cast, profile_id=foreign.id)


def test_a_new_name_and_role_count_from_the_next_click_on(cast, add, services):
    user = add("Zoe")
    reference = sign_in(services, user.email)
    edit(cast, user, name="Zoë", role="customer")

    actor = services.accounts.actor_of(reference)
    assert (actor.name, actor.role) == ("Zoë", Role.CUSTOMER)
    entry = services.audit.page(cast.sue, cast.sue.tenant.id, before=None)[0]
    assert (entry.event, dict(entry.fields)) == ("user.edited", {"name": ("Zoe", "Zoë"), "role": ("staff", "customer")})


def test_an_edit_of_a_version_that_is_gone_is_a_conflict(cast, add):
    user = add("Zoe")
    edit(cast, user, name="Zoë")

    with pytest.raises(ConflictError):
        edit(cast, user, name="Zo")


def test_nobody_changes_his_own_role(cast, services):
    own = services.users.get(cast.sue, cast.sue.tenant.id, cast.sue.user_id)
    with pytest.raises(InvalidError) as refused:
        edit(cast, own, role="staff")

    assert codes(refused) == [("role", "own-role")]


def test_the_last_owner_stays_one_and_stays_in(cast, services):
    """Rex looks after Sue's company, too, and could do both."""
    own = services.users.get(cast.rex, cast.sue.tenant.id, cast.sue.user_id)
    with pytest.raises(InvalidError) as demoted:
        services.users.edit(cast.rex, own.tenant_id, own.id, name="Sue", role="staff", version=own.version)
    with pytest.raises(InvalidError) as shut_out:
        services.users.disable(cast.rex, own.tenant_id, [own.id])

    assert codes(demoted) == [("role", "last-owner")]
    assert codes(shut_out) == [("user", "last-owner")]


@pytest.mark.asvs("7.4.5")
def test_whoever_is_disabled_is_out_at_once_and_his_links_end(cast, add, services):
    user = add("Zoe")
    reference = sign_in(services, user.email)
    link = services.invitations.link_for(user.id).rpartition("/")[2]
    number = services.users.disable(cast.sue, cast.sue.tenant.id, [user.id])

    assert number == 1
    assert services.accounts.actor_of(reference) is None
    with pytest.raises(SignInRefusedError):
        sign_in(services, user.email)
    services.users.enable(cast.sue, cast.sue.tenant.id, [user.id])
    assert services.accounts.actor_of(reference) is None
    with pytest.raises(NotFoundError):
        services.password_changes.reset(link, Secret("another good password"))


def test_mail_that_would_lead_a_disabled_user_in_is_not_sent_and_other_mail_keeps_its_way(
    cast, add, services, mail_server
):
    """Only absence passes the question on: a disabled user's link is still there (decision 13)."""
    user = add("Zoe")
    own = cast.config(cast.sue, **mail_server.typed("none"), from_address="zoe@example.test")
    services.linked_configs.link_users(cast.sue, cast.sue.tenant.id, [user.id], own.id)
    to, content = (Mailbox(user.email),), Outgoing("Hello", "A line.\n")
    about = {"tenant_id": cast.sue.tenant.id, "to": to, "content": content, "user_id": user.id}
    leads_in, _ = services.sending.send(**about, purpose=Purpose.PASSWORD_RESET, lane=Lane.INTERACTIVE)
    other, _ = services.sending.send(**about)
    services.users.disable(cast.sue, cast.sue.tenant.id, [user.id])
    deliver_all(services)

    def state_of(message_id):
        return services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines[0].state

    assert (state_of(leads_in), state_of(other)) == (State.CANCELLED, State.SENT)
    assert [letter.sender for letter in mail_server.letters] == ["zoe@example.test"]


def test_whoever_is_enabled_again_is_as_he_was(cast, add, services):
    known, new = add("Zoe"), add("Amy", password=None)
    services.users.disable(cast.sue, cast.sue.tenant.id, [known.id, new.id])

    assert services.users.enable(cast.sue, cast.sue.tenant.id, [known.id, new.id]) == 2
    assert services.users.enable(cast.sue, cast.sue.tenant.id, [known.id, new.id]) == 0
    people = services.users.some(cast.sue, cast.sue.tenant.id, [known.id, new.id])
    assert {user.name: user.status for user in people} == {"Zoe": UserStatus.ACTIVE, "Amy": UserStatus.INVITED}
    sign_in(services, known.email)


def test_nobody_shuts_himself_out(cast, add, services):
    other = add("Zoe", role=Role.OWNER)
    with pytest.raises(InvalidError) as refused:
        services.users.disable(cast.sue, cast.sue.tenant.id, [other.id, cast.sue.user_id])

    assert codes(refused) == [("user", "oneself")]
    assert services.users.get(cast.sue, cast.sue.tenant.id, other.id).status is UserStatus.ACTIVE


def test_staff_look_and_owners_change(cast, add, services):
    user = add("Zoe")
    staff = replace(cast.sue, user_id=user.id, role=Role.STAFF)

    assert len(services.users.page(staff, cast.sue.tenant.id, UserQuery()).lines) == 2
    with pytest.raises(ForbiddenError):
        services.users.disable(staff, cast.sue.tenant.id, [cast.sue.user_id])


def test_somebody_of_another_branch_does_not_exist(cast, services):
    for reach in (
        lambda: services.users.get(cast.sue, cast.sue.tenant.id, cast.otto.user_id),
        lambda: services.users.disable(cast.sue, cast.sue.tenant.id, [cast.otto.user_id]),
        lambda: services.users.enable(cast.sue, cast.sue.tenant.id, [cast.otto.user_id]),
        lambda: services.users.edit(
            cast.sue, cast.sue.tenant.id, cast.otto.user_id, name="Mine", role="staff", version=1
        ),
        lambda: services.users.page(cast.otto, cast.sue.tenant.id, UserQuery()),
    ):
        with pytest.raises(NotFoundError):
            reach()
