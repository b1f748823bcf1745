"""What the documentation has to say, held against what the portal does."""

import importlib
import pkgutil
import re
from datetime import timedelta
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from sqlalchemy import LargeBinary
from wtforms import Form

import portal.web.forms
from portal.domain import (
    audit,
    brand_hosts,
    branding,
    config_rules,
    contacts,
    invoices,
    limits,
    mail_log,
    passphrases,
    sender,
    sign_ins,
    templates,
)
from portal.services import passphrases as hashing
from portal.services.profiles import MOST_AT_ONCE
from portal.store.db import Base
from tests.asvs.test_code import found, imported

ROOT = Path(__file__).parents[2]
SPANS = {
    timedelta(minutes=1): "a minute",
    timedelta(minutes=15): "15 minutes",
    timedelta(hours=1): "an hour",
    timedelta(days=1): "a day",
}


def section(name, title):
    """What stands under a heading, up to the next one of its level or above."""
    level = title.partition(" ")[0]
    return (ROOT / name).read_text().partition(f"\n{title}\n")[2].partition(f"\n{level} ")[0]


def quoted(text):
    return set(re.findall(r"`([a-z_]+)`", text))


def fields():
    """The fields of all forms, by the form that has them; what the style page shows is sent nowhere."""
    for each in pkgutil.iter_modules(portal.web.forms.__path__):
        if each.name == "styleguide":
            continue
        module = importlib.import_module(f"portal.web.forms.{each.name}")
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, Form) and form.__module__ == module.__name__:
                yield from (
                    (form.__name__, name) for name, value in vars(form).items() if hasattr(value, "field_class")
                )


@pytest.mark.asvs("2.1.1")
def test_every_field_of_every_form_is_in_the_list_and_no_other_is():
    listed = quoted(section("docs/fields.md", "## Fields").partition("### ")[0])
    there = {name for _form, name in fields()}

    assert there - listed == set()
    assert listed - there == set()
    assert len(there) > 60


@pytest.mark.asvs("2.1.1")
def test_the_lengths_in_the_list_are_those_of_the_rules():
    rows = re.findall(
        r"^\| ([^|]*) \| ([^|]*) \| (.*) \|$|^\| \| ([^|]*) \| (.*) \|$",
        section("docs/fields.md", "## Fields"),
        re.MULTILINE,
    )
    said = {
        name: " ".join(row[2] or row[4] for row in rows if f"`{name}`" in (row[1] or row[3]))
        for name in quoted(str(rows))
    }
    wanted = {
        "name": config_rules.LONGEST_NAME,
        "from_name": config_rules.LONGEST_FROM_NAME,
        "username": config_rules.LONGEST_USERNAME,
        "password": config_rules.LONGEST_PASSWORD,
        "trust_pem": config_rules.LONGEST_PEM,
        "per_minute": config_rules.MOST_PER_MINUTE,
        "subject": templates.LONGEST_SUBJECT,
        "text": templates.LONGEST_TEXT,
        "header": templates.LONGEST_EDGE,
        "number": invoices.LONGEST_NUMBER,
        "note": invoices.LONGEST_NOTE,
        "domains": sender.MOST_DOMAINS,
        "emails": MOST_AT_ONCE,
        "kind": contacts.MOST_CONTACTS,
        "product": branding.LONGEST_PRODUCT,
        "imprint": branding.LONGEST_LINK,
        "host_name": brand_hosts.MOST,
    }

    assert {name: most for name, most in wanted.items() if f"{most:,}" not in said[name]} == {}


@pytest.mark.asvs("2.1.2")
def test_fields_that_have_to_fit_together_are_listed():
    listed = quoted(section("docs/fields.md", "## Fields that have to fit together"))
    bound = {"host", "port", "encryption", "trust_kind", "mechanism", "username", "password"}

    assert listed >= bound | {
        "signs_in",
        "cleartext_consent",
        "use_ssl",
        "trust_pem",
        "trust_pin",
        "domains",
        "version",
    }
    assert listed <= {name for _form, name in fields()}


