"""Knows a portal in which every company has one of everything, and somebody of every kind is signed in."""

import hashlib
import re
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.domain.branding import TypedBranding
from portal.domain.config_rules import judged
from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.people import UserStatus
from portal.domain.roles import Actor, Permission, Role
from portal.domain.secret import Secret
from portal.domain.templates import Wording
from portal.domain.tenancy import Tenant
from portal.domain.trial import Verb
from portal.services import Services
from portal.services.links import LinkPurpose
from portal.settings import InstanceDefault
from portal.store import contacts, invoices, outbox, templates, users
from portal.store.db import SYSTEM, db, unit_of_work
from portal.worker.lock import ProcessLock
from tests.cast import PASSWORD, plant, typed_config
from tests.fixtures_portal import Clock, build
from tests.guards.routes import Way
from tests.page import Page

# Written by coming in and by being refused; every other table holds somebody's business.
BOOKKEEPING = frozenset({"sign_ins", "limits", "audit_events", "audit_heads", "sqlite_sequence"})
_TOKEN = re.compile(r'(name="csrf_token"[^>]*?value=")[^"]*')
_COOKIE = re.compile(r"=[^;]*")


@dataclass(frozen=True, slots=True)
class Company:
    """`ids` are its own and those of one thing of every kind in it; `tenant` is None where it was closed, or never was.

    `gone` are ids of things that were in it and were deleted. `mark` stands in whatever is called something in it.
    """

    name: str
    ids: Mapping[str, object]
    tenant: Tenant | None = None
    gone: Mapping[str, object] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser. `actor` is None for whoever is not signed in, or not any more."""

    name: str
    actor: Actor | None
    cookie: str
    token: str
    ids: Mapping[str, object] = field(default_factory=dict)

    def ask(
        self,
        app: Flask,
        method: str,
        url: str,
        fields: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """One request. The cookie that comes back is not kept, so that every request starts from the same place."""
        asked = {"query_string": fields} if method == "GET" else {"data": {"csrf_token": self.token, **(fields or {})}}
        client = app.test_client(use_cookies=False)
        return client.open(url, method=method, headers={"Cookie": self.cookie, **(headers or {})}, **asked)


@dataclass(frozen=True, slots=True)
class Inhabited:
    app: Flask
    companies: tuple[Company, ...]
    nobodys: Company
    visitors: tuple[Visitor, ...]
    links: Mapping[str, str]
    records: "Records"

    def __getitem__(self, name: str) -> Visitor:
        return next(each for each in self.visitors if each.name == name)

    def company_of(self, visitor: Visitor) -> Company:
        return next(each for each in self.companies if each.tenant == visitor.actor.tenant)

    def url(self, way: Way, ids: Mapping[str, object]) -> str:
        """The way's address with these ids; what is no id gets a sample."""
        blueprint = way.rule.endpoint.partition(".")[0]
        return way.url({"token": self.links.get(blueprint), "name": "none", "letter_id": "none", **ids})


