"""Sign-in and security: where one is signed in, and how one ends it; for owners also where others are."""

import re

import pytest

END = re.compile(r"/me/sessions/[0-9a-f-]{36}/end")


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


def agent(name):
    return {"User-Agent": f"Mozilla/5.0 {name}/130.0"}


@pytest.mark.asvs("7.5.2")
def test_the_page_names_each_browser_and_this_one(cast, sue, as_, clock):
    clock.forward(minutes=5)
    elsewhere = as_()
    form = {"email": "sue@demo.test", "password": "correct horse battery"}
    elsewhere.post("/sign-in", form, at="/sign-in", headers=agent("Firefox"), environ_base={"REMOTE_ADDR": "192.0.2.7"})
    page = sue.page("/me/security")

    for part in ("Firefox", "192.0.…", "2 Mar 2026, 09:05 UTC", "this one", "unknown browser"):
        assert part in page.text
    assert "192.0.2.7" not in page.html
    assert len(END.findall(page.html)) == 1


@pytest.mark.asvs("7.5.2")
def test_one_session_is_ended_by_itself(sue, as_, cast):
    elsewhere = as_(cast.sue)
    (url,) = END.findall(sue.page("/me/security").html)
    done = sue.post(url)

    assert (done.status_code, done.location) == (303, "/me/security")
    assert elsewhere.get("/me/mail").status_code == 303
    assert sue.page("/me/security")
    assert sue.post(url).status_code == 404


def test_nobody_ends_anybody_elses(cast, sue, as_):
    otto, _second = as_(cast.otto), as_(cast.otto)
    (url,) = END.findall(otto.page("/me/security").html)

    assert sue.post(url).status_code == 404
    assert END.findall(otto.page("/me/security").html) == [url]


@pytest.mark.asvs("7.5.2")
def test_all_others_are_ended_at_once(sue, as_, cast):
    others = [as_(cast.sue) for _ in range(3)]
    sue.post("/me/sessions/end-others")

    assert [each.get("/me/mail").status_code for each in others] == [303] * 3
    page = sue.page("/me/security")
    assert "End all others" not in page.text
    assert "You are signed out everywhere else" in page.text or "you are signed out everywhere else" in page.text


@pytest.mark.asvs("7.1.2")
def test_the_eleventh_session_ends_the_first(cast, sue, as_, clock):
    for _ in range(10):
        clock.forward(seconds=1)
        last = as_(cast.sue)

    assert sue.get("/me/mail").status_code == 303
    assert len(END.findall(last.page("/me/security").html)) == 9


@pytest.mark.asvs("7.4.5")
def test_an_owner_ends_every_session_of_his_people(cast, sue, as_):
    rex, url = as_(cast.rex), f"/t/{cast.sue.tenant.id}/people/{cast.sue.user_id}/security"
    assert "Signed in, in one browser." in rex.page(url).text
    done = rex.post(f"{url}/sessions")

    assert (done.status_code, done.location) == (303, url)
    assert sue.get("/me/mail").status_code == 303
    assert "Not signed in anywhere." in rex.page(url).text
    assert as_(cast.otto).get(url).status_code == 404