@pytest.mark.asvs("2.1.3", "6.1.1")
def test_every_limit_is_in_the_list_with_its_figures():
    known = [each for each in vars(limits).values() if isinstance(each, limits.Limit)]
    listed = section("docs/fields.md", "## How often")

    assert [each for each in known if f"(`{each.name}`) | {each.uses} | {SPANS[each.window]} |" not in listed] == []
    assert listed.count("\n| ") == len(known) + 1


@pytest.mark.asvs("5.1.1")
def test_the_files_that_are_taken_are_described_and_there_are_no_others():
    (row,) = [line for line in section("docs/fields.md", "## Fields").splitlines() if "`file`" in line]

    assert f"{invoices.LARGEST_PDF // 1024 // 1024} MiB" in row
    assert "PDF" in row
    (row,) = [line for line in section("docs/fields.md", "## Fields").splitlines() if "`logo`" in line]
    assert f"{branding.LARGEST_LOGO // 1024} KiB" in row
    assert f"{branding.LARGEST_SIDE:,} pixels" in row
    assert {each.partition(":")[0] for each in found(lambda node: "flask_wtf.file" in imported(node))} == {
        "portal/web/forms/brandings.py",
        "portal/web/forms/contacts.py",
        "portal/web/forms/styleguide.py",  # shows a control and takes nothing
    }


@pytest.mark.asvs("6.1.2")
def test_the_words_that_no_password_is_made_of_are_listed():
    listed = section("docs/fields.md", "### Words that a password may not be made of")

    assert f"*{passphrases.PRODUCT}*" in listed
    assert f"from {passphrases._SHORTEST_WORD} letters on" in listed
    assert [
        each for each in ("name of the person", "his address", "name of the company", "10,000") if each not in listed
    ] == []
    words = passphrases.words_about("Rex Rumpel", "rex@mail.example", "Rex Hosting")
    assert words >= {"relaytree", "rumpel", "mail", "hosting", "rexhosting"}


@pytest.mark.asvs("7.1.1", "7.1.2")
def test_the_guides_say_how_long_sessions_last_and_how_many_there_may_be():
    guide, operating = section("docs/using.md", "## Signing in"), (ROOT / "docs/operating.md").read_text()
    idle, whole = sign_ins.IDLE // timedelta(minutes=1), sign_ins.ABSOLUTE // timedelta(hours=1)

    for text in (guide, operating):
        assert f"{idle} minutes without" in text.replace("\n", " ")
        assert f"{whole} hours in any case" in text
    assert sign_ins.MOST == 10
    assert "There are ten at most" in guide
    assert "ten for each person at most" in operating


@pytest.mark.asvs("8.1.2")
def test_the_guide_says_where_fields_are_narrowed_beyond_the_table_of_roles():
    told = section("docs/data.md", "## Who sees and changes which fields")

    assert (ROOT / "portal/domain/roles.py").exists()
    assert [
        each for each in ("secrets", "Provider default", "customer", "own role", "roles.py") if each not in told
    ] == []


@pytest.mark.asvs("14.1.1", "14.1.2")
def test_every_table_has_its_kind_and_what_protects_it():
    rows = [
        line.split(" | ") for line in section("docs/data.md", "## Kinds of data").splitlines() if line.startswith("| `")
    ]
    listed = {name for row in rows for name in quoted(row[0])}
    secret = {
        f"{table}.{name}"
        for row in rows
        if "secret" in row[1]
        for table in quoted(row[0])
        for name in quoted(" ".join(row))
    }
    tables = Base.metadata.tables.values()
    sealed = {str(each) for table in tables for each in table.columns if isinstance(each.type, LargeBinary)}

    assert listed == set(Base.metadata.tables)
    assert all(len(row) == 3 and len(row[2]) > 10 for row in rows)
    assert sealed - secret - {"second_factors.seed", "second_factors.offered_seed", "recovery_codes.code_hash"} == {
        "audit_events.hash", "audit_events.seal", "audit_heads.fold", "audit_heads.hash", "audit_heads.seal", "brandings.logo", "browsers.mark_hash",
    }  # fmt: skip


