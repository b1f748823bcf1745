"""Knows how a company sets its brand, sees what it inherits, and goes back to that."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.branding import UNBRANDED, Branding, Logo, TypedBranding, applying, differences, judged
from portal.domain.errors import ConflictError, NotFoundError
from portal.domain.ids import TenantId
from portal.domain.roles import Actor, Permission
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.brand_shelf import BrandShelf
from portal.services.own_brand import brands_of
from portal.services.places import enter
from portal.store import brandings, tenants
from portal.store.db import SYSTEM, afterwards, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class OwnBranding:
    """`own` is what a company set, `above` what it would have without that, `applies` what comes of both.

    `parent_name` is the company directly above, empty for the root. `version` is 0 where nothing was ever set.
    """

    own: Branding
    above: Branding
    applies: Branding
    parent_name: str
    version: int


@dataclass(frozen=True, slots=True)
class Brandings:
    audit: Audit
    shelf: BrandShelf

    def get(self, actor: Actor, tenant_id: TenantId) -> OwnBranding:
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_TREE)
            row = brandings.find_row(session, tenant.id)
            own = brandings.as_domain(row) if row else UNBRANDED
            return _told(session, tenant, own, row.version if row else 0)

    def tried(self, actor: Actor, tenant_id: TenantId, typed: TypedBranding) -> OwnBranding:
        """What would come of it; nothing is kept, and a new logo is not shown. Raises InvalidError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            row = brandings.find_row(session, tenant.id)
            kept = brandings.as_domain(row).logo if row else None
            judged(typed, kept=kept)
            shown = judged(replace(typed, logo=b""), kept=kept)
            return _told(session, tenant, shown, row.version if row else 0)

    def change(self, actor: Actor, tenant_id: TenantId, typed: TypedBranding, *, version: int) -> None:
        """Set the brand; an empty field is inherited. Raises InvalidError, ConflictError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            before = self._at(session, tenant, version)
            after = judged(typed, kept=before.logo)
            brandings.write(session, tenant.id, after, typed.logo)
            self._record(session, actor, tenant, before, after)

    def reset(self, actor: Actor, tenant_id: TenantId, *, version: int) -> None:
        """Inherit everything again. Raises ConflictError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EDIT_TENANT)
            before = self._at(session, tenant, version)
            brandings.write(session, tenant.id, UNBRANDED, b"")
            self._record(session, actor, tenant, before, UNBRANDED)

    def logo(self, name: str, *, host: str, actor: Actor | None) -> tuple[Logo, bytes]:
        """A logo by its file's name, for whoever may see it, and as bytes.

        Everybody may see the one that applies under the name of the request, for the sign-in page shows it; whoever is
        signed in also his company's, and those of companies below. Raises NotFoundError for any other.
        """
        book = self.shelf.book()
        place = book.hosts.get(host)
        shown = [(book.applying_to(place.path) if place else book.of_root()).logo]
        if actor is not None:
            shown += [book.applying_to(actor.tenant.path).logo, *book.logos_below(actor.tenant.path)]
        found = next((each for each in shown if each is not None and each.name == name), None)
        if found is None:
            raise NotFoundError
        with reading(SYSTEM) as session:  # the book said that he may see it, whosever it is
            content = brandings.bytes_of(session, found)
        if content is None:
            raise NotFoundError
        return found, content

    @staticmethod
    def _at(session: Session, tenant: Tenant, version: int) -> Branding:
        row = brandings.find_row(session, tenant.id)
        if version != (row.version if row else 0):
            raise ConflictError
        return brandings.as_domain(row) if row else UNBRANDED

    def _record(self, session: Session, actor: Actor, tenant: Tenant, before: Branding, after: Branding) -> None:
        subject, change = Subject(tenant.id, tenant.name), differences(before, after)
        self.audit.record(
            session, Event.BRANDING_CHANGED, tenant_id=tenant.id, subject=subject, actor=actor, change=change
        )
        afterwards(session, self.shelf.forget)


def _told(session: Session, tenant: Tenant, own: Branding, version: int) -> OwnBranding:
    lineage = tenants.lineage(session, tenant)
    above = brands_of(session, lineage[1:])
    parent_name = lineage[1].name if len(lineage) > 1 else ""
    return OwnBranding(own, applying(above), applying([own, *above]), parent_name, version)
