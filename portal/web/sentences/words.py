"""Knows the words for kinds, roles, states, steps, purposes and methods."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.domain.delivery import State
from portal.domain.diagnosis import Status, Step
from portal.domain.mail_config import Encryption
from portal.domain.mail_log import LogGroup
from portal.domain.outgoing import Lane, Purpose
from portal.domain.people import UserSort, UserStatus
from portal.domain.queue import Carrier, QueueStep
from portal.domain.roles import Role
from portal.domain.tenancy import TenantKind
from portal.domain.tree import Show
from portal.i18n import gettext as _

Word = Callable[[], str]


def kind_name(kind: TenantKind) -> str:
    match kind:
        case TenantKind.PROVIDER:
            return _("Provider")
        case TenantKind.RESELLER:
            return _("Reseller")
        case TenantKind.SUB_RESELLER:
            return _("Sub-reseller")
        case TenantKind.CUSTOMER:
            return _("Customer")


def show_name(show: Show) -> str:
    match show:
        case Show.FAILING:
            return _("Mail fails")
        case Show.OWN:
            return _("Own configuration")
        case Show.DEFAULT:
            return _("On Provider default")
        case Show.SUSPENDED:
            return _("Suspended")


def role_name(role: Role) -> str:
    match role:
        case Role.OWNER:
            return _("Owner")
        case Role.STAFF:
            return _("Staff")
        case Role.CUSTOMER:
            return _("Customer")


def user_status_name(status: UserStatus) -> str:
    match status:
        case UserStatus.INVITED:
            return _("Invited")
        case UserStatus.ACTIVE:
            return _("Active")
        case UserStatus.DISABLED:
            return _("Disabled")


def sort_name(sort: UserSort) -> str:
    match sort:
        case UserSort.NAME:
            return _("by name")
        case UserSort.EMAIL:
            return _("by e-mail address")
        case UserSort.ROLE:
            return _("by role")
        case UserSort.NEWEST:
            return _("newest first")


def state_name(state: State) -> str:
    return _STATES[state]()


def step_name(step: Step) -> str:
    """The step's name in a timeline."""
    return _STEPS[step]()


def status_name(status: Status) -> str:
    match status:
        case Status.DONE:
            return _("done")
        case Status.FAILED:
            return _("failed")
        case Status.SKIPPED:
            return _("skipped")


def encryption_name(encryption: Encryption) -> str:
    match encryption:
        case Encryption.NONE:
            return _("none")
        case Encryption.STARTTLS:
            return "STARTTLS"
        case Encryption.TLS:
            return "SSL/TLS"


def method_explanation(encryption: Encryption) -> str:
    """What choosing this method means, for the help beside the choice."""
    match encryption:
        case Encryption.NONE:
            return _("Nothing is encrypted: whoever stands on the way can read the mail. Common on port 25.")
        case Encryption.STARTTLS:
            return _(
                "The connection starts in the open and is encrypted before anything of yours is said; if that "
                "fails, nothing is sent. Usual on port 587."
            )
        case Encryption.TLS:
            return _("The connection is encrypted from the first byte. Usual on port 465.")


def port_label(port: int) -> str:
    """A port with what it is usually for; just the number where nothing is usual."""
    match port:
        case 25:
            return _("25 · unencrypted")
        case 465:
            return _("465 · SSL/TLS")
        case 587:
            return _("587 · STARTTLS")
        case 2525:
            return _("2525 · alternative")
        case _:
            return str(port)


def log_group_name(group: LogGroup) -> str:
    match group:
        case LogGroup.WAITING:
            return _("Under way")
        case LogGroup.HELD:
            return _("Held")
        case LogGroup.SENT:
            return _("Sent")
        case LogGroup.FAILED:
            return _("Failed")
        case LogGroup.UNCERTAIN:
            return _("May have arrived")


def lane_name(lane: Lane) -> str:
    match lane:
        case Lane.INTERACTIVE:
            return _("Interactive")
        case Lane.NORMAL:
            return _("Normal")
        case Lane.BULK:
            return _("Bulk")


def carrier_name(carrier: Carrier) -> str:
    """What is said in the place of a configuration's name."""
    match carrier:
        case Carrier.CONFIG:
            return _("A configuration that was deleted")
        case Carrier.INSTANCE_DEFAULT:
            return _("Instance default")
        case Carrier.UNDECIDED:
            return _("Not decided yet")


def queue_step_name(step: QueueStep) -> str:
    match step:
        case QueueStep.HOLD:
            return _("Hold")
        case QueueStep.RELEASE:
            return _("Release")
        case QueueStep.RETRY:
            return _("Retry now")
        case QueueStep.CANCEL:
            return _("Cancel …")


def purpose_name(purpose: str) -> str:
    """The name of a `Purpose` as it is stored with a mail; an unknown one is shown as it is."""
    word = _PURPOSES.get(purpose)
    return word() if word else purpose


_STATES: Mapping[State, Word] = MappingProxyType(
    {
        State.QUEUED: lambda: _("Waiting"),
        State.LEASED: lambda: _("Being prepared"),
        State.SENDING: lambda: _("Being sent"),
        State.COMMITTING: lambda: _("Being handed over"),
        State.SENT: lambda: _("Sent"),
        State.DEFERRED: lambda: _("Tried again later"),
        State.FAILED: lambda: _("Failed"),
        State.UNCERTAIN: lambda: _("Uncertain"),
        State.HELD: lambda: _("Held"),
        State.CANCELLED: lambda: _("Cancelled"),
        State.EXPIRED: lambda: _("Expired"),
        State.QUARANTINED: lambda: _("Set aside"),
    }
)
_STEPS: Mapping[Step, Word] = MappingProxyType(
    {
        Step.RESOLVE: lambda: _("Find the server"),
        Step.CONNECT: lambda: _("Connect"),
        Step.GREET: lambda: _("Greeting"),
        Step.ENCRYPT: lambda: _("Encryption"),
        Step.SIGN_IN: lambda: _("Sign-in"),
        Step.SENDER: lambda: _("Sender"),
        Step.RECIPIENT: lambda: _("Recipient"),
        Step.CONTENT: lambda: _("Content"),
        Step.ACCEPT: lambda: _("Acceptance"),
    }
)
_PURPOSES: Mapping[str, Word] = MappingProxyType(
    {
        Purpose.INVITATION: lambda: _("Invitation"),
        Purpose.PASSWORD_RESET: lambda: _("Forgotten password"),
        Purpose.PASSWORD_CHANGED: lambda: _("Notice of a changed password"),
        Purpose.TEMPLATE_TEST: lambda: _("Test of a wording"),
        Purpose.EMAIL_CHANGE: lambda: _("Question to a new address"),
        Purpose.NEW_SIGN_IN: lambda: _("New sign-in"),
        Purpose.ALERT: lambda: _("Alert"),
        Purpose.RECOVERY: lambda: _("All-clear"),
        Purpose.CONTACT_CONFIRMATION: lambda: _("Question to a contact"),
        Purpose.INVOICE: lambda: _("Invoice"),
        Purpose.NOTICE: lambda: _("Notice"),
        Purpose.MESSAGE: lambda: _("Message"),
    }
)
