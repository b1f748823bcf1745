"""A secret stands nowhere but where it has to be, however it is written and whoever looks."""

import base64
import logging
import re
import secrets
from itertools import product

import pytest
from passlib.totp import TOTP

from portal.domain.outgoing import Mailbox, Outgoing
from portal.store.db import SYSTEM, db, reading
from portal.telemetry.logs import JsonLines, TextLines
from tests.cast import PASSWORD, plant
from tests.guards.canaries import Canary, canary, files_and_rows
from tests.guards.routes import ways
from tests.page import Browser, Page
from tests.work import deliver_all, run_trials

# What the mail server of the tests writes down for itself is the receiving end.
RECEIVING_END = "mail.log"

pytestmark = pytest.mark.timeout(180)


class Watched(Browser):
    """A browser whose every page is kept, not judged: the address it was asked for, and everything that came back."""

    def __init__(self, client):
        super().__init__(client)
        self.seen = []

    def _checked(self, answer):
        self.seen.append((answer.request.path, f"{answer.headers}\n{answer.text}".encode()))
        return answer


class Story:
    """Everything in it goes through the pages, as people do it; every secret in it is a canary."""

    def __init__(self, app, folder, server):
        self.app, self.folder, self.server = app, folder, server
        self.secrets, self.browsers = {}, {}
        with app.app_context():
            self.services = app.extensions["portal.services"]
            self.cast = plant(self.services)
            self.cast.active_config(self.cast.pia, **server.typed("none"))

    def secret(self, name, **options):
        return self.secrets.setdefault(name, canary(name, **options)).text

    def browser(self, email, password=PASSWORD):
        if email not in self.browsers:
            self.browsers[email] = Watched(self.app.test_client())
            assert self.browsers[email].sign_in(email, password).status_code == 303
        return self.browsers[email]

    def work(self):
        with self.app.app_context():
            run_trials(self.services)
            deliver_all(self.services)

    @property
    def seen(self):
        return [page for browser in self.browsers.values() for page in browser.seen]

    def mailed_link(self, to):
        """The latest link to these pages that somebody received."""
        letters = "\n".join(letter.text for letter in self.server.letters)
        return re.findall(rf"http://portal\.test(/{to}/\S+)", letters)[-1]


@pytest.fixture
def story(make_portal, tmp_path, mail_server, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="sqlalchemy")
    key = Canary("a master key", secrets.token_hex(16))
    told = Story(make_portal(key_ring=(("test", key.text.encode()),)), tmp_path, mail_server)
    told.secrets[key.name] = key
    return told


@pytest.mark.asvs("14.2.4", "16.2.5")
def test_no_secret_of_the_whole_story_stands_anywhere_it_need_not(story, caplog, monkeypatch):
    monkeypatch.setattr("tests.mail_server.GOOD_PASSWORD", story.secret("the mail password"))
    sue = story.browser("sue@demo.test")
    config = a_configuration_is_tested_saved_and_selected(story, sue)
    somebody_is_invited_and_comes_in(story, sue)
    a_password_is_forgotten(story)
    a_letter_is_written(story)
    the_password_is_changed(story, sue, config)
    a_second_factor_is_set_up_and_used(story, sue)
    everybody_looks_at_everything(story)

    assert found_in(story.secrets.values(), story.seen) == []
    assert found_in(story.secrets.values(), list(files_and_rows(story.folder))) == []
    assert found_in(story.secrets.values(), logged(caplog)) == []
    assert len(story.secrets) == 25


@pytest.mark.asvs("8.2.3")
def test_nothing_of_a_provider_default_shows_to_whoever_inherits_it(story):
    cast, server = story.cast, story.server
    private = {name: f"{name.replace('_', '-')}-{secrets.token_hex(4)}" for name in ("name", "username", "helo_name")}
    private |= {"envelope_from": f"bounce-{secrets.token_hex(4)}@pia.example"}
    with story.app.app_context():
        helo_name = f"{private['helo_name']}.example"
        config = cast.active_config(cast.pia, **{**server.typed(), **private, "helo_name": helo_name})
    everything = {"config": config.id, "verb": "send"}
    assert story.browser("pia@demo.test").post(f"/t/{cast.pia.tenant.id}/trials", everything).status_code == 303
    sue = story.browser("sue@demo.test")
    own = f"/t/{cast.sue.tenant.id}"
    sue.post(f"{own}/trials", {"config": "provider-default", "verb": "send", "recipient": "sue@demo.test"})
    story.browser("cal@demo.test").post("/me/trials")
    sue.post(f"{own}/invitations", {"email": "otto-too@demo.test", "name": "Otto", "role": "staff"})
    story.work()
    everybody_looks_at_everything(story)

    canaries = [*(Canary(*each) for each in private.items()), Canary("host", "127.0.0.1")]
    canaries += [Canary("port", f":{server.starttls_port}"), Canary("server text", "2.0.0 accepted")]
    below = [page for email, browser in story.browsers.items() if "pia" not in email for page in browser.seen]
    above = story.browsers["pia@demo.test"].seen
    assert len(server.letters) == 4
    assert [each.name for each in canaries if not found_in([each], above)] == []
    assert found_in(canaries, below) == []


