"""What the portal's code never does, whatever is typed into it."""

import ast
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What is put in there is a constant of the same module.
WRITTEN_BY_US = frozenset({"portal/store/engines.py", "portal/store/presence.py", "portal/store/work.py"})


def trees() -> Iterator[ast.AST]:
    for path in sorted((ROOT / "portal").rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text()))


def found(is_wanted: Callable[[ast.AST], bool]) -> Iterator[str]:
    for path in sorted((ROOT / "portal").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if is_wanted(node):
                yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: {ast.unparse(node)[:100]}"


def name_of(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {each.name for each in node.names}
    return {node.module or ""} if isinstance(node, ast.ImportFrom) else set()


def is_put_together(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr | ast.BinOp)


@pytest.mark.asvs("1.2.4")
def test_no_query_is_put_together_from_text():
    executing = {"text", "exec_driver_sql", "execute"}

    def is_wanted(node: ast.AST) -> bool:
        owner, _dot, verb = name_of(node).rpartition(".")
        is_sql = verb in executing and owner not in {"self", "given"}  # these two read settings
        return is_sql and bool(node.args) and is_put_together(node.args[0])

    assert [each for each in found(is_wanted) if each.partition(":")[0] not in WRITTEN_BY_US] == []


@pytest.mark.asvs("1.2.5", "1.3.2")
def test_no_program_is_called_and_nothing_is_run_that_was_read():
    running = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execv", "os.spawnv"}

    assert list(found(lambda node: "subprocess" in imported(node) or name_of(node) in running)) == []


@pytest.mark.asvs("1.2.9")
def test_no_pattern_is_made_of_typed_text():
    matching = {f"re.{verb}" for verb in ("compile", "search", "match", "fullmatch", "sub", "split", "findall")}

    def is_wanted(node: ast.AST) -> bool:
        pattern = node.args[0] if name_of(node) in matching else None
        names = [each.id for each in ast.walk(pattern) if isinstance(each, ast.Name)] if pattern else []
        return any(not name.isupper() for name in names) and "re.escape" not in ast.unparse(pattern)

    # The words of the table of causes are ours.
    assert [each for each in found(is_wanted) if not each.startswith("portal/domain/causes.py")] == []


@pytest.mark.asvs("1.5.2")
def test_json_alone_is_read_back_into_objects():
    reviving = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml"}

    assert list(found(lambda node: bool(imported(node) & reviving))) == []


@pytest.mark.asvs("11.4.1", "11.4.3")
def test_sha_2_alone_is_used():
    """But for SHA-1 where it guards nothing: it is how published lists of stolen passwords are written."""
    weak = {"hashlib.md5", "hashlib.sha1", "hashlib.new", "hashlib.blake2s"}
    known = {"hashlib.sha256", "hashlib.sha512", "hashlib.pbkdf2_hmac", "hashlib.sha1"}
    (once,) = found(lambda node: name_of(node) in weak)

    assert once.startswith("portal/services/weak_passwords.py:")
    assert "usedforsecurity=False" in once
    others = {each for node in trees() for each in [ast.unparse(node)] if each.startswith("hashlib.")} - known
    assert {each for each in others if each.count(".") == 1 and "(" not in each} == set()


@pytest.mark.asvs("11.2.1", "11.3.1", "11.3.2")
def test_one_cipher_in_one_mode_from_one_library_is_used():
    """AES-256-GCM, HKDF with SHA-256, and certificates are read: nothing else of what there is to take."""
    offered = {"Crypto", "Cryptodome", "nacl", "rsa", "ecdsa", "pyaes", "crypt", "M2Crypto", "OpenSSL"}
    taken = {
        each.rpartition(": ")[2] for each in found(lambda node: any("cryptography" in one for one in imported(node)))
    }

    assert list(found(lambda node: bool({each.partition(".")[0] for each in imported(node)} & offered))) == []
    assert taken == {
        "from cryptography import x509",
        "from cryptography.exceptions import InvalidTag",
        "from cryptography.exceptions import UnsupportedAlgorithm",
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
        "from cryptography.hazmat.primitives.hashes import SHA256",
        "from cryptography.hazmat.primitives.kdf.hkdf import HKDF",
        "from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat",
    }


@pytest.mark.asvs("11.4.4")
def test_no_key_is_made_from_a_password():
    """PBKDF2 stands in one place: where SCRAM has it, to show a server that we know its password (RFC 7677)."""
    slow = ("pbkdf2_hmac", "PBKDF2HMAC", "scrypt", "Scrypt", "bcrypt")
    places = {
        each.partition(":")[0]
        for each in found(lambda node: isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).endswith(slow))
    }
    derived = {each.partition(":")[0] for each in found(lambda node: name_of(node) == "HKDF")}

    assert places == {"portal/mail/scram.py"}
    assert derived == {"portal/vault/archive.py", "portal/vault/audit_chain.py"}


@pytest.mark.asvs("13.4.2")
def test_nothing_turns_debugging_on():
    asks = {"debug", "use_debugger", "TESTING", "DEBUG"}

    assert list(found(lambda node: isinstance(node, ast.keyword) and node.arg in asks)) == []


@pytest.mark.asvs("15.3.5")
def test_every_type_is_checked_and_nobody_is_let_off():
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    relaxed = [each for each in mypy["overrides"] if set(each) - {"module", "ignore_missing_imports"}]

    assert mypy["strict"] is True
    assert "portal" in mypy["files"]
    assert [set(each) for each in relaxed] == [{"module", "disallow_subclassing_any"}]


@pytest.mark.asvs("6.3.4", "6.1.3")
def test_a_session_begins_in_two_places_and_the_guide_names_both():
    begun = {each.partition(":")[0] for each in found(lambda node: name_of(node).endswith("sign_ins.begin"))}
    guide = (ROOT / "docs" / "using.md").read_text().partition("## Signing in")[2].partition("\n## ")[0]

    assert begun == {"portal/services/accounts.py", "portal/services/second_steps.py"}
    assert [word for word in ("password", "Second factor", "recovery codes") if word not in guide] == []


@pytest.mark.asvs("13.1.1")
def test_connections_to_elsewhere_are_opened_in_few_places_and_each_is_documented():
    """Mail servers, the broker, and for the demo a look at ports of this machine; the database is SQLAlchemy's."""
    opening = {"socket.socket", "socket.create_connection", "socket.getaddrinfo", "Celery", "create_engine"}
    places = {each.partition(":")[0] for each in found(lambda node: name_of(node) in opening)}
    listed = (ROOT / "docs" / "data.md").read_text().partition("## Where it connects to")[2].partition("\n## ")[0]

    assert places == {"portal/mail/egress.py", "portal/worker/engine.py", "portal/demo/ports.py"}
    assert [each for each in ("mail servers", "PostgreSQL", "Redis or RabbitMQ", "DNS") if each not in listed] == []


@pytest.mark.asvs("6.5.3", "11.5.1")
def test_randomness_comes_from_secrets():
    assert list(found(lambda node: "random" in imported(node))) == []


@pytest.mark.asvs("15.3.2")
def test_nothing_fetches_anything_from_the_web():
    fetching = {"requests", "httpx", "urllib.request", "http.client", "aiohttp", "urllib3"}

    assert list(found(lambda node: bool(imported(node) & fetching))) == []


@pytest.mark.asvs("14.3.3")
def test_scripts_keep_nothing_in_the_browser_but_where_the_focus_was():
    ours = {
        path.name: path.read_text() for path in (ROOT / "static" / "js").rglob("*.js") if "vendor" not in path.parts
    }
    keeping = {name for name, text in ours.items() if "Storage" in text or "indexedDB" in text}

    assert keeping == {"radio-submit.js"}
    assert "sessionStorage.setItem(PLACE, radio.value)" in ours["radio-submit.js"]


@pytest.mark.asvs("15.3.6")
def test_scripts_touch_no_prototype():
    ours = [path for path in (ROOT / "static" / "js").rglob("*.js") if "vendor" not in path.parts]

    assert [path.name for path in ours if "prototype" in (text := path.read_text()) or "__proto__" in text] == []
