"""What another site makes a browser send is refused, whatever token it carries."""

import pytest


def select_default(browser, cast, headers):
    url = f"/t/{cast.sue.tenant.id}/selection"
    return browser.post(url, {"config": "provider-default"}, headers=headers).status_code


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_post_counts_only_when_our_own_page_sent_it(cast, as_, headers, status):
    assert select_default(as_(cast.sue), cast, headers) == status


@pytest.mark.asvs("7.6.2")
def test_nobody_is_signed_in_by_another_site(cast, as_):
    fields = {"email": "sue@demo.test", "password": "correct horse battery"}
    answer = as_().post("/sign-in", fields, at="/sign-in", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def test_a_link_from_elsewhere_still_leads_here(cast, as_):
    assert as_(cast.sue).get("/me/mail", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.asvs("3.5.1")
def test_without_the_forms_token_nothing_is_done_either(cast, as_):
    answer = as_(cast.sue).client.post(f"/t/{cast.sue.tenant.id}/selection", data={"config": "provider-default"})

    assert answer.status_code == 400