@pytest.mark.parametrize("shift", range(3))
def test_a_canary_is_found_in_every_disguise(shift):
    bird = canary("one")
    among_others = b"x" * shift + bird.text.encode() + b"rest"

    assert bird.hides_in(base64.b64encode(among_others))
    assert bird.hides_in(base64.urlsafe_b64encode(among_others))
    assert [name for name, each in bird.disguises.items() if name not in bird.hides_in(b"<" + each + b">")] == []
    assert bird.hides_in(base64.b64encode(canary("another").text.encode())) == []


def a_configuration_is_tested_saved_and_selected(story, sue):
    own = f"/t/{story.cast.sue.tenant.id}/mail-configs"
    typed = {
        **Page(sue.get(f"{own}/new").text).fields(),
        **story.server.typed(),
        "name": "Sue's relay",
        "from_address": "office@sue.example",
        "use_ssl": "y",
        "signs_in": "y",
        "recipient": "sue@demo.test",
    }
    test_url = f"{own}/{typed['config_id']}/trials"

    def tried(**more):
        answer = sue.post(test_url, {**typed, "verb": "send", **more})
        assert answer.status_code == 303, Page(answer.text).text
        story.work()
        return Page(sue.get(answer.location).text).fields()

    tried(password=story.secret("a wrong mail password"))
    shown = tried(password=story.secret("the mail password"))
    assert story.server.letters[-1].username == "office@sue.example"
    refused = sue.post(own, {**typed, **shown, "name": "", "password": story.secret("a refused form's password")})
    saved = sue.post(own, {**typed, "trial": shown["trial"], "password": "", "then": "use"})
    assert (refused.status_code, saved.status_code) == (422, 303)
    return typed["config_id"]


def somebody_is_invited_and_comes_in(story, sue):
    sue.post(
        f"/t/{story.cast.sue.tenant.id}/invitations",
        {"email": "otto-too@demo.test", "name": "Otto", "role": "owner"},
    )
    story.work()
    link = story.mailed_link("invitations")
    story.secrets["an invitation's link"] = Canary("an invitation's link", link.rpartition("/")[2])
    stranger = story.browsers["a stranger"] = Watched(story.app.test_client())
    password = story.secret("a person's password")
    assert stranger.post(link, {"password": password}, at=link).status_code == 303
    guest = story.browser("otto-too@demo.test", password)
    changed = {"current_password": password, "password": story.secret("a person's new password")}
    assert guest.post("/me/password", changed).status_code == 303
    stranger.sign_in("otto-too@demo.test", story.secret("a mistyped password"))


def a_password_is_forgotten(story):
    stranger = story.browsers["a stranger"]
    stranger.post("/password-resets", {"email": "sue@demo.test"}, at="/password-resets/new")
    story.work()
    link = story.mailed_link("password-resets")
    story.secrets["a reset's link"] = Canary("a reset's link", link.rpartition("/")[2])
    assert stranger.get(link).status_code == 200


def a_letter_is_written(story):
    body = story.secret("a letter's text", awkward="Dear ")
    content = Outgoing(subject="Hello", text=f"{body}\n", html=f"<p>{body}</p>")
    with story.app.app_context():
        sue = story.cast.sue
        story.services.sending.send(tenant_id=sue.tenant.id, to=(Mailbox(sue.email),), content=content)
    assert found_in(story.secrets.values(), list(files_and_rows(story.folder))) == []
    story.work()
    assert body in story.server.letters[-1].text