class Records:
    """The database file, seen from outside: whether anything in it changed, and the way back to how it was."""

    def __init__(self, path: Path) -> None:
        self._live = sqlite3.connect(path)
        self._live.execute("PRAGMA synchronous = OFF")
        self._kept = sqlite3.connect(":memory:")
        self._rows: dict[str, str] = {}
        self._seen = -1

    def keep(self) -> None:
        """From now on changes are told from how it is at this moment."""
        self._live.backup(self._kept)
        self._rows, self._seen = self._digests(), self._commits()

    def has_changed(self) -> bool:
        """Whether anybody committed anything since the records were as they were kept."""
        return self._commits() != self._seen

    def changed(self) -> set[str]:
        """The tables in which any row came, went or changed."""
        if not self.has_changed():  # so nothing has to be read
            return set()
        commits, now = self._commits(), self._digests()
        found = {name for name in now if now[name] != self._rows[name]}
        if not found:
            self._seen = commits
        return found

    def touched(self, tables: set[str]) -> set[UUID]:
        """The companies of all rows in these tables that came, went or changed."""
        known = {name: sql for name, sql in self._owners().items() if name in tables}
        pairs = [set(self._live.execute(sql)) ^ set(self._kept.execute(sql)) for sql in known.values()]
        return {UUID(row[-1]) for rows in pairs for row in rows if row[-1]}

    def _owners(self) -> dict[str, str]:
        """By table, a query for its rows with the company of each at the end."""
        schema = self._live.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {name: f'SELECT *, tenant_id FROM "{name}"' for name, sql in schema if " tenant_id " in sql}
        mails = "SELECT one.*, tenant_id FROM recipients one JOIN messages ON messages.id = one.message_id"
        return {**found, "tenants": "SELECT *, id FROM tenants", "recipients": mails}

    def restore(self) -> None:
        self._kept.backup(self._live)
        self._seen = self._commits()

    def _commits(self) -> int:
        """A number that is another one after every commit through another connection (SQLite, PRAGMA data_version)."""
        return self._live.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        self._live.close()
        self._kept.close()

    def _digests(self) -> dict[str, str]:
        tables = [name for (name,) in self._live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: self._digest(name) for name in tables}

    def _digest(self, table: str) -> str:
        return hashlib.sha256(repr(self._live.execute(f'SELECT * FROM "{table}"').fetchall()).encode()).hexdigest()


def everything(ids: Mapping[str, object]) -> dict[str, object]:
    """One form that fills in every field there is, so that whoever is let in gets something done."""
    typed = typed_config(name="Something new")
    return {
        **{name: getattr(typed, name) for name in ("name", "host", "port", "username", "from_address", "charset")},
        **{name: getattr(typed, name) for name in ("misfit", "mechanism", "trust_kind")},
        "server_type": "smtp",
        "use_ssl": "y",
        "signs_in": "y",
        "version": "1",
        "config": str(ids.get("config_id", "")),
        "config_id": str(uuid4()),
        "trial": "",
        "verb": "check",
        "recipient": "sue@demo.test",
        "email": "somebody-new@demo.test",
        "role": "staff",
        "kind": "customer",
        "owner_name": "Somebody New",
        "owner_email": "somebody-new@demo.test",
        "purpose": "invitation",
        "language": "en",
        "subject": "Come in",
        "text": "{{inviter}} waits: {{url}}",
        "domains": "",
        "current_password": PASSWORD,
        "password": "quite another passphrase",
        "one_time_password": "000000",
        "change": "unlink",
        "user": str(ids.get("user_id", "")),
        "option": "helo_name",
        "value": "mail.demo.test",
        "direction": "up",
        "invoice_id": str(uuid4()),
        "number": "7",
        "note": "",
        "parent": str(ids.get("tenant_id", "")),
        "emails": "somebody-new@demo.test",
        "step": "hold",
        "below": "1",
        "product": "Quite another portal",
        "accent": "#2f5bd8",
        "support": "help@demo.test",
        "imprint": "https://demo.test/imprint",
        "host_name": "portal.demo.test",
    }


def masked(answer: TestResponse) -> tuple[object, ...]:
    """Everything that is sent, but for the CSRF token, what the cookie with its seed holds, and the request's id."""
    headers = sorted((name, _masked(name, value)) for name, value in answer.headers if name != "X-Request-ID")
    return answer.status_code, headers, _TOKEN.sub(r"\1", answer.text)


def _masked(name: str, value: str) -> str:
    return _COOKIE.sub("=", value, count=1) if name == "Set-Cookie" else value


@contextmanager
def inhabiting(folder: Path, empty_database: Path, clock: Clock, **changes: object) -> Iterator[Inhabited]:
    """A demo, because it has every page, in which the cast and more of its kind live, and everybody has signed in."""
    shutil.copy(empty_database, folder / "portal.db")
    draft = judged(typed_config(name="Deployment", signs_in=False))
    app = build(folder, clock, **{"demo": True, "instance_default": InstanceDefault(draft, None), **changes})
    lock = ProcessLock(folder / "worker.lock")
    lock.take(print)  # somebody delivers, as far as the pages can see
    with closing(Records(folder / "portal.db")) as records:
        yield _settled(app, records)
    lock.release()
    with app.app_context():
        db.engine.dispose()


