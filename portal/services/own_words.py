"""Knows in whose words a mail of the portal goes out: those of the nearest company that published some, or ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from portal.domain.branding import applying as applying_brand
from portal.domain.ids import TenantId
from portal.domain.languages import DEFAULT_LANGUAGE, spoken
from portal.domain.outgoing import Outgoing, Purpose
from portal.domain.placeholders import filled, paragraphs
from portal.domain.templates import LINKS, PLACEHOLDERS, Origin, Wording
from portal.domain.tenancy import Tenant
from portal.i18n import Voice, gettext, speaking
from portal.i18n.catalogs import voice_in
from portal.i18n.times import moment
from portal.mail.templates import MailTemplates
from portal.services.own_brand import brands_of
from portal.store import sender_policies, templates, tenants
from portal.store.row_security import looking_up


@dataclass(frozen=True, slots=True)
class Applying:
    """The words that apply, in which language they are and who wrote them; none and nobody for those built in."""

    wording: Wording | None
    author: TenantId | None
    origin: Origin
    language: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a mail, as far as its words go: the language that he chose, if any, and the name of his time zone."""

    language: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class OwnWords:
    layouts: MailTemplates

    def worded(
        self, session: Session, tenant_id: TenantId, purpose: Purpose, content: Outgoing, reader: Reader
    ) -> Outgoing:
        """The same mail in the words that apply to the tenant; as it is where it is not one of ours.

        Ours are said in the language that its reader chose, or else in that of the company.
        """
        if content.values is None or not content.layout:
            return content
        tenant = tenants.get(session, tenant_id)
        lineage = tenants.lineage(session, tenant)
        values = {**content.values, **applying_brand(brands_of(session, lineage)).as_values()}
        language = language_of(session, lineage)
        applying = _applying(session, lineage, purpose, language=language, reader=reader)
        if applying is None or applying.wording is None:
            voice = voice_in(spoken(reader.language or language), reader.zone)
            return _with_words_of(self._ours(content.layout, values, voice), content)
        voice = voice_in(applying.language, reader.zone)
        own = self.rendered(purpose, applying.wording, {**values, "company": tenant.name}, voice)
        author = applying.author if applying.author != tenant.id else None
        return replace(_with_words_of(own, content), sender=own.sender, author=author)

    def ours(self, purpose: Purpose, values: Mapping[str, str], language: str) -> Outgoing:
        """Our own words for a mail, in a language; in English where nobody has translated them."""
        return self._ours(purpose.value.replace("-", "_"), values, voice_in(spoken(language)))

    def _ours(self, layout: str, values: Mapping[str, str], voice: Voice) -> Outgoing:
        with speaking(voice):
            return self.layouts.render(layout, _told(values))

    def rendered(self, purpose: Purpose, wording: Wording, values: Mapping[str, str], voice: Voice) -> Outgoing:
        """A mail made of a company's own words. Its HTML is made from its text: nobody writes HTML of his own.

        `voice` says what is ours in it: a reason, a time, and the line below where nobody wrote one.
        """
        with speaking(voice):
            return self._rendered(purpose, wording, _told(values))

    def _rendered(self, purpose: Purpose, wording: Wording, values: Mapping[str, str]) -> Outgoing:
        links = LINKS & {each.name for each in PLACEHOLDERS[purpose]}
        pieces = ("header", "text", "footer")
        context: dict[str, object] = {"product": "", **values, "subject": filled(wording.subject, values)}
        for piece in pieces:
            words = getattr(wording, piece)
            context[piece] = filled(words, values)
            context[f"{piece}_paragraphs"] = paragraphs(words, values, links=links)
        return replace(self.layouts.render("own_words", context), sender=wording.sender)


def _told(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they are said now: a reason or a browser may be words of ours, and a time comes as ISO 8601."""
    return {name: _SAID[name](value) if name in _SAID else value for name, value in values.items()}


def _said_time(text: str) -> str:
    try:
        return moment(datetime.fromisoformat(text))
    except ValueError:
        return text  # a placeholder that stands for one


_SAID: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"reason": gettext, "browser": gettext, "time": _said_time}
)


def _with_words_of(words: Outgoing, content: Outgoing) -> Outgoing:
    return replace(content, subject=words.subject, text=words.text, html=words.html)


def language_of(session: Session, lineage: list[Tenant]) -> str:
    """The language of a tenant's mails: its own choice, or that of the nearest above it, or English."""
    return sender_policies.nearest_language(session, lineage) or DEFAULT_LANGUAGE


def applying_in(session: Session, lineage: list[Tenant], *, language: str, reader: str = "") -> dict[Purpose, Applying]:
    """What applies for each mail to the first of the lineage: the language goes first, then who is nearest.

    `reader` is the language that somebody chose for himself; it goes before the company's `language`.
    """
    languages = list(dict.fromkeys(filter(None, (reader, language, DEFAULT_LANGUAGE))))
    with looking_up(session):
        found = templates.published_for(session, lineage, languages)
    return {purpose: _nearest(found, lineage, purpose, languages) for purpose in PLACEHOLDERS}


def _applying(
    session: Session, lineage: list[Tenant], purpose: Purpose, *, language: str, reader: Reader
) -> Applying | None:
    """None for a mail that nobody can word."""
    if purpose not in PLACEHOLDERS:
        return None
    return applying_in(session, lineage, language=language, reader=reader.language)[purpose]


def _nearest(
    found: Mapping[tuple[TenantId, str, str], templates.TemplateRow],
    lineage: list[Tenant],
    purpose: Purpose,
    languages: list[str],
) -> Applying:
    for language in languages:
        for tenant in lineage:
            row = found.get((tenant.id, purpose.value, language))
            if row is not None and row.published is not None:
                origin = Origin.OWN if tenant.id == lineage[0].id else Origin.INHERITED
                return Applying(templates.wording_from(row.published), tenant.id, origin, language)
    return Applying(None, None, Origin.BUILT_IN, languages[0])
