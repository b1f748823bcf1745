"""Knows how the way of a mail is explained: the answer in one sentence, and every rung with its standing."""

from portal.domain.diagnosis import Code
from portal.domain.explanation import Explanation, Standing, Step
from portal.domain.outgoing import Mailbox
from portal.domain.precedence import Rung, Source
from portal.domain.templates import Origin
from portal.i18n import gettext as _
from portal.web.sentences.outcomes import outcome, plain_outcome
from portal.web.sentences.traces import note_sentence, rung_sentence, source_name
from portal.web.sentences.words import purpose_name


def answer_sentence(told: Explanation) -> str:
    """Through what the mail goes, and in whose name."""
    whose = told.user.name if told.user else told.tenant.name
    values = {"whose": whose, "purpose": purpose_name(told.question.purpose.value), "way": _way(told)}
    if told.is_shut_out:
        return _("%(whose)s is disabled, so this mail (%(purpose)s) is not sent.", **values)
    if told.source is None:
        return _("Mail of %(whose)s (%(purpose)s) has no way: it is held until a configuration applies.", **values)
    if told.signature is None or not told.signature.sender.address:
        return _("Mail of %(whose)s (%(purpose)s) goes out through %(way)s.", **values)
    sender = _shown(told.signature.sender)
    return _("Mail of %(whose)s (%(purpose)s) goes out through %(way)s as %(sender)s.", **values, sender=sender)


def obstacle_sentence(told: Explanation) -> str:
    """Why the mail would wait although a way was found, or nothing."""
    if told.obstacle in {Code.OK, Code.NO_CONFIG} or told.is_shut_out:
        return ""
    if told.is_inherited and told.obstacle is not Code.SUSPENDED:
        return plain_outcome(told.obstacle)
    return outcome(told.obstacle).sentence


def sender_sentences(told: Explanation) -> list[str]:
    """Where the sender's name and address come from."""
    if told.signature is None:
        return []
    notes = [note_sentence(note) for note in told.signature.notes]
    said = [*notes] if notes else [_("The sender's name and address are those of the configuration.")]
    if told.signature.reply_to is not None:
        said.append(_("Answers go to %(address)s.", address=told.signature.reply_to.address))
    match told.words:
        case Origin.OWN:
            said.append(_("The words are the company's own."))
        case Origin.INHERITED:
            said.append(_("The words come from a company above."))
        case Origin.BUILT_IN:
            said.append(_("The words are the portal's."))
    return said


def step_sentence(step: Step) -> str:
    """One rung: who is asked, and what the answer is."""
    if step.standing is not Standing.NOT_REACHED:
        said = rung_sentence(Rung(step.source, step.place, step.reason))
        return f"{said}: “{step.config}”" if step.config else said
    name = _("%(place)s (%(source)s)", place=step.place, source=source_name(step.source))
    return _("%(rung)s: not asked any more", rung=name if step.place else source_name(step.source))


def _way(told: Explanation) -> str:
    if told.config:
        return f"“{told.config}”"
    return _("the instance default") if told.source is Source.INSTANCE else _("the Provider default")


def _shown(sender: Mailbox) -> str:
    return f"{sender.name} <{sender.address}>" if sender.name else sender.address
