import gzip
import hashlib
import os
import re
from pathlib import Path

import pytest
from flask import Flask

from portal.web import assets

ROOT = Path(__file__).parents[2]
SUM = re.compile(r"`([\w.]+)` \|.*`([0-9a-f]{64})`")


@pytest.fixture
def app():
    app = Flask("portal", static_folder=str(ROOT / "static"))
    assets.install(app)
    return app


@pytest.fixture
def browser(app):
    return app.test_client()


@pytest.fixture
def url(app):
    def url_of(name):
        with app.test_request_context():
            return assets.asset_url(name)

    return url_of


def test_every_asset_is_served_for_ever_under_a_name_made_from_its_content(browser, url):
    for name, content_type in (
        ("app.css", "text/css"),
        ("app.js", "text/javascript"),
        ("sprite.svg", "image/svg+xml"),
        ("mark.svg", "image/svg+xml"),
    ):
        response = browser.get(url(name))

        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.content_type.startswith(content_type)
        assert hashlib.sha256(response.data).hexdigest()[:16] in url(name)


def test_a_name_with_another_hash_does_not_exist(browser, url):
    assert browser.get(url("app.css").replace("app.", "app.0")).status_code == 404
    assert browser.get("/assets/app.css").status_code == 404


def test_a_browser_that_understands_gzip_gets_the_same_bytes_zipped(browser, url):
    plain = browser.get(url("app.css"))
    zipped = browser.get(url("app.css"), headers={"Accept-Encoding": "gzip"})

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(zipped.data) == plain.data
    assert len(zipped.data) < len(plain.data) / 3


def test_every_stylesheet_and_behaviour_of_the_project_is_in_the_bundle(browser, url):
    css, js = browser.get(url("app.css")).text, browser.get(url("app.js")).text

    for path in (ROOT / "static" / "css").rglob("*.css"):
        assert path.read_text() in css, path.name
    for path in (ROOT / "static" / "js").rglob("*.js"):
        assert path.read_text() in js, path.name


def test_pico_stands_in_the_lowest_layer_and_its_charset_rule_is_gone(browser, url):
    css = browser.get(url("app.css")).text

    assert re.search(r"@layer pico,", css).start() < css.index("@layer pico {")
    assert "@charset" not in css


def test_a_watchful_shelf_joins_again_when_a_file_changed(tmp_path):
    tree = {"icons/sprite.svg": "<svg/>", "icons/mark.svg": "<svg/>", "js/main.js": "1", "css/base.css": "a{}"}
    for name, text in tree.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    calm, watchful = assets.Shelf(tmp_path), assets.Shelf(tmp_path, watchful=True)
    before = calm.name_of("app.css")

    (tmp_path / "css/base.css").write_text("b{}")
    os.utime(tmp_path / "css/base.css", ns=(1, 1))

    assert calm.name_of("app.css") == before
    assert watchful.name_of("app.css") != before
    assert watchful.find(watchful.name_of("app.css")).body.strip() == b"b{}"


@pytest.mark.parametrize("folder", ["static/vendor", "tests/vendor"])
def test_vendored_files_are_what_their_readme_says(folder):
    sums = dict(SUM.findall((ROOT / folder / "README.md").read_text()))

    assert {path.name for path in (ROOT / folder).iterdir() if ".min." in path.name} == set(sums)
    for name, expected in sums.items():
        assert hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest() == expected
