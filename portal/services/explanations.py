"""Knows why a mail goes the way it goes, for whoever may ask, and which way it would go if something changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.diagnosis import Code
from portal.domain.errors import NotFoundError
from portal.domain.explanation import Explanation, Offer, Question, WhatIf, ladder, seen_up_to
from portal.domain.ids import TenantId, UserId
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.people import User
from portal.domain.precedence import Choice, Resolution, resolve
from portal.domain.roles import Actor, Permission
from portal.domain.sender import Signature
from portal.domain.templates import PLACEHOLDERS
from portal.domain.tenancy import Tenant
from portal.services.inheritance import Inheritance
from portal.services.own_words import Applying, applying_in, language_of
from portal.services.places import admit, enter
from portal.services.resolution import PasswordNeededError, Resolver, Route, read_both, usable
from portal.services.signing import signature_of
from portal.store import explanations, inherited, profiles, tenants
from portal.store.db import reading
from portal.store.row_security import looking_up

AS_IT_IS = WhatIf()


@dataclass(frozen=True, slots=True)
class Explanations:
    resolver: Resolver
    inheritance: Inheritance

    def offer(self, actor: Actor, tenant_id: TenantId) -> Offer:
        """What may be asked about in a company. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            return explanations.offer_of(session, _enter(session, actor, tenant_id).id)

    def person(self, actor: Actor, tenant_id: TenantId, who: UserId | str) -> User | None:
        """Whoever of a company's people has this id, or this address; somebody of another company is nobody here."""
        with reading(actor.tenant.id) as session:
            tenant = _enter(session, actor, tenant_id)
            if isinstance(who, str):
                links = profiles.links_at(session, tenant.id, who)
            else:
                links = profiles.links_of(session, tenant.id, who)
            return links.person if links else None

    def explain(self, actor: Actor, tenant_id: TenantId, question: Question, what_if: WhatIf = AS_IT_IS) -> Explanation:
        """The ladder, the answer and the sender of a mail of the tenant, or of one of its users, as things stand now.

        With `what_if` as they would stand then; nothing is written. Of what is above his own company the actor learns
        what its people may know of their Provider default. Raises NotFoundError.
        """
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
            user = _person(session, tenant, question)
            own = explanations.offer_of(session, tenant.id).configs
            if not {what_if.selected, what_if.deleted} <= {None, *own}:
                raise NotFoundError
            with looking_up(session):
                states = inherited.states_of(session, tenant)
            lineage = tenants.lineage(session, tenant)
            open_to_him = [each for each in lineage if each.stands_under(actor.tenant)]
            active = (each.active_config_id for each in open_to_him)
            names = {each: states[each].name for each in active if each} | dict(own)
            as_it_is = list(self.resolver.candidates(session, tenant, None, question.user_id))
            rungs = what_if.applied(as_it_is)
            resolution = resolve(rungs)
            read_both(session, resolution.choice, resolve(as_it_is).choice)
            route = self.resolver.plan(session, resolution.choice) if resolution.choice else None
            words = _words(session, lineage, question, reader=user.language if user else "")
            signature = _signature(session, tenant, question, words, route)
            is_inherited = route is not None and route.owner not in {each.id for each in open_to_him}
            return Explanation(
                tenant=tenant,
                user=user,
                question=question,
                ladder=seen_up_to(ladder(rungs, names), companies=len(open_to_him) - 1),
                source=resolution.source,
                config=names.get(route.config_id, "") if route and route.config_id else "",
                is_inherited=is_inherited,
                signature=self._seen(session, actor, signature) if signature and is_inherited else signature,
                words=words.origin if words else None,
                obstacle=self._obstacle(session, tenant, resolution),
            )

    def _seen(self, session: Session, actor: Actor, signature: Signature) -> Signature | None:
        """Of an inherited sender what the level above shows; what the mail or its template says itself is no secret."""
        name = signature.sender.name if "sender-name-from-template" in signature.notes else ""
        address = self.inheritance.of(session, actor.tenant).sender or ""
        if "sender-address-from-template" in signature.notes:
            address = signature.sender.address
        answers_to = signature.reply_to if signature.moved else None
        return Signature(Mailbox(address, name), answers_to, "", signature.notes)

    def _obstacle(self, session: Session, tenant: Tenant, resolution: Resolution) -> Code:
        """Why the mail would wait, whatever was found."""
        if tenant.suspended:
            return Code.SUSPENDED
        if resolution.choice is None:
            return Code.NO_CONFIG
        return self._trouble_with(session, resolution.choice)

    def _trouble_with(self, session: Session, choice: Choice) -> Code:
        try:
            self.resolver.route(session, choice)
        except PasswordNeededError:
            return Code.PASSWORD_NEEDED
        if choice.config_id is None:
            return Code.OK
        config = usable(session, choice.config_id)
        return Code(config.last_code) if config.health.paused_until and config.last_code else Code.OK


def _enter(session: Session, actor: Actor, tenant_id: TenantId) -> Tenant:
    """An explanation names people, too."""
    tenant = enter(session, actor, tenant_id, Permission.VIEW_CONFIGS)
    admit(actor, tenant, Permission.VIEW_USERS)
    return tenant


def _person(session: Session, tenant: Tenant, question: Question) -> User | None:
    """Whose mail it is. Raises NotFoundError."""
    if question.user_id is None:
        return None
    links = profiles.links_of(session, tenant.id, question.user_id)
    if links is None:
        raise NotFoundError
    return links.person


def _words(session: Session, lineage: Sequence[Tenant], question: Question, *, reader: str) -> Applying | None:
    """Whose wording the mail has, where anybody can choose it."""
    if question.purpose not in PLACEHOLDERS:
        return None
    nearest_first = list(lineage)
    language = language_of(session, nearest_first)
    return applying_in(session, nearest_first, language=language, reader=reader)[question.purpose]


def _signature(
    session: Session, tenant: Tenant, question: Question, words: Applying | None, route: Route | None
) -> Signature | None:
    """In whose name the mail would travel; a template's own sender goes before the one that the mail brings."""
    if route is None:
        return None
    sender, author = question.sender, None
    if words is not None and words.wording is not None:
        sender, author = words.wording.sender, words.author if words.author != tenant.id else None
    return signature_of(session, tenant.id, Outgoing("", "", sender=sender, author=author), route)
