"""Knows django-post_office as its manual shows it: mails are queued in its table, one process sends what waits."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.mail import letters
from benchmarks.mail.contenders import HOST, timed
from benchmarks.mail.stage import Place
from benchmarks.rounds import Measure, MissingError, Sample

# So many mails are handed in at once, as many as to ours.
_TOGETHER = 50


@contextmanager
def outbox(place: Place, count: int) -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            _set_up(place, Path(folder))
        except ImportError as missing:
            reason = str(missing)
            yield lambda: _missing(reason)
            return
        numbers = itertools.count()
        yield lambda: timed(count, lambda many: _deliver(numbers, many))


def _set_up(place: Place, folder: Path) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "office.db"),
        # As durable as ours, so that like is compared with like.
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            "transaction_mode": "IMMEDIATE",
        },
    }
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST=HOST,
        EMAIL_PORT=place.port,
        POST_OFFICE={"LOG_LEVEL": 0},
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def _deliver(numbers: Iterator[int], count: int) -> None:
    from post_office import mail

    handed_in = list(itertools.islice(numbers, count))
    for first in range(0, count, _TOGETHER):
        mail.send_many([_mail(number) for number in handed_in[first : first + _TOGETHER]])
    sent, failed, _requeued = mail.send_queued(processes=1)
    while sent:
        if failed:
            raise RuntimeError("post_office did not deliver everything")
        sent, failed, _requeued = mail.send_queued(processes=1)


def _mail(number: int) -> dict[str, str]:
    text = letters.text_of(number, "2 KB")
    return {
        "recipients": letters.RECIPIENT,
        "sender": letters.SENDER,
        "subject": "Your invoice of March",
        "message": text,
    }


def _missing(reason: str) -> Sample:
    raise MissingError(reason)
