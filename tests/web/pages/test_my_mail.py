"""Everybody's own page: through what his mail goes, and one button."""

import pytest


def test_a_customer_learns_nothing_of_any_configuration(cast, as_):
    cast.active_config(cast.sue, tenant=cast.cals_company, name="Cal's relay", host="smtp.example.test")

    page = as_(cast.cal).page("/me/mail")

    assert "Your mails are sent through the settings of Cal & Co." in page.text
    for detail in ("Cal's relay", "smtp.example.test", "office@example.test", "mail-configs"):
        assert detail not in page.html
    assert len([each for each in page.all("form") if each["action"] == "/me/trials"]) == 1


def test_owners_read_in_one_line_what_their_mails_use(cast, as_):
    rex = as_(cast.rex)

    assert "Nothing is set up for your mails yet" in rex.page("/me/mail").text
    cast.active_config(cast.pia)
    assert "Your mails are sent through the Provider default." in rex.page("/me/mail").text
    cast.active_config(cast.rex, name="Rex relay")
    assert "Your mails are sent through Rex relay, your company's own configuration." in rex.page("/me/mail").text


def test_a_suspended_company_reads_why_there_is_no_button(cast, as_, services):
    services.tenants.suspend(cast.sue, cast.cals_company.id)

    page = as_(cast.cal).page("/me/mail")

    assert "no mail is sent until that ends" in page.text
    assert "/me/trials" not in page.html


@pytest.mark.parametrize("url", ["/me/mail", "/me/password"])
def test_the_page_is_for_whoever_is_signed_in(as_, url):
    assert as_().get(url).status_code == 303
