"""Knows a brand: what a company calls the portal and how it looks, and what it takes from the companies above."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlsplit

from portal.domain.addresses import canonical_address
from portal.domain.colours import EDGE, canonical_colour, contrast_on_white
from portal.domain.errors import InvalidError, Problem
from portal.domain.hosts import canonical_host
from portal.domain.pictures import ENDINGS, picture_in
from portal.domain.text import clean_text, text_problems

PRODUCT = "Relaytree"
LONGEST_PRODUCT, LONGEST_LINK, LONGEST_SUPPORT = 60, 500, 320
LARGEST_LOGO, LARGEST_SIDE = 100 * 1024, 1024  # octets, pixels
LEGAL = ("privacy", "terms", "imprint")


@dataclass(frozen=True, slots=True)
class Logo:
    """`hash` is that of its bytes; `kind` is its media type."""

    hash: str
    kind: str

    @property
    def name(self) -> str:
        """Its file's name, which is another one for other bytes."""
        return f"{self.hash}.{ENDINGS[self.kind]}"


@dataclass(frozen=True, slots=True)
class Branding:
    """What one company set, or what applies to it; None is what nobody set.

    `accent` is `#rrggbb`; `support` an address; the links are https. A company that `starts_afresh` takes nothing from
    above.
    """

    product: str | None = None
    accent: str | None = None
    support: str | None = None
    privacy: str | None = None
    terms: str | None = None
    imprint: str | None = None
    logo: Logo | None = None
    starts_afresh: bool = False

    @property
    def called(self) -> str:
        return self.product or PRODUCT

    def as_values(self) -> dict[str, str]:
        """What the words of a mail may need of it."""
        legal = {name: str(getattr(self, name) or "") for name in ("support", *LEGAL)}
        return {"product": self.called, **legal}


UNBRANDED = Branding()
INHERITED = tuple(each.name for each in fields(Branding) if each.name != "starts_afresh")


def applying(chain: Iterable[Branding]) -> Branding:
    """What applies to the first of these, which come nearest first: what it leaves open the next one above fills in."""
    found = UNBRANDED
    for each in chain:
        missing = {name: getattr(each, name) for name in INHERITED if getattr(found, name) is None}
        found = replace(found, **missing)
        if each.starts_afresh:
            break
    return found


@dataclass(frozen=True, slots=True)
class TypedBranding:
    """As somebody typed it. `logo` are the bytes of a new one, empty where none was chosen."""

    product: str = ""
    accent: str = ""
    support: str = ""
    privacy: str = ""
    terms: str = ""
    imprint: str = ""
    logo: bytes = b""
    without_logo: bool = False
    starts_afresh: bool = False


def judged(typed: TypedBranding, *, kept: Logo | None) -> Branding:
    """What a company is to set; an empty field is inherited. `kept` is the logo that it has already.

    Raises InvalidError with every problem at its field.
    """
    problems: list[Problem] = []
    set_to = Branding(
        product=_line("product", typed.product, problems, longest=LONGEST_PRODUCT),
        accent=_accent(typed.accent, problems),
        support=_support(typed.support, problems),
        privacy=_link("privacy", typed.privacy, problems),
        terms=_link("terms", typed.terms, problems),
        imprint=_link("imprint", typed.imprint, problems),
        logo=_logo(typed, kept, problems),
        starts_afresh=typed.starts_afresh,
    )
    if problems:
        raise InvalidError(problems)
    return set_to


def differences(before: Branding, after: Branding) -> Mapping[str, tuple[str, str]]:
    """The fields that changed, as the audit log writes them; of a logo it is only said that it did."""
    names = [each.name for each in fields(Branding) if getattr(before, each.name) != getattr(after, each.name)]
    return {name: _told(name, getattr(before, name), getattr(after, name)) for name in names}


def _told(name: str, before: object, after: object) -> tuple[str, str]:
    if name == "logo":
        return "changed", "changed"
    return ("" if before is None else str(before), "" if after is None else str(after))


def _line(field: str, text: str, problems: list[Problem], *, longest: int) -> str | None:
    try:
        cleaned = clean_text(text[: 2 * longest])
    except ValueError:
        problems.append(Problem(field, "bad-character"))
        return None
    problems.extend(text_problems(field, cleaned, longest=longest, required=False))
    return cleaned or None


def _accent(text: str, problems: list[Problem]) -> str | None:
    if not text.strip():
        return None
    try:
        colour = canonical_colour(text)
    except ValueError:
        problems.append(Problem("accent", "not-a-colour"))
        return None
    ratio = contrast_on_white(colour)
    if ratio < EDGE:  # a shade dark enough would be another colour than the one that was chosen
        problems.append(Problem("accent", "too-pale", {"ratio": f"{ratio:.1f}", "least": f"{EDGE:g}"}))
    return colour


def _support(text: str, problems: list[Problem]) -> str | None:
    if not text.strip():
        return None
    try:
        return canonical_address(text)
    except ValueError:
        problems.append(Problem("support", "not-an-address"))
        return None


def _link(field: str, text: str, problems: list[Problem]) -> str | None:
    typed = text.strip()
    if not typed:
        return None
    if len(typed) > LONGEST_LINK:
        problems.append(Problem(field, "too-long", {"longest": LONGEST_LINK}))
        return None
    try:
        return _canonical_link(typed)
    except ValueError:
        problems.append(Problem(field, "not-a-link"))
        return None


def _canonical_link(text: str) -> str:
    """An https address without a user name in it, with the host in its one spelling. Raises ValueError."""
    if not text.isascii() or not text.isprintable() or any(mark in text for mark in ' "<>\\^`{|}'):
        raise ValueError("not a link")
    parts = urlsplit(text)
    if parts.scheme != "https" or "@" in parts.netloc or "." not in (parts.hostname or ""):
        raise ValueError("not a link")
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=canonical_host(parts.hostname or "") + port).geturl()


def _logo(typed: TypedBranding, kept: Logo | None, problems: list[Problem]) -> Logo | None:
    if not typed.logo:
        return None if typed.without_logo else kept
    if len(typed.logo) > LARGEST_LOGO:
        problems.append(Problem("logo", "too-large", {"most": LARGEST_LOGO // 1024}))
        return None
    try:
        picture = picture_in(typed.logo)
    except ValueError:
        problems.append(Problem("logo", "not-a-picture"))
        return None
    if max(picture.width, picture.height) > LARGEST_SIDE:
        problems.append(Problem("logo", "too-wide", {"most": LARGEST_SIDE}))
        return None
    return Logo(hashlib.sha256(typed.logo).hexdigest()[:32], picture.kind)
