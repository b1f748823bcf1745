"""Knows what each symptom of an installation means in a sentence, and which command or setting mends it."""

from collections.abc import Callable

from portal.domain.symptoms import Sign, Symptom
from portal.i18n import gettext as _

Sentences = dict[Sign, Callable[[], str]]


def meaning(symptom: Symptom) -> str:
    return _filled(_MEANINGS, symptom)


def remedy(symptom: Symptom) -> str:
    return _filled(_REMEDIES, symptom)


def _filled(sentences: Sentences, symptom: Symptom) -> str:
    return sentences[symptom.sign]() % symptom.values


_SETTINGS: Sentences = {
    Sign.NOT_PRODUCTION: lambda: _(
        "This is no production: keys are made up, cookies go unencrypted, weak keys are taken."
    ),
    Sign.DEMO: lambda: _("The demo is on: its people share a password that is printed."),
    Sign.DEBUG: lambda: _("Debugging is on: an error shows the program and its values to whoever caused it."),
    Sign.RUNS_AS_ROOT: lambda: _("The portal runs as root: a hole in it is a hole in the whole machine."),
    Sign.OLD_PYTHON: lambda: _("Python %(version)s gets no repairs of security holes any more."),
    Sign.PLAIN_URL: lambda: _("People reach the portal unencrypted: PORTAL_PUBLIC_URL is %(url)s."),
    Sign.LOOPBACK_URL: lambda: _("Links in mails lead to this machine alone: PORTAL_PUBLIC_URL is %(url)s."),
    Sign.NO_PROXY: lambda: _("No proxy is trusted, so everybody seems to come from the proxy's address, unencrypted."),
    Sign.MANY_PROXIES: lambda: _(
        "%(count)s proxies are trusted. Where there are fewer, people choose their own address."
    ),
    Sign.NETWORK_ALLOWED: lambda: _("Companies may name mail servers in the private network %(network)s."),
    Sign.NETWORK_RISKY: lambda: _(
        "Companies may name mail servers in %(network)s: that is this machine, or its cloud's, or too much."
    ),
    Sign.PORT_ALLOWED: lambda: _("Companies may name mail servers on port %(port)s."),
    Sign.PORT_RISKY: lambda: _("Companies may name “mail servers” on port %(port)s, where other services listen."),
    Sign.CLEARTEXT_SIGN_IN: lambda: _(
        "Mail passwords may go over unencrypted connections, where whoever edits consents."
    ),
    Sign.RELAY_PLAIN: lambda: _(
        "Mail to the last resort %(host)s travels unencrypted, and a password with it if there is one."
    ),
    Sign.DATABASE_PLAIN: lambda: _("The connection to the database at %(host)s may be unencrypted."),
    Sign.DATABASE_UNVERIFIED: lambda: _(
        "The connection to the database at %(host)s is encrypted, but may lead to anybody."
    ),
    Sign.BROKER_PLAIN: lambda: _("The connection to the broker at %(host)s is unencrypted."),
    Sign.BROKER_OPEN: lambda: _("The broker at %(host)s is entered without a password."),
}
_KEYS: Sentences = {
    Sign.SECRET_KEY_WEAK: lambda: _("PORTAL_SECRET_KEY is short or easy to guess: whoever guesses it forges cookies."),
    Sign.KEY_WEAK: lambda: _(
        "The master key %(name)s is easy to guess: with the database it opens every mail password."
    ),
    Sign.OLDER_KEY_WEAK: lambda: _("The older master key %(name)s is easy to guess."),
    Sign.SHARED_SECRET: lambda: "%(what)s",
    Sign.TOKEN_WEAK: lambda: _("PORTAL_METRICS_TOKEN is short or easy to guess."),
    Sign.KEY_MISSING: lambda: _("PORTAL_KEYS lacks the key %(name)s: the secrets of %(count)s companies do not open."),
    Sign.KEY_TO_ROTATE: lambda: _("The secrets of %(count)s companies are still under the older key %(name)s."),
    Sign.KEY_UNUSED: lambda: _("Nothing needs the older key %(name)s any more."),
    Sign.KEYS_BESIDE_DATABASE: lambda: _(
        "The master keys (%(path)s) lie beside the database: whoever copies the folder has both."
    ),
}
_PLACES: Sentences = {
    Sign.OTHERS_READ: lambda: _("Everybody on this machine may read %(path)s (mode %(mode)s)."),
    Sign.GROUP_READS: lambda: _("Everybody of its group may read %(path)s (mode %(mode)s)."),
    Sign.OTHERS_WRITE: lambda: _("Others may change what is in %(path)s (mode %(mode)s)."),
    Sign.NETWORK_FOLDER: lambda: _("%(path)s is on a network (%(kind)s): locks do not hold there, and files break."),
    Sign.VANISHING_FOLDER: lambda: _("%(path)s is in memory (%(kind)s): after a restart of the machine it is empty."),
    Sign.DISK_LOW: lambda: _("There are %(free)s MB left for %(path)s."),
    Sign.DISK_FULL: lambda: _("There are only %(free)s MB left for %(path)s: soon nothing can be written any more."),
}
_STATE: Sentences = {
    Sign.DATABASE_AWAY: lambda: _("The database does not answer."),
    Sign.DATABASE_SUPERUSER: lambda: _(
        "The portal enters the database as somebody who may do everything there: nothing in it keeps companies apart."
    ),
    Sign.DATABASE_CLOCK: lambda: _("The clocks of this machine and of the database differ by %(seconds)s seconds."),
    Sign.NOT_MIGRATED: lambda: _("The database is not up to date."),
    Sign.CLOCK_WENT_BACK: lambda: _("The clock of this machine is behind: something was written at %(last)s."),
    Sign.QUEUE_HELD: lambda: _("The whole queue is held since %(since)s: no mail leaves."),
    Sign.RESTORED_HELD: lambda: _("%(count)s mails are held since the database was restored."),
    Sign.MAIL_LATE: lambda: _("A mail has been due for ten minutes, and nobody has it in hand."),
    Sign.NOBODY_DELIVERS: lambda: _("No process delivers mail."),
    Sign.HOSTS_WAIT: lambda: _("Names of companies that wait for you: %(count)s."),
}
_MEANINGS: Sentences = {**_SETTINGS, **_KEYS, **_PLACES, **_STATE}

