"""Knows how the portal's own mails are worded: one folder per mail under templates/mail, in its own environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.domain.outgoing import Outgoing
from portal.i18n import current_voice, gettext, ngettext

# What stands below every mail where somebody set it.
_UNBRANDED = dict.fromkeys(("support", "privacy", "terms", "imprint"), "")


@dataclass(frozen=True, slots=True)
class MailTemplates:
    """Renders `<name>/subject.txt`, `body.txt` and `body.html`; HTML is escaped, text is not."""

    _environment: Environment

    @classmethod
    def under(cls, folder: Path) -> "MailTemplates":
        environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
        return cls(environment)

    def render(self, name: str, context: Mapping[str, object]) -> Outgoing:
        """Word one mail in the language of the moment.

        The subject is the one line of its file; a missing value raises UndefinedError.
        """
        voice = current_voice()
        spoken = {**_UNBRANDED, "language": voice.language, "direction": voice.direction, **context}
        subject, text, html = (
            self._environment.get_template(f"{name}/{part}").render(spoken)
            for part in ("subject.txt", "body.txt", "body.html")
        )
        return Outgoing(subject=" ".join(subject.split()), text=text.strip() + "\n", html=html)
