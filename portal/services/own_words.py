"""Knows in whose words a mail of the portal goes out: those of the nearest company that published some, or ours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.outgoing import Outgoing, Purpose
from portal.domain.placeholders import filled, paragraphs
from portal.domain.templates import DEFAULT_LANGUAGE, LINKS, PLACEHOLDERS, Origin, Wording
from portal.domain.tenancy import Tenant
from portal.i18n import gettext, speaking
from portal.i18n.catalogs import translations_for
from portal.mail.templates import MailTemplates
from portal.store import templates, tenants


@dataclass(frozen=True, slots=True)
class Applying:
    """The words that apply, and who wrote them; both None for those built in."""

    wording: Wording | None
    author: TenantId | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class OwnWords:
    layouts: MailTemplates

    def worded(self, session: Session, tenant_id: TenantId, purpose: Purpose, content: Outgoing) -> Outgoing:
        """The same mail in the words that apply to the tenant; as it is where nobody worded it, or nobody can."""
        if content.values is None or purpose not in PLACEHOLDERS:
            return content
        tenant = tenants.get(session, tenant_id)
        lineage = tenants.lineage(session, tenant)
        language = language_of(session, lineage)
        applying = applying_in(session, lineage, language=language)[purpose]
        if applying.wording is None:
            return self._translated(purpose, content, content.values, language)
        with speaking(translations_for(language)):  # the line below is ours where nobody wrote one
            own = self.rendered(purpose, applying.wording, {**content.values, "company": tenant.name})
        author = applying.author if applying.author != tenant.id else None
        return replace(
            content, subject=own.subject, text=own.text, html=own.html, sender=applying.wording.sender, author=author
        )

    def ours(self, purpose: Purpose, values: Mapping[str, str], language: str) -> Outgoing:
        """Our own words for a mail, in a language; in English where nobody has translated them."""
        with speaking(translations_for(language)):
            # A reason is a sentence of ours, too.
            told = {name: gettext(value) if name == "reason" else value for name, value in values.items()}
            return self.layouts.render(purpose.value.replace("-", "_"), told)

    def _translated(self, purpose: Purpose, content: Outgoing, values: Mapping[str, str], language: str) -> Outgoing:
        if language == DEFAULT_LANGUAGE:
            return content
        ours = self.ours(purpose, values, language)
        return replace(content, subject=ours.subject, text=ours.text, html=ours.html)

    def rendered(self, purpose: Purpose, wording: Wording, values: Mapping[str, str]) -> Outgoing:
        """A mail made of a company's own words. Its HTML is made from its text: nobody writes HTML of his own."""
        links = LINKS & {each.name for each in PLACEHOLDERS[purpose]}
        pieces = ("header", "text", "footer")
        context: dict[str, object] = {"subject": filled(wording.subject, values), "product": values.get("product", "")}
        for piece in pieces:
            words = getattr(wording, piece)
            context[piece] = filled(words, values)
            context[f"{piece}_paragraphs"] = paragraphs(words, values, links=links)
        return replace(self.layouts.render("own_words", context), sender=wording.sender)


def language_of(session: Session, lineage: list[Tenant]) -> str:
    """The language of a tenant's mails: its own choice, or that of the nearest above it, or English."""
    return tenants.nearest_language(session, lineage) or DEFAULT_LANGUAGE


def applying_in(session: Session, lineage: list[Tenant], *, language: str) -> dict[Purpose, Applying]:
    """What applies for each mail to the first of the lineage: the language goes first, then who is nearest."""
    languages = list(dict.fromkeys((language, DEFAULT_LANGUAGE)))
    found = templates.published_for(session, lineage, languages)
    return {purpose: _nearest(found, lineage, purpose, languages) for purpose in PLACEHOLDERS}


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
                return Applying(templates.wording_from(row.published), tenant.id, origin)
    return Applying(None, None, Origin.BUILT_IN)
