"""The operator sees the whole tree with its ids, and is told what to do where there is none."""

from pathlib import Path

from tests.fixtures_portal import Clock, build


def test_the_tree_is_printed_with_ids_kinds_and_active_configurations(typed, cast):
    cast.active_config(cast.rex, name="Rex relay")
    lines = typed("tenants").output.splitlines()

    assert lines == [
        f"{cast.pia.tenant.id}  Pia Cloud  (provider, Provider default)",
        f"{cast.otto.tenant.id}    Otto Online  (reseller, Provider default)",
        f"{cast.rex.tenant.id}    Rex Hosting  (reseller, Rex relay)",
        f"{cast.sue.tenant.id}      Sue & Partners  (sub-reseller, Provider default)",
        f"{cast.cals_company.id}        Cal & Co  (customer, Provider default)",
    ]


def test_a_suspended_branch_says_so(typed, cast):
    cast.services.tenants.suspend(cast.pia, cast.rex.tenant.id)

    assert [line for line in typed("tenants").output.splitlines() if line.endswith("suspended)")] != []


def test_an_empty_portal_names_the_first_step(refused):
    assert "portal setup" in refused("tenants")


def test_a_database_that_was_never_migrated_is_named(tmp_path: Path):
    app = build(tmp_path, Clock())
    answer = app.test_cli_runner().invoke(args=["portal", "tenants"])

    assert (answer.exit_code, "flask --app wsgi db upgrade" in answer.stderr) == (2, True)


MOVE = ("tenants", "move", "pia cloud/rex hosting/sue & partners", "--below", "pia cloud/otto online")


def test_a_move_is_told_before_it_is_done(typed, cast, services):
    cast.active_config(cast.rex)
    told = typed(*MOVE).output.splitlines()
    assert told == [
        "Another way for the mail of: companies 2, people 2, waiting mails 0.",
        "Nothing was moved. Say --yes to do it.",
    ]
    assert services.tenants.tree(cast.otto, cast.otto.tenant.id).size == 0

    assert typed(*MOVE, "--yes").output.splitlines()[-1] == "Sue & Partners stands below Otto Online now."
    assert services.tenants.tree(cast.otto, cast.otto.tenant.id).size == 2


def test_where_it_cannot_stand_is_said_in_one_line(refused, cast):
    words = ("tenants", "move", "pia cloud/rex hosting", "--below", "pia cloud/otto online", "--yes")

    assert refused(*words) == "Such a company cannot hold one of this kind."


def test_a_database_in_which_others_write_for_too_long_is_said_in_one_line(refused, cast, somebody_writes):
    with somebody_writes():
        said = refused(*MOVE, "--yes")

    assert (
        said
        == "Too many others are saving something in this portal right now. Nothing was done; try again in a moment."
    )