def the_password_is_changed(story, sue, config_id):
    url = f"/t/{story.cast.sue.tenant.id}/mail-configs/{config_id}"
    shown = Page(sue.get(url).text).fields()
    trust = {"trust_pem": story.server.ca_pem}
    kept = sue.post(url, {**shown, **trust, "name": "Sue's own relay", "password": ""})
    newer = {"version": "2", "password": story.secret("the mail password that came after")}
    changed = sue.post(url, {**shown, **trust, **newer})
    conflict = sue.post(url, {**shown, **trust, "from_name": "Sue", "password": story.secret("a late mail password")})
    assert (kept.status_code, changed.status_code, conflict.status_code) == (303, 303, 409)
    sue.post(f"/t/{story.cast.sue.tenant.id}/trials", {"config": config_id, "verb": "send"})
    story.work()


def a_second_factor_is_set_up_and_used(story, sue):
    """The key and the recovery codes are shown in groups, once; run together they stand nowhere."""
    begun = sue.post("/me/second-factor", at="/me/second-factor")
    key = re.search(r'security__key" dir="ltr">([A-Z2-7 ]+)<', sue.get(begun.location).text).group(1)
    app = TOTP(key.replace(" ", ""))
    code = app.generate(int(story.services.clock().timestamp())).token
    codes = re.findall(r"<li>([A-Z2-7 ]{29})</li>", sue.post(begun.location, {"one_time_password": code}).text)
    assert len(codes) == 10
    for name, text in {"the key of an app": key, "the seed in hex": app.key.hex(), **dict(enumerate(codes))}.items():
        story.secrets[str(name)] = Canary(str(name), text.replace(" ", ""))
    assert where(story.seen, key) == ["/me/second-factor/code"]
    assert [where(story.seen, each) for each in codes] == [["/me/second-factor/code"]] * 10
    assert not any(app.key in found for _, found in files_and_rows(story.folder))
    second = story.browsers["Sue, elsewhere"] = Watched(story.app.test_client())
    second.sign_in("sue@demo.test")
    used = second.post("/sign-in/code", {"one_time_password": codes[0]}, at="/sign-in/code")
    assert used.status_code == 303
    story.secrets["a mistyped recovery code"] = mistyped = canary("a mistyped recovery code", awkward="")
    third = Watched(story.app.test_client())
    third.sign_in("sue@demo.test")
    assert third.post("/sign-in/code", {"one_time_password": mistyped.text}, at="/sign-in/code").status_code == 422
    story.browsers["Sue, mistyping"] = third
    story.work()
    assert not any(key in str(letter.text) or codes[0] in letter.text for letter in story.server.letters)


def where(pages, text):
    return [path for path, page in pages if text.encode() in page]


def everybody_looks_at_everything(story):
    """Each of the cast opens every address there is, with every id there is."""
    cast = [story.browser(f"{name}@demo.test") for name in ("pia", "rex", "sue", "cal", "otto")]
    looks = [way for way in ways(story.app) if way.is_safe and "token" not in way.ids]
    for way, ids, browser in product(looks, all_ids(story), cast):
        if ids.keys() - {"tenant_id"} <= way.ids <= ids.keys() | {"name"}:
            browser.get(way.url({"name": "none", **ids}))


def all_ids(story):
    """Every company alone, and every company with one thing that is in it."""
    kinds = {"mail_configs": "config_id", "trials": "trial_id", "messages": "message_id", "users": "user_id"}
    found = []
    with story.app.app_context(), reading(SYSTEM) as session:
        tables = db.metadata.tables
        found += [{"tenant_id": row.id} for row in session.execute(tables["tenants"].select())]
        for table, name in kinds.items():
            rows = session.execute(tables[table].select())
            found += [{"tenant_id": row.tenant_id, name: row.id} for row in rows]
    return found


def logged(caplog):
    """As it is, and as both formats write it."""
    formats = (logging.Formatter("%(message)s"), JsonLines(), TextLines())
    return [
        (record.name, "\n".join(each.format(record) for each in formats).encode("utf-8", "replace"))
        for record in caplog.get_records("setup") + caplog.records
        if record.name != RECEIVING_END
    ]


def found_in(canaries, places):
    """What stands where, and how it is written. The holder of a link sees it in his own address bar."""
    everything = b"\n\n".join(text for _, text in places)
    hits = []
    for each in canaries:
        if each.hides_in(everything):
            hits += [
                f"{each.name} in {place}: {disguises}"
                for place, text in places
                if each.text not in place and (disguises := each.hides_in(text))
            ]
    return hits
