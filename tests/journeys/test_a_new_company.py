"""A company comes in: created by the level above, reached by a real mail, and at work with a configuration of its own."""

from tests.page import Browser, Page
from tests.work import deliver_all

PASSWORD_OF_ONE_S_OWN = "a whole new sentence"


def path_in(letter):
    return letter.text.split("http://portal.test")[1].split()[0]


def test_rex_creates_a_company_and_its_owner_comes_in_by_the_mailed_link(cast, as_, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("starttls"))
    rex = as_(cast.rex)

    form = rex.page(f"/t/{cast.rex.tenant.id}/children/new").fields()
    typed = {"kind": "sub_reseller", "name": "Second Branch", "owner_name": "Cal", "owner_email": "branch@demo.test"}
    done = rex.post(f"/t/{cast.rex.tenant.id}/children", {**form, **typed})
    assert "Second Branch" in rex.page(done.location).text
    deliver_all(services)

    (letter,) = mail_server.letters
    assert letter.recipients == ("branch@demo.test",)
    assert letter.encrypted
    newcomer = as_()
    assert "Second Branch invites you." in newcomer.page(path_in(letter)).text
    newcomer.post(path_in(letter), {"password": PASSWORD_OF_ONE_S_OWN}, at=path_in(letter))
    came_in = newcomer.sign_in("branch@demo.test", PASSWORD_OF_ONE_S_OWN)

    assert came_in.status_code == 303
    home = newcomer.get("/", follow_redirects=True)
    assert home.status_code == 200
    assert "Second Branch" in Page(home.text).text
    assert "Rex Hosting" not in tree_of(newcomer)
    assert "Sent" in rex.page(log_of_second_branch(rex, cast)).text


def test_sue_forgets_her_password_and_comes_back_by_the_mailed_link(cast, as_, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("tls"))
    sue = as_()

    sue.post("/password-resets", {"email": "SUE@demo.test"}, at="/password-resets/new")
    deliver_all(services)
    (letter,) = mail_server.letters
    assert letter.recipients == ("sue@demo.test",)
    sue.post(path_in(letter), {"password": PASSWORD_OF_ONE_S_OWN}, at=path_in(letter))

    assert sue.sign_in("sue@demo.test", PASSWORD_OF_ONE_S_OWN).status_code == 303
    deliver_all(services)
    assert [each.subject for each in mail_server.letters[1:]] == ["Your password was changed"]


def test_a_company_that_nothing_can_mail_yet_comes_in_by_the_link_that_is_shown(cast, as_, services, mail_server):
    rex = as_(cast.rex)
    typed = {"kind": "customer", "name": "First Light", "owner_name": "Cal", "owner_email": "light@demo.test"}

    shown = rex.post(f"/t/{cast.rex.tenant.id}/children", typed)
    link = Page(shown.text).all("input", id="link")[0]["value"].removeprefix("http://portal.test")
    deliver_all(services)
    assert mail_server.letters == []

    newcomer = as_()
    newcomer.post(link, {"password": PASSWORD_OF_ONE_S_OWN}, at=link)
    assert newcomer.sign_in("light@demo.test", PASSWORD_OF_ONE_S_OWN).status_code == 303


def tree_of(browser: Browser) -> str:
    home = browser.get("/", follow_redirects=True)
    return browser.page(home.request.path.replace("dashboard", "tree")).text


def log_of_second_branch(rex: Browser, cast) -> str:
    tree = rex.page(f"/t/{cast.rex.tenant.id}/tree?q=second")
    hit = next(
        each["href"] for each in tree.all("a", class_="tree__name") if str(cast.rex.tenant.id) not in each["href"]
    )
    return hit.replace("mail-configs", "mail-log")
