"""How the portal's own mails are worded: three files a mail, HTML escaped and text not."""

import pytest
from jinja2 import UndefinedError

from portal.mail.templates import MailTemplates


@pytest.fixture
def words(tmp_path):
    """A folder of one mail whose parts are given."""

    def put(subject="Hello {{ name }}", text="Dear {{ name }}", html="<p>{{ name }}</p>"):
        (tmp_path / "greeting").mkdir()
        for part, content in (("subject.txt", subject), ("body.txt", text), ("body.html", html)):
            (tmp_path / "greeting" / part).write_text(content)
        return MailTemplates.under(tmp_path)

    return put


@pytest.mark.asvs("1.1.2", "1.2.1")
def test_html_is_escaped_and_text_is_not(words):
    mail = words().render("greeting", {"name": "Sue <b>&"})

    assert mail.subject == "Hello Sue <b>&"
    assert mail.text == "Dear Sue <b>&\n"
    assert mail.html == "<p>Sue &lt;b&gt;&amp;</p>"


def test_a_subject_is_one_line_whatever_its_file_looks_like(words):
    assert words(subject="\n  Hello\n  {{ name }}\n").render("greeting", {"name": "Sue\r\nBcc: x"}).subject == (
        "Hello Sue Bcc: x"
    )


def test_a_value_that_is_missing_is_no_empty_place(words):
    with pytest.raises(UndefinedError):
        words().render("greeting", {})
