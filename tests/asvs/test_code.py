"""What the portal's code never does, whatever is typed into it."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What is put in there is a constant of the same module.
WRITTEN_BY_US = frozenset({"portal/store/db.py", "portal/store/presence.py", "portal/store/work.py"})


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
    weak = {"hashlib.md5", "hashlib.sha1", "hashlib.new", "hashlib.blake2s"}
    known = {"hashlib.sha256", "hashlib.sha512", "hashlib.pbkdf2_hmac"}

    assert list(found(lambda node: name_of(node) in weak)) == []
    others = {each for node in trees() for each in [ast.unparse(node)] if each.startswith("hashlib.")} - known
    assert {each for each in others if each.count(".") == 1 and "(" not in each} == set()


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
    assert "sessionStorage.setItem(PLACE, radio.id)" in ours["radio-submit.js"]


@pytest.mark.asvs("15.3.6")
def test_scripts_touch_no_prototype():
    ours = [path for path in (ROOT / "static" / "js").rglob("*.js") if "vendor" not in path.parts]

    assert [path.name for path in ours if "prototype" in (text := path.read_text()) or "__proto__" in text] == []
