"""Knows how a thing that needs somebody is said, and where it is mended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import url_for

from portal.domain.dashboards import Matter, Need
from portal.domain.diagnosis import Code
from portal.domain.mail_config import MailConfig
from portal.domain.tenancy import Tenant
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.i18n.times import moment
from portal.web.sentences import outcome


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One line of the list: what is the matter, what follows, and the way to where it is mended (none: nowhere here).

    `tone` is one of bad, warn and info.
    """

    tone: str
    text: str
    follows: str
    url: str = ""
    way: str = ""


def line_of(need: Need, tenant: Tenant) -> NeedLine:
    return _LINES[need.matter](need, tenant)


def _nobody_delivers(_need: Need, _tenant: Tenant) -> NeedLine:
    follows = _("Mail is queued as ever and leaves when the portal's process runs again.")
    return NeedLine("bad", _("Nobody delivers mail."), follows, url_for("queue.index"), _("Open the queue"))


def _disk(_need: Need, _tenant: Tenant) -> NeedLine:
    follows = _("Nothing new can be kept until there is room on the disk of the portal and it can be written to.")
    return NeedLine("bad", _("The disk takes no more."), follows)


def _queue_held(_need: Need, _tenant: Tenant) -> NeedLine:
    follows = _("No mail leaves until somebody releases it.")
    return NeedLine(
        "warn", _("The whole queue is held."), follows, url_for("queue_holds.show"), _("Release the queue …")
    )


def _restored(need: Need, _tenant: Tenant) -> NeedLine:
    text = ngettext(
        "%(number)s mail is held since the database was restored.",
        "%(number)s mails are held since the database was restored.",
        need.number,
    )
    follows = _("They may have been sent before; decide whether they go out.")
    return NeedLine("warn", text, follows, url_for("queue_holds.show"), _("Decide"))


def _late(_need: Need, _tenant: Tenant) -> NeedLine:
    follows = _("A mail has been due for ten minutes, and nobody has it in hand.")
    return NeedLine("warn", _("Mail is late."), follows, url_for("queue.index"), _("Open the queue"))


def _suspended(_need: Need, _tenant: Tenant) -> NeedLine:
    follows = _("All its mail is held. A company above ends that.")
    return NeedLine("warn", _("This company is suspended."), follows)


def _nothing_applies(_need: Need, tenant: Tenant) -> NeedLine:
    follows = _("Mail waits and nothing is lost. Add the mail server your company uses, test it, and select it.")
    way = _("Set up a mail configuration")
    return NeedLine("bad", _("Nothing sends your mail yet."), follows, _configs_of(tenant), way)


def _default_fails(_need: Need, tenant: Tenant) -> NeedLine:
    follows = _("Its provider has to look at it. Meanwhile you can select a configuration of your own.")
    text = _("The Provider default could not deliver last time.")
    return NeedLine("warn", text, follows, _configs_of(tenant), _("Open mail configurations"))


def _password_needed(need: Need, tenant: Tenant) -> NeedLine:
    config = _about(need)
    text = _("“%(name)s” needs its password once more.", name=config.name)
    follows = _("The stored one no longer belongs to where it would go. Mail waits until it is typed again.")
    url = url_for("mail_passwords.edit", tenant_id=tenant.id, config_id=config.id)
    return NeedLine("bad", text, follows, url, _("Type the password"))


def _paused(need: Need, tenant: Tenant) -> NeedLine:
    config = _about(need)
    values = {"name": config.name, "time": moment(config.paused_until) if config.paused_until else ""}
    text = _("“%(name)s” is paused and tries again at %(time)s.", **values)
    return NeedLine("bad", text, _why(config), _place_of(config, tenant), _("See what is wrong"))


def _fails(need: Need, tenant: Tenant) -> NeedLine:
    config = _about(need)
    text = _("“%(name)s” did not work last time.", name=config.name)
    return NeedLine("warn", text, _why(config), _place_of(config, tenant), _("See what is wrong"))


def _never_tried(need: Need, tenant: Tenant) -> NeedLine:
    config = _about(need)
    text = _("“%(name)s” is selected and was never tried.", name=config.name)
    follows = _("A test mail to yourself shows within seconds whether it works.")
    return NeedLine("info", text, follows, _place_of(config, tenant), _("Test it"))


def _more_configs(need: Need, tenant: Tenant) -> NeedLine:
    text = ngettext(
        "%(number)s more configuration needs somebody.", "%(number)s more configurations need somebody.", need.number
    )
    return NeedLine("warn", text, "", _configs_of(tenant), _("Open mail configurations"))


def _held(need: Need, tenant: Tenant) -> NeedLine:
    text = ngettext("%(number)s mail is held.", "%(number)s mails are held.", need.number)
    follows = _("Each says why. What waits for a configuration goes out as soon as that works.")
    return NeedLine("warn", text, follows, _log_of(tenant, "held"), _("Open the mail log"))


def _uncertain(need: Need, tenant: Tenant) -> NeedLine:
    text = ngettext("%(number)s mail may have arrived.", "%(number)s mails may have arrived.", need.number)
    follows = _("The server gave no clear answer. Most of these settle by themselves; a person decides about the rest.")
    return NeedLine("warn", text, follows, _log_of(tenant, "uncertain"), _("Open the mail log"))


def _quarantined(need: Need, tenant: Tenant) -> NeedLine:
    text = ngettext("%(number)s mail was set aside.", "%(number)s mails were set aside.", need.number)
    follows = _("Trying to send it went wrong several times. Try it again, or call it off.")
    return NeedLine("warn", text, follows, _log_of(tenant, "failed"), _("Open the mail log"))


def _failing_below(need: Need, tenant: Tenant) -> NeedLine:
    text = ngettext(
        "%(number)s company below has a mail configuration that fails.",
        "%(number)s companies below have a mail configuration that fails.",
        need.number,
    )
    follows = _("Their people were told by mail.")
    url = url_for("tenants.show", tenant_id=tenant.id, state="failing")
    return NeedLine("warn", text, follows, url, _("Show these companies"))


_LINES: Mapping[Matter, Callable[[Need, Tenant], NeedLine]] = MappingProxyType(
    {
        Matter.NOBODY_DELIVERS: _nobody_delivers,
        Matter.DISK: _disk,
        Matter.QUEUE_HELD: _queue_held,
        Matter.RESTORED: _restored,
        Matter.LATE: _late,
        Matter.SUSPENDED: _suspended,
        Matter.NOTHING_APPLIES: _nothing_applies,
        Matter.DEFAULT_FAILS: _default_fails,
        Matter.PASSWORD_NEEDED: _password_needed,
        Matter.PAUSED: _paused,
        Matter.FAILS: _fails,
        Matter.NEVER_TRIED: _never_tried,
        Matter.MORE_CONFIGS: _more_configs,
        Matter.HELD: _held,
        Matter.UNCERTAIN: _uncertain,
        Matter.QUARANTINED: _quarantined,
        Matter.FAILING_BELOW: _failing_below,
    }
)


def _about(need: Need) -> MailConfig:
    if need.config is None:
        raise LookupError(need.matter)
    return need.config


def _why(config: MailConfig) -> str:
    return outcome(Code(config.last_code)).sentence if config.last_code else ""


def _place_of(config: MailConfig, tenant: Tenant) -> str:
    return url_for("mail_configs.show", tenant_id=tenant.id, config_id=config.id)


def _configs_of(tenant: Tenant) -> str:
    return url_for("mail_configs.index", tenant_id=tenant.id)


def _log_of(tenant: Tenant, state: str) -> str:
    return url_for("mail_log.index", tenant_id=tenant.id, state=state)
