"""Knows what is said at a field that breaks its rule."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.domain.errors import DestinationsSpentError, Problem, TooManyError
from portal.i18n import gettext as _

Values = Mapping[str, str | int]
Saying = Callable[[Values], str]


def problem_sentence(problem: Problem) -> str:
    """One sentence that says what to type instead. It never repeats what was typed."""
    saying = _AT_FIELD.get((problem.field, problem.code)) or _ANYWHERE.get(problem.code, _otherwise)
    return saying(problem.values)


def limit_sentence(limit: TooManyError) -> str:
    """What was too much, and when it can be tried again."""
    minutes = max(1, round(limit.retry_after / 60))
    match limit:
        case DestinationsSpentError():
            return _("Too many different servers were tried from here. Try again in %(minutes)s min.", minutes=minutes)
        case _:
            return _("That was too often. Try again in %(minutes)s min.", minutes=minutes)


_AT_FIELD: Mapping[tuple[str, str], Saying] = MappingProxyType(
    {
        ("name", "required"): lambda _values: _("Type a name."),
        ("name", "taken"): lambda _values: _("This name is already in use here. Choose another one."),
        ("name", "reserved"): lambda _values: _("This name belongs to the portal itself. Choose another one."),
        ("host", "required"): lambda _values: _("Type the server's name or address, such as smtp.example.com."),
        ("port", "required"): lambda _values: _("Type the port: usually 587, 465 or 25."),
        ("port", "not-a-port"): lambda _values: _("Type a number from 1 to 65535."),
        ("encryption", "not-offered"): lambda _values: _("Choose one of the methods of encryption in the list."),
        ("username", "required"): lambda _values: _(
            "Type the user name for the sign-in, often the whole e-mail address; without sign-in switch it off."
        ),
        ("from_address", "required"): lambda _values: _("Type the address that recipients see as the sender."),
        ("charset", "not-offered"): lambda _values: _("Choose one of the encodings in the list."),
        ("password", "required"): lambda _values: _("Type the password; without sign-in switch it off."),
        ("password", "no-sign-in"): lambda _values: _("This server asks for no sign-in, so there is no password."),
        ("password", "destination-changed"): lambda _values: _(
            "The stored password belongs to the old destination. Type it again to use it with this server."
        ),
        ("password", "too-short"): lambda values: _(
            "Use at least %(shortest)s characters; several words make a good password.", **values
        ),
        ("password", "common"): lambda _values: _(
            "Many people use this password, so it is guessed first. Choose another one; several words are good."
        ),
        ("password", "stolen"): lambda _values: _(
            "This password is in a list of stolen ones, so it is tried everywhere. Choose another one."
        ),
        ("password", "names-alone"): lambda _values: _(
            "This is little more than a name of yours, of your company or of this portal. Add other words."
        ),
        ("password", "bad-character"): lambda _values: _(
            "The password has a character that no mail server can read, such as a tab. Type it by hand."
        ),
        ("recipient", "required"): lambda _values: _("Type the address to which the mail goes."),
        ("recipient", "too-many"): lambda values: _("Name at most %(most)s recipients for one mail.", **values),
        ("email", "own-already"): lambda _values: _("This is your address already. Type the new one."),
        ("email", "required"): lambda _values: _("Type the e-mail address."),
        ("email", "taken"): lambda _values: _("This address already belongs to somebody. Use another one."),
        ("current_password", "wrong"): lambda _values: _("This is not your present password. Type it again."),
        ("current", "wrong"): lambda _values: _("This is not your present password. Type it again."),
        ("one_time_password", "wrong"): lambda _values: _(
            "This code is not right, or was used already. Wait for the next one in your app and type that."
        ),
        ("user", "own-factor"): lambda _values: _("Your own second factor is removed on your own page."),
        ("emails", "required"): lambda _values: _("Type at least one e-mail address."),
        ("emails", "too-many"): lambda values: _("Type at most %(most)s addresses at once.", **values),
        ("emails", "nobody-here"): lambda values: _(
            "Nobody in this company has the address in line %(line)s. Nobody was added.", **values
        ),
        ("role", "own-role"): lambda _values: _("Nobody changes his own role. Ask another owner to do it."),
        ("role", "last-owner"): lambda _values: _(
            "This is the last owner who can come in. Make somebody else an owner first."
        ),
        ("user", "oneself"): lambda _values: _("You cannot shut yourself out. Ask another owner to do it."),
        ("user", "last-owner"): lambda _values: _(
            "Without them nobody could look after this company. Make somebody else an owner first."
        ),
        ("per_minute", "not-a-number"): lambda values: _(
            "Type a whole number from 1 to %(most)s, or leave it empty for no limit.", **values
        ),
        ("value", "required"): lambda _values: _("Type or choose a value."),
        ("role", "not-offered"): lambda _values: _("Choose one of the roles in the list."),
        ("user", "already-joined"): lambda _values: _("This user has already joined and needs no invitation."),
        ("tenant", "not-empty"): lambda _values: _("There are companies below this one. Close them first."),
        ("domains", "too-many"): lambda values: _("Name at most %(most)s domains.", **values),
        ("domains", "not-a-domain"): lambda _values: _("Type one domain a line, such as example.com."),
        ("domains", "beyond-parent"): lambda values: _(
            "%(domain)s is not among the domains that the company above allows. Ask there first.", **values
        ),
        ("kind", "holds-nobody"): lambda _values: _("A customer cannot have companies below."),
        ("kind", "not-offered"): lambda _values: _("Choose one of the kinds in the list: others cannot stand here."),
        ("mail", "cannot-be-retried"): lambda _values: _(
            "It cannot be sent again: nothing of it is left, or somebody has it in hand."
        ),
        ("mail", "cannot-be-held"): lambda _values: _("It does not wait: it cannot be held now."),
        ("mail", "cannot-be-released"): lambda _values: _("It is not held."),
        ("mail", "cannot-be-cancelled"): lambda _values: _("It is too late to call it off."),
        ("contact", "already-joined"): lambda _values: _("This contact has agreed already."),
        ("accent", "not-a-colour"): lambda _values: _("Type a colour as # and six digits or letters, such as #2f5bd8."),
        ("accent", "too-pale"): lambda values: _(
            "This colour is too pale: its contrast on white is %(ratio)s to 1. Choose a darker one (%(least)s to 1).",
            **values,
        ),
        ("logo", "not-a-picture"): lambda _values: _("Choose a picture in the format PNG, JPEG or WebP."),
        ("logo", "too-large"): lambda values: _(
            "The picture is larger than %(most)s KB. Choose a smaller one.", **values
        ),
        ("logo", "too-wide"): lambda values: _(
            "The picture is wider or higher than %(most)s pixels. Make it smaller first.", **values
        ),
        ("host_name", "required"): lambda _values: _("Type a name such as portal.example.com."),
        ("host_name", "own-name"): lambda _values: _("This is the portal's own name. Choose another one."),
        ("host_name", "asked-already"): lambda _values: _("You have asked for this name already."),
        ("host_name", "too-many"): lambda values: _(
            "A company can have at most %(most)s names. Give one up first.", **values
        ),
        ("host_name", "has-somebody-else"): lambda values: _(
            "%(company)s has this name. Take it away there first.", **values
        ),
        ("parent", "too-deep"): lambda _values: _("The tree would become too deep there."),
        ("kind", "too-deep"): lambda _values: _(
            "The tree is as deep as it can be: no company can stand below this one."
        ),
    }
)

_ANYWHERE: Mapping[str, Saying] = MappingProxyType(
    {
        "required": lambda _values: _("Fill in this field."),
        "too-long": lambda values: _("Shorten this to at most %(longest)s characters.", **values),
        "too-short": lambda values: _("Use at least %(shortest)s characters.", **values),
        "too-many": lambda values: _("Name at most %(most)s.", **values),
        "bad-character": lambda _values: _("Remove invisible or control characters; typing it by hand helps."),
        "does-not-fit": lambda values: _(
            "The encoding %(charset)s has no “%(character)s”, and this configuration takes no other.", **values
        ),
        "braces": lambda _values: _("Write a placeholder as {{name}}, and no other double braces."),
        "too-large": lambda values: _("The file is larger than %(most)s MB.", **values),
        "not-a-pdf": lambda _values: _("Choose a PDF file."),
        "no-billing-contact": lambda _values: _("No billing contact of this company has agreed yet."),
        "not-the-name": lambda values: _("Type “%(name)s”, exactly as it is called.", **values),
        "stands-there": lambda _values: _("It stands there already."),
        "below-itself": lambda _values: _("A company cannot stand below itself."),
        "holds-no-such": lambda _values: _("Such a company cannot hold one of this kind."),
        "name-taken": lambda values: _(
            "A company there is called “%(name)s” already. Rename one of them first.", **values
        ),
        "unknown-placeholder": lambda values: _("There is no {{%(name)s}} here. Choose one from the list.", **values),
        "placeholder-missing": lambda values: _(
            "Without {{%(name)s}} the mail is of no use: put it where the link is to stand.", **values
        ),
        "not-a-link": lambda _values: _("Type a whole address that begins with https://."),
        "taken": lambda _values: _("This is already in use. Choose another one."),
        "not-offered": lambda _values: _("Choose one of the options in the list."),
        "not-a-host": lambda _values: _(
            "Type a name such as smtp.example.com or an address such as 192.0.2.25, without a port or https://."
        ),
        "not-a-domain": lambda _values: _("Type a full domain name, such as mail.example.com."),
        "not-an-address": lambda _values: _("Type one e-mail address, such as name@example.com."),
        "not-a-certificate": lambda _values: _(
            "Paste the whole certificate, from the line BEGIN CERTIFICATE to the line END CERTIFICATE."
        ),
        "not-a-pin": lambda _values: _("Type the SHA-256 fingerprint: 64 characters from 0 to 9 and a to f."),
    }
)


def _otherwise(_values: Values) -> str:
    return _("This cannot be used as it is. Please change it.")