_REMEDIES: Sentences = {
    Sign.NOT_PRODUCTION: lambda: _("Where others reach it: PORTAL_PRODUCTION=1"),
    Sign.DEMO: lambda: _("PORTAL_DEMO=0"),
    Sign.DEBUG: lambda: _("Leave FLASK_DEBUG unset and the log's level at INFO."),
    Sign.RUNS_AS_ROOT: lambda: _("Run it as a user of its own; deploy/relaytree.service shows how."),
    Sign.OLD_PYTHON: lambda: _("Install a newer Python, and the portal's packages with it."),
    Sign.PLAIN_URL: lambda: _("PORTAL_PUBLIC_URL=https://…, and a proxy in front that speaks HTTPS."),
    Sign.LOOPBACK_URL: lambda: _("Set PORTAL_PUBLIC_URL to the address that people type."),
    Sign.NO_PROXY: lambda: _("PORTAL_TRUSTED_PROXIES=1 if one proxy stands in front."),
    Sign.MANY_PROXIES: lambda: _("Set PORTAL_TRUSTED_PROXIES to the number of proxies that stand in front."),
    Sign.NETWORK_ALLOWED: lambda: _("Nothing, if that is what you want; else take it out of PORTAL_EGRESS_NETWORKS."),
    Sign.NETWORK_RISKY: lambda: _("Allow only the network of your relay in PORTAL_EGRESS_NETWORKS."),
    Sign.PORT_ALLOWED: lambda: _("Nothing, if that is what you want; else take it out of PORTAL_EGRESS_PORTS."),
    Sign.PORT_RISKY: lambda: _("Take it out of PORTAL_EGRESS_PORTS."),
    Sign.CLEARTEXT_SIGN_IN: lambda: _("PORTAL_CLEARTEXT_SIGN_IN=0"),
    Sign.RELAY_PLAIN: lambda: _("PORTAL_MAIL_ENCRYPTION=starttls or tls"),
    Sign.DATABASE_PLAIN: lambda: _("Add ?sslmode=verify-full to PORTAL_DATABASE_URL."),
    Sign.DATABASE_UNVERIFIED: lambda: _(
        "Use sslmode=verify-full in PORTAL_DATABASE_URL, with sslrootcert if the authority is yours."
    ),
    Sign.BROKER_PLAIN: lambda: _("PORTAL_BROKER_URL=rediss://… or amqps://…"),
    Sign.BROKER_OPEN: lambda: _("Give the broker a user and a password, and name both in PORTAL_BROKER_URL."),
    Sign.SECRET_KEY_WEAK: lambda: _(
        "python -m portal keys new --secret-key, and set it as PORTAL_SECRET_KEY; everybody signs in again."
    ),
    Sign.KEY_WEAK: lambda: _(
        "python -m portal keys new, put it in front of PORTAL_KEYS, restart, and: portal keys rotate"
    ),
    Sign.OLDER_KEY_WEAK: lambda: _("portal keys rotate, and take it out of PORTAL_KEYS."),
    Sign.SHARED_SECRET: lambda: _("Give each its own."),
    Sign.TOKEN_WEAK: lambda: _("python -m portal keys new --secret-key, and set it as PORTAL_METRICS_TOKEN."),
    Sign.KEY_MISSING: lambda: _("Put the key back into PORTAL_KEYS, behind the newest one."),
    Sign.KEY_TO_ROTATE: lambda: _("portal keys rotate"),
    Sign.KEY_UNUSED: lambda: _(
        "Take it out of PORTAL_KEYS; keep it elsewhere as long as you keep backups made under it."
    ),
    Sign.KEYS_BESIDE_DATABASE: lambda: _("Keep them elsewhere, for example PORTAL_KEYS_FILE=/etc/relaytree/keys."),
    Sign.OTHERS_READ: lambda: _("chmod o-rwx %(path)s"),
    Sign.GROUP_READS: lambda: _("chmod g-rwx %(path)s"),
    Sign.OTHERS_WRITE: lambda: _("chmod go-w %(path)s"),
    Sign.NETWORK_FOLDER: lambda: _("Move it to a disk of this machine, or use PostgreSQL (docs/scaling.md)."),
    Sign.VANISHING_FOLDER: lambda: _("Name a folder on a disk: PORTAL_INSTANCE_DIR, PORTAL_JOURNAL_DIR."),
    Sign.DISK_LOW: lambda: _("Make room, or keep mails for fewer days: PORTAL_MAIL_LOG_DAYS."),
    Sign.DISK_FULL: lambda: _("Make room now."),
    Sign.DATABASE_AWAY: lambda: _("Look whether it runs, and whether PORTAL_DATABASE_URL is right."),
    Sign.DATABASE_SUPERUSER: lambda: _(
        "Let PORTAL_DATABASE_URL name a role of its own: CREATE ROLE relaytree LOGIN NOSUPERUSER NOBYPASSRLS"
        " (docs/scaling.md)."
    ),
    Sign.DATABASE_CLOCK: lambda: _("Let both machines keep time (NTP)."),
    Sign.NOT_MIGRATED: lambda: _("flask --app wsgi db upgrade"),
    Sign.CLOCK_WENT_BACK: lambda: _("Let this machine keep time (NTP)."),
    Sign.QUEUE_HELD: lambda: _("portal queue, and: portal queue release --yes"),
    Sign.RESTORED_HELD: lambda: _("portal queue, and: portal queue release --yes"),
    Sign.MAIL_LATE: lambda: _("See the queue's page, and whether a process delivers."),
    Sign.NOBODY_DELIVERS: lambda: _("Start the portal, or its workers."),
    Sign.HOSTS_WAIT: lambda: _("portal hosts list, and approve or refuse each."),
}