def _settled(app: Flask, records: Records) -> Inhabited:
    with app.app_context():
        founder = _Founder(app.extensions["portal.services"])
        people, companies, links = founder.people(), founder.companies(), founder.links()
    # Outside of any context, as in life: within one all requests would share who is signed in.
    visitors = [_signed_in(app, name, person) for name, person in people.items()]
    with app.app_context():
        founder.let_time_pass()
        people = founder.people_now(people)
        companies = [replace(each, tenant=founder.now(each.tenant)) for each in companies]
    records.keep()
    return Inhabited(
        app,
        tuple(companies),
        Company("a company that never was", {name: uuid4() for name in companies[0].ids}),
        (*(replace(each, actor=people[each.name]) for each in visitors), _stranger(app)),
        links,
        records,
    )


class _Founder:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._configs: dict[TenantId, ConfigId] = {}
        self._late_mark = ""
        self._cast = cast = plant(services)
        self._resting = self._child(cast.rex.tenant, "sub_reseller", "Rex at Rest")
        self._below_rest = self._child(self._resting, "customer", "Below Rest")
        self._closed = self._child(cast.rex.tenant, "customer", "Rex Gone")
        self._next_door = self._child(cast.rex.tenant, "sub_reseller", "Next Door to Sue")

    def people(self) -> dict[str, Actor]:
        cast = self._cast
        return {
            "Pia": cast.pia,
            "Rex": cast.rex,
            "Sue": cast.sue,
            "Cal": cast.cal,
            "Otto": cast.otto,
            "Rex as staff": self._person("rex-as-staff", cast.rex.tenant, Role.STAFF),
            "Sue, disabled": self._person("sue-disabled", cast.sue.tenant, Role.OWNER),
            "Sue, suspended": self._person("sue-suspended", self._resting, Role.OWNER),
            "Cal, below a suspended company": self._person("cal-below", self._below_rest, Role.STAFF),
            "Sue, next door": self._person("sue-next-door", self._next_door, Role.OWNER),
            "Pia as staff": self._person("pia-as-staff", cast.pia.tenant, Role.STAFF),
            "Sue's staff, in a profile": self._member(),
            "Cal, one level up": self._person("cal-above", cast.sue.tenant, Role.CUSTOMER),
            "Otto, before his reset": self._person("otto-before", cast.otto.tenant, Role.OWNER),
        }

    def companies(self) -> list[Company]:
        cast = self._cast
        own = [person.tenant for person in (cast.pia, cast.rex, cast.sue, cast.cal, cast.otto)]
        return [
            self._furnished(each) for each in (*own, self._resting, self._below_rest, self._closed, self._next_door)
        ]

    def links(self) -> dict[str, str]:
        """A one-time link that works, by the blueprint that takes it."""
        guest = self._person("otto-invited", self._cast.otto.tenant, Role.STAFF, is_invited=True)
        link_for = self._services.invitations.link_for
        return {
            "contact_confirmations": self._asked_contact(),
            "email_changes": self._asked_address(),
            "invitations": link_for(guest.user_id).rpartition("/")[2],
            "password_resets": link_for(self._cast.otto.user_id).rpartition("/")[2],
        }

    def _asked_contact(self) -> str:
        """The token in the link that somebody was mailed."""
        tenant, token = self._cast.otto.tenant, "a token that nobody guesses"
        contact = self._services.contacts.add(
            self._cast.pia, tenant.id, kind="technical", name="Asked", email="asked@demo.test"
        )
        with unit_of_work(SYSTEM) as session:
            row = contacts.get_row(session, tenant.id, contact.id)
            row.token_hash = hashlib.sha256(token.encode()).digest()
        return token

    def _asked_address(self) -> str:
        """The token in the link that proves a new address of somebody's."""
        with unit_of_work(SYSTEM) as session:
            links, user_id = self._services.security.email_changes.links, self._cast.pia.user_id
            link = links.issue(session, user_id, LinkPurpose.EMAIL_CHANGE, email="pia@new.example")
        return link.url.rpartition("/")[2]

    def let_time_pass(self) -> None:
        """What happens after everybody has signed in."""
        self._services.tenants.suspend(self._cast.pia, self._resting.id)
        self._services.tenants.close(self._cast.pia, self._closed.id)
        with unit_of_work(SYSTEM) as session:
            users.find_row_by_email(session, "sue-disabled@demo.test").status = UserStatus.DISABLED.value
            otto = UserId(users.find_row_by_email(session, "otto-before@demo.test").id)
        token = self._services.invitations.link_for(otto).rpartition("/")[2]
        self._services.password_changes.reset(token, Secret("quite another passphrase"))
        # So that the first page of any log would show what is somebody else's.
        self._services.profiles.create(self._cast.pia, self._cast.otto.tenant.id, name=f"{self._late_mark} again")

    def now(self, tenant: Tenant) -> Tenant | None:
        """The company as it is by now, or None for the closed one."""
        with suppress(NotFoundError):
            return self._services.tenants.get(self._cast.pia, tenant.id, Permission.VIEW_TREE)
        return None

    def people_now(self, people: Mapping[str, Actor]) -> dict[str, Actor | None]:
        now = {name: replace(person, tenant=self.now(person.tenant)) for name, person in people.items()}
        return {**now, "Sue, disabled": None, "Otto, before his reset": None}

    def _child(self, parent: Tenant, kind: str, name: str) -> Tenant:
        return self._services.tenants.create(self._cast.pia, parent.id, kind=kind, name=name)

    def _furnished(self, tenant: Tenant) -> Company:
        pia, services, mark = self._cast.pia, self._services, f"bird{secrets.token_hex(6)}"
        named = {"name": mark, "host": f"{mark}.example.test", "username": f"{mark}@example.test"}
        config = self._cast.config(pia, tenant=tenant, **named)
        trial = services.trials.request_saved(pia, tenant.id, config.id, verb=Verb.CHECK, recipient=pia.email)
        content = Outgoing(subject=f"Hello {mark}", text="A letter.")
        message, _ = services.sending.send(tenant_id=tenant.id, to=(Mailbox("sue@demo.test", "Sue"),), content=content)
        guest = self._person(mark, tenant, Role.STAFF, is_invited=True)
        ids = {"tenant_id": tenant.id, "config_id": config.id, "trial_id": trial}
        profile = services.profiles.create(pia, tenant.id, name=mark)
        services.profiles.add_members(pia, tenant.id, profile.id, [guest.user_id])
        contact = services.contacts.add(pia, tenant.id, kind="billing", name=mark, email=guest.email)
        ids["sign_in_id"] = uuid4()  # everybody's own stands with him, a company has none
        ids |= {"message_id": message, "user_id": guest.user_id, "profile_id": profile.id, "contact_id": contact.id}
        ids["host_id"] = services.brand_hosts.ask(pia, tenant.id, f"{mark}.example.test").id
        self._brand(tenant, mark)
        self._bill(tenant, mark)
        if tenant.id in {self._cast.rex.tenant.id, self._cast.sue.tenant.id, self._next_door.id}:
            services.mail_configs.select(pia, tenant.id, config.id)
        if tenant.id == self._cast.otto.tenant.id:
            self._word(tenant, mark)
            self._late_mark = mark
        self._configs[tenant.id] = config.id
        self._carry(message, self._configs.get(tenant.parent_id))
        return Company(tenant.name, ids, tenant, self._emptied(tenant), mark)

    def _carry(self, message_id: MessageId, config_id: ConfigId | None) -> None:
        """The mail went through what the level above had selected then."""
        with unit_of_work(SYSTEM) as session:
            outbox.get_row(session, message_id).config_id = config_id

    def _word(self, tenant: Tenant, mark: str) -> None:
        """A mail in the company's own words that nobody has published yet."""
        wording = templates.shape_of(Wording(subject=mark, text=f"{mark} {{{{url}}}}"))
        draft = {"purpose": "invitation", "language": "en", "draft": wording, "version": 1}
        with unit_of_work(SYSTEM) as session:
            session.add(templates.TemplateRow(id=uuid4(), tenant_id=tenant.id, **draft))

    def _brand(self, tenant: Tenant, mark: str) -> None:
        """A brand of its own, of which nobody below sees anything; strangers see that of the root."""
        typed = TypedBranding(product="" if tenant.is_root else mark, starts_afresh=True)
        self._services.brandings.change(self._cast.pia, tenant.id, typed, version=0)

    def _bill(self, tenant: Tenant, mark: str) -> None:
        """An invoice that was sent; its mail is forgotten by now."""
        invoice = {"number": mark, "file_name": f"{mark}.pdf", "created_at": self._services.clock()}
        with unit_of_work(SYSTEM) as session:
            session.add(invoices.InvoiceRow(id=uuid4(), tenant_id=tenant.id, message_id=uuid4(), **invoice))

    def _emptied(self, tenant: Tenant) -> dict[str, object]:
        """Ids of what is not there any more."""
        pia, services = self._cast.pia, self._services
        config = self._cast.config(pia, tenant=tenant, name="Short-lived")
        profile = services.profiles.create(pia, tenant.id, name="Short-lived")
        contact = services.contacts.add(
            pia, tenant.id, kind="abuse", name="Short-lived", email=f"gone-{tenant.id}@demo.test"
        )
        services.mail_configs.delete(pia, tenant.id, config.id)
        services.profiles.delete(pia, tenant.id, profile.id)
        services.contacts.remove(pia, tenant.id, contact.id)
        host = services.brand_hosts.ask(pia, tenant.id, "short-lived.example.test")
        services.brand_hosts.give_up(pia, tenant.id, host.id)
        gone = {"config_id": config.id, "profile_id": profile.id, "contact_id": contact.id}
        return {**gone, "host_id": host.id}

    def _member(self) -> Actor:
        """Somebody who belongs to a profile of his company."""
        sue, services = self._cast.sue, self._services
        person = self._person("sue-staff", sue.tenant, Role.STAFF)
        profile = services.profiles.create(sue, sue.tenant.id, name="Support")
        services.profiles.add_members(sue, sue.tenant.id, profile.id, [person.user_id])
        return person

    def _person(self, name: str, tenant: Tenant, role: Role, *, is_invited: bool = False) -> Actor:
        email = f"{name}@demo.test"
        password = None if is_invited else Secret(PASSWORD)
        user = self._services.accounts.add(tenant.id, email=email, name=name, role=role, password=password)
        return Actor(user.id, tenant, role, email, name)


def _signed_in(app: Flask, name: str, person: Actor) -> Visitor:
    with app.app_context():
        own = app.extensions["portal.services"].trials.request_own(person)
    client = app.test_client()
    _cookie, token = _session_of(client, "/sign-in")
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD, "csrf_token": token})
    with app.app_context():
        services, reference = app.extensions["portal.services"], _reference_in(client)
        here = next(each for each in services.security.sign_ins.mine(person, reference) if each.is_this)
    return Visitor(name, person, *_session_of(client, "/me/password"), {"trial_id": own, "sign_in_id": here.id})


def _reference_in(client: FlaskClient) -> str:
    """What the cookie of a signed-in browser refers to."""
    with client.session_transaction() as cookie:
        return cookie["_user_id"]


def _stranger(app: Flask) -> Visitor:
    return Visitor("nobody signed in", None, *_session_of(app.test_client(), "/sign-in"))


def _session_of(client: FlaskClient, url: str) -> tuple[str, str]:
    """The cookie of a browser after it fetched a page, and the CSRF token on that page."""
    token = Page(client.get(url).text).value("csrf_token")
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
    return f"{cookie.key}={cookie.value}", token
