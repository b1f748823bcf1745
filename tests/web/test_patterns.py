import pytest
from flask import render_template_string

from portal.web.lasting import lasting
from portal.web.patterns import filled_in, pattern_of


@pytest.fixture
def macro(app):
    """A macro of this source, as a page has it."""

    def made(source):
        return app.jinja_env.from_string(source).module

    with app.test_request_context():
        yield made


def test_a_row_that_is_filled_is_the_row_that_the_macro_would_have_written(macro):
    row = macro(
        '{% macro row(id, name) %}<tr id="{{ id }}" title="100 %">{{ _("Use %(name)s", name=name) }}</tr>{% endmacro %}'
    ).row

    for values in ({"id": "1", "name": "Office"}, {"id": "%(id)s", "name": '<b>"%s" & \ue000id\ue001'}):
        assert pattern_of(row, "id", "name").filled(*values.values()) == str(row(**values))


def test_what_is_safe_already_is_not_escaped_again_and_what_is_not_always_is(macro):
    write = macro("{% macro write(text) %}<p>{{ text }}</p>{% endmacro %}").write
    safe = write("<b>")

    assert pattern_of(write, "text").filled(safe) == "<p><p>&lt;b&gt;</p></p>"
    assert pattern_of(write, "text").filled("<b>") == "<p>&lt;b&gt;</p>"


def test_of_a_pattern_that_is_partly_filled_the_rest_is_filled_as_usual(macro):
    write = macro(
        '{% macro write(id, name, state) %}<p id="{{ id }}">{{ name }} {{ state }}</p>{{ id }}{% endmacro %}'
    ).write
    safe = macro("<b>").__html__()

    half = pattern_of(write, "id", "name", "state").partly_filled(state=safe, name="<\ue000id\ue001>")

    assert half.filled("1") == '<p id="1">&lt;\ue000id\ue001&gt; <b></p>1'


def test_a_pattern_may_ask_what_is_alike_in_all_that_are_filled(macro):
    write = macro("{% macro write(id, shown) %}{% if shown %}<p>{{ id }}</p>{% endif %}{% endmacro %}").write

    assert pattern_of(write, "id", shown=True).filled("1") == "<p>1</p>"
    assert pattern_of(write, "id", shown=False).filled("1") == ""


def test_what_is_filled_is_escaped_and_asked_at_most_whether_it_is_there(macro):
    write = macro(
        "{% macro write(name, url) %}{% if url %}<a href='{{ url }}'>{{ name }}</a>{% else %}{{ name }}{% endif %}{% endmacro %}"
    ).write

    assert filled_in(write, {"name": "<b>", "url": "/a?b&c"}) == "<a href='/a?b&amp;c'>&lt;b&gt;</a>"
    assert filled_in(write, {"name": "<i>", "url": ""}) == "&lt;i&gt;"
    assert filled_in(write, {"name": "", "url": "/"}) == "<a href='/'></a>"


def test_of_what_was_filled_nothing_is_kept(macro):
    written = []

    def write(name):
        written.append(name)
        return name

    assert [filled_in(write, {"name": each}) for each in ("Otto", "Sue", "Cal")] == ["Otto", "Sue", "Cal"]
    assert len(written) == 1
    assert "Otto" not in written[0]


def test_what_lasts_takes_a_text_for_no_html_with_the_same_letters(app):
    with app.test_request_context():
        kept = lasting(lambda text: render_template_string("{{ text }}", text=text))
        safe = app.jinja_env.from_string("{{ '<b>' | safe }}").module
        first, second = kept(safe.__html__()), kept("<b>")

    assert (str(first), str(second)) == ("<b>", "&lt;b&gt;")


def test_what_lasts_is_written_once_for_each_language(app):
    written = []

    def write(text):
        written.append(text)
        return text

    kept = lasting(write)
    for language in ("en", "de", "en", "de"):
        with app.test_request_context(headers={"Accept-Language": language}):
            app.preprocess_request()
            kept("same")

    assert written == ["same", "same"]


def test_a_template_writes_every_kind_of_value_as_jinja_does(app):
    source = (
        "{{ a }}|{{ b }}|{{ c }}|{{ d }}|{{ 'x' if none }}|{{ {'data-a': '<', 'hidden': '', 'no': none} | xmlattr }}"
    )
    with app.test_request_context():
        text = render_template_string(
            source, a="<b>", b=app.jinja_env.from_string("<i>").module.__html__(), c=3, d=None
        )

    assert text == '&lt;b&gt;|<i>|3|None|| data-a="&lt;" hidden=""'
