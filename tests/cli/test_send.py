"""A mail from the command line goes the way of every mail, and says which way that is."""

import pytest

from tests.work import deliver_all


def send(tenant="pia cloud/rex hosting/sue & partners", to="cal@demo.test", subject="Grüße", text="Hällo"):
    return ("send", "--tenant", tenant, "--to", to, "--subject", subject, "--text", text)


def test_a_mail_arrives_and_the_trace_says_whose_configuration_sent_it(typed, cast, mail_server):
    cast.active_config(cast.pia, **mail_server.typed())
    lines = typed(*send()).output.splitlines()
    deliver_all(cast.services)

    assert lines[0].startswith("Queued as ")
    assert lines[1:] == [
        "  – no configuration was named",
        "  – Sue & Partners has no active configuration of its own",
        "  – Rex Hosting has no active configuration of its own",
        "  → the active configuration of Pia Cloud",
    ]
    assert (mail_server.letters[0].subject, mail_server.letters[0].text.strip()) == ("Grüße", "Hällo")


def test_the_text_is_read_from_the_standard_input_unless_it_is_given(typed, cast, mail_server):
    cast.active_config(cast.sue, **mail_server.typed())
    typed(*send(text="-"), stdin="two\nlines\n")
    deliver_all(cast.services)

    assert mail_server.letters[0].text.splitlines() == ["two", "lines"]


def test_one_mail_goes_to_several_people(typed, cast, mail_server):
    cast.active_config(cast.sue, **mail_server.typed())
    typed(*send(), "--to", "rex@demo.test")
    deliver_all(cast.services)

    assert {each for letter in mail_server.letters for each in letter.recipients} == {"cal@demo.test", "rex@demo.test"}


def test_a_mail_has_its_html_and_its_files(typed, cast, mail_server, tmp_path):
    cast.active_config(cast.sue, **mail_server.typed())
    html, picture, archive = (tmp_path / name for name in ("body.html", "Plän.png", "log.txt.gz"))
    html.write_text("<p>Hällo</p>", encoding="utf-8")
    picture.write_bytes(b"\x89PNG")
    archive.write_bytes(b"\x1f\x8b")
    typed(*send(), "--html", str(html), "--attach", str(picture), "--attach", str(archive), "--reports")
    deliver_all(cast.services)
    message = mail_server.letters[0].message

    assert message.get_body(("html",)).get_content().strip() == "<p>Hällo</p>"
    assert [(each.get_filename(), each.get_content_type()) for each in message.iter_attachments()] == [
        ("Plän.png", "image/png"),
        ("log.txt.gz", "application/octet-stream"),
    ]


def test_html_that_is_not_utf_8_and_a_file_that_is_not_there_are_refused(refused, cast, tmp_path):
    html = tmp_path / "body.html"
    html.write_bytes(b"<p>\xe4</p>")

    assert refused(*send(), "--html", str(html)) == "The HTML is not written in UTF-8."
    assert "does not exist" in refused(*send(), "--attach", str(tmp_path / "nothing"))


def test_a_mail_that_no_configuration_applies_to_is_held_and_says_so(typed, cast):
    lines = typed(*send()).output.splitlines()

    assert lines[-2:] == [
        "  – the portal has no configuration of last resort",
        "Nothing applies: the mail is held until somebody chooses a configuration.",
    ]


def test_a_users_mail_asks_what_is_linked_to_him_and_his_profiles_first(typed, cast, mail_server):
    config = cast.config(cast.sue, **mail_server.typed())
    profile = cast.services.profiles.create(cast.sue, cast.sue.tenant.id, name="Sales")
    cast.services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [cast.sue.user_id])
    cast.services.linked_configs.link_profile(cast.sue, cast.sue.tenant.id, profile.id, config.id)
    lines = typed(*send(), "--user", "SUE@demo.test").output.splitlines()
    deliver_all(cast.services)

    assert lines[1:] == [
        "  – no configuration was named",
        "  – no configuration is linked to Sue",
        "  → the configuration linked to Sales",
    ]
    assert len(mail_server.letters) == 1


@pytest.mark.parametrize("stranger", ["otto@demo.test", "nobody@demo.test", "x"])
def test_somebody_of_another_company_is_nobody_here(refused, cast, stranger):
    said = f"Nobody in Sue & Partners has the address “{stranger}”."

    assert refused(*send(), "--user", stranger) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (send(to="nobody"), "The recipient is not an e-mail address."),
        (send(subject="one\ntwo"), "The subject holds a character that cannot be used here."),
        (send(subject=" "), "The subject is missing."),
        (send(subject="x" * 999), "The subject is longer than 998 characters."),
        (send(text="\x00"), "The text holds a character that cannot be used here."),
        (send(tenant="pia cloud/otto"), "There is no company “pia cloud/otto”. See: flask --app wsgi portal tenants"),
    ],
)
def test_what_cannot_be_sent_is_said_in_one_line(refused, cast, words, said):
    assert refused(*words) == said