@pytest.mark.asvs("11.1.2")
def test_every_place_that_uses_a_cipher_or_a_hash_is_in_the_inventory():
    using = {"cryptography", "hashlib", "hmac", "ssl", "passlib"}
    places = {
        each.partition(":")[0]
        for each in found(lambda node: bool({one.partition(".")[0] for one in imported(node)} & using))
    }
    listed = set(re.findall(r"`(portal/[a-z_/]+\.py)`", section("docs/data.md", "## What is encrypted with what")))

    assert listed <= places | {"portal/app.py"}
    assert places - listed == set()


@pytest.mark.asvs("11.1.1")
def test_the_life_of_every_key_is_told():
    rows = [line for line in section("docs/data.md", "## How a key lives").splitlines() if line.startswith("| ")][1:]
    told = " ".join(rows)

    assert all(row.count(" | ") == 3 and "|  |" not in row for row in rows)
    names = ("PORTAL_KEYS", "PORTAL_SECRET_KEY", "data key", "audit log", "backup", "second factor", "/metrics")
    assert [each for each in names if each not in told] == []


@pytest.mark.asvs("15.1.1")
def test_it_is_said_how_soon_parts_are_renewed():
    assert re.search(
        r"within 7 days .* within 30 days .* every 6 months",
        section("SECURITY.md", "## Parts of others").replace("\n", " "),
    )


@pytest.mark.asvs("15.1.2")
def test_every_part_that_runs_is_listed_with_its_version_and_its_hash():
    pinned = {
        name.replace("_", "-").casefold()
        for name in re.findall(
            r"^([\w.-]+)(?:\[[\w,]+\])?==\S+ \\$", (ROOT / "requirements.txt").read_text(), re.MULTILINE
        )
    }
    taken = {
        name.partition(".")[0]
        for each in found(lambda node: bool(imported(node)))
        for name in re.findall(r": (?:from|import) ([\w.]+)", each)
    }
    known = packages_distributions()
    parts = {dist.replace("_", "-").casefold() for name in taken if name != "portal" for dist in known.get(name, [])}
    vendored = {path.name.partition(".")[0] for path in (ROOT / "static/vendor").glob("*.min.*")}

    assert len(pinned) > 30
    assert len(parts) > 15
    assert parts - pinned == set()
    assert {path.name.partition(".")[0] for path in (ROOT / "static/vendor").glob("*.LICENSE.txt")} == vendored
    assert [name for name in vendored if name not in (ROOT / "static/vendor/README.md").read_text().casefold()] == []


@pytest.mark.asvs("15.1.3")
def test_what_is_costly_is_listed_with_what_holds_it_within_bounds():
    listed = section("docs/operating.md", "### What is costly")
    most = {audit.MOST_EXPORTED, mail_log.MOST_EXPORTED}

    assert f"{hashing.MOST_AT_ONCE} at once" in listed
    assert [each for each in most if f"{each:,} lines" not in listed] == []
    assert f"{invoices.LARGEST_PDF // 1024 // 1024} MiB" in listed
    assert "threads = 16" in (ROOT / "gunicorn.conf.py").read_text()
    assert "16 threads" in listed


@pytest.mark.asvs("16.1.1")
def test_the_guide_names_what_is_logged_by_whom_and_with_which_facts():
    listed = section("docs/operating.md", "### Logs")
    source = (ROOT / "portal/telemetry/logs.py").read_text()
    loggers = set(re.findall(r'getLogger\("(portal\.\w+)"\)', source))
    facts = {name for line in re.findall(r"facts = \{(.*)\}", source) for name in re.findall(r'"(\w+)":', line)}

    assert loggers == {"portal.requests", "portal.mails", "portal.audit"}
    assert {each for each in loggers | facts if f"`{each}`" not in listed} == set()
    assert "UTC" in listed


@pytest.mark.asvs("16.4.3")
def test_whatever_runs_the_portal_gets_its_lines_and_the_guide_says_how_they_get_elsewhere():
    units = [path.read_text() for path in (ROOT / "deploy").glob("*.service")]
    parts = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()

    assert len(units) == 4
    assert [text for text in units if "StandardError" in text or "StandardOutput" in text] == []
    assert [part for part in parts if "logging" in part] == []
    assert re.search(r"systemd-journal-upload.*HTTPS.*TLS", section("docs/operating.md", "### Logs"))
