"""A preset fills what nobody typed; what somebody typed is his until he gives it away."""

from portal.domain.presets import fill

DEFAULTS = {"host": "", "port": "587", "signs_in": True, "username": ""}
GMAIL = {"host": "smtp.gmail.com", "port": "587"}
FASTMAIL = {"host": "smtp.fastmail.com", "port": "465"}
SENDGRID = {"host": "smtp.sendgrid.net", "port": "587", "username": "apikey"}


def test_an_untouched_form_is_filled():
    filling = fill(DEFAULTS, FASTMAIL, before={}, defaults=DEFAULTS)

    assert (filling.changes, filling.filled, filling.kept) == (FASTMAIL, ("host", "port"), ())


def test_what_was_typed_stays_and_is_named():
    filling = fill({**DEFAULTS, "port": "2525"}, FASTMAIL, before={}, defaults=DEFAULTS)

    assert (filling.changes, filling.kept) == ({"host": "smtp.fastmail.com"}, ("port",))


def test_what_was_typed_gives_way_once_that_is_confirmed():
    filling = fill({**DEFAULTS, "port": "2525"}, FASTMAIL, before={}, defaults=DEFAULTS, over=True)

    assert (filling.changes, filling.kept) == (FASTMAIL, ())


def test_what_happens_to_be_the_same_is_neither_changed_nor_kept():
    filling = fill({**DEFAULTS, "host": "smtp.gmail.com"}, GMAIL, before={}, defaults=DEFAULTS)

    assert (filling.changes, filling.filled, filling.kept) == ({}, ("host", "port"), ())


def test_a_switch_that_was_turned_off_was_touched():
    filling = fill({**DEFAULTS, "signs_in": False}, {**GMAIL, "signs_in": True}, before={}, defaults=DEFAULTS)

    assert filling.kept == ("signs_in",)


def test_another_preset_takes_the_place_of_the_one_before():
    filling = fill({**DEFAULTS, **SENDGRID}, FASTMAIL, before=SENDGRID, defaults=DEFAULTS)

    assert filling.changes == {**FASTMAIL, "username": ""}
    assert filling.kept == ()


def test_what_was_typed_over_the_preset_before_stays():
    now = {**DEFAULTS, **SENDGRID, "host": "smtp.eu.sendgrid.net", "username": "mine"}

    filling = fill(now, FASTMAIL, before=SENDGRID, defaults=DEFAULTS)

    assert (filling.changes, filling.kept) == ({"port": "465"}, ("host",))


def test_port_and_method_are_taken_over_together_or_not_at_all():
    preset, defaults = {**FASTMAIL, "encryption": "tls"}, {**DEFAULTS, "encryption": "starttls"}

    filling = fill({**defaults, "port": "2525"}, preset, before={}, defaults=defaults)

    assert (filling.changes, filling.kept) == ({"host": "smtp.fastmail.com"}, ("port", "encryption"))
