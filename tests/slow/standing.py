"""Knows the story that every real mail server is put through: each door, each way of signing in, each refusal."""

from dataclasses import dataclass

from portal.domain.delivery import State
from portal.domain.mail_config import Mechanism
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.trial import Trial, Verb
from portal.services import Services
from portal.web.sentences import headline
from tests.cast import Cast
from tests.work import deliver_all, run_trials

ADDRESS = "office@example.test"
DOORS = ("starttls", "tls")
MECHANISMS = (Mechanism.PLAIN, Mechanism.LOGIN)


@dataclass(frozen=True)
class Story:
    """Sue's company and a server: what a test through it finds, and where her mail goes."""

    cast: Cast
    services: Services

    def tested(self, **typed: object) -> Trial:
        sue, here = self.cast.sue, self.cast.sue.tenant.id
        config = self.cast.config(sue, name=f"Office {len(typed)} {hash(str(typed))}", **typed)
        trial_id = self.services.trials.request_saved(sue, here, config.id, verb=Verb.SEND, recipient="cal@demo.test")
        run_trials(self.services)
        return self.services.trials.get(sue, here, trial_id)

    def sent(self, *subjects: str, **typed: object) -> set[State]:
        """Queue mails and deliver them in one run; the states they end in."""
        self.cast.active_config(self.cast.sue, name=f"Run {hash(str(typed))}", **typed)
        here = self.cast.sue.tenant.id
        for subject in subjects:
            self.services.sending.send(
                tenant_id=here, to=(Mailbox("cal@demo.test"),), content=Outgoing(subject, "Hello\n.\nFrom Sue\n")
            )
        deliver_all(self.services)
        return {line.state for line in self.services.mail_log.page(self.cast.sue, here)}

    def said(self, trial: Trial) -> str:
        return headline(trial)
