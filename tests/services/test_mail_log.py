"""The log is searched, page by page; what failed is tried again or called off; and in the end it forgets."""

from datetime import timedelta

import pytest

from portal.domain.delivery import KEPT_FOR_RETRY, State
from portal.domain.errors import ForbiddenError, InvalidError, NotFoundError
from portal.domain.mail_log import PAGE, LogGroup, LogQuery
from portal.domain.outgoing import Mailbox, Outgoing, Purpose
from portal.domain.roles import Actor, Role
from portal.store import mail_log, outbox
from portal.store.db import SYSTEM, reading
from tests.counting import counting
from tests.work import deliver_all


def send(cast, to="cal@demo.test", *, tenant=None, subject="Hello", **options):
    message_id, _ = cast.services.sending.send(
        tenant_id=(tenant or cast.sue.tenant).id,
        to=(Mailbox(to),),
        content=Outgoing(subject, "A line."),
        **options,
    )
    return message_id


def subjects(cast, person=None, tenant=None, **asked):
    person = person or cast.sue
    lines = cast.services.mail_log.page(person, (tenant or person.tenant).id, LogQuery(**asked))
    return [line.subject for line in lines]


def state(cast, message_id):
    return cast.services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines[0].state


def has_content(message_id):
    with reading(SYSTEM) as session:
        return outbox.get_row(session, message_id).content is not None


@pytest.fixture
def served(cast, mail_server):
    return cast.active_config(cast.sue, **mail_server.typed("none"))


@pytest.mark.req("S1.31")
def test_it_is_asked_by_state_configuration_user_purpose_time_and_words(cast, services, mail_server, served, clock):
    start = clock()
    mail_server.refuse("gone@demo.test")
    send(cast, subject="Sent one", user_id=cast.sue.user_id)
    send(cast, "gone@demo.test", subject="Failed one")
    deliver_all(services)
    clock.forward(days=1)
    send(cast, subject="Waiting one", purpose=Purpose.NOTICE)

    assert subjects(cast)[0] == "Waiting one"
    assert len(subjects(cast)) == 3
    assert subjects(cast, group=LogGroup.SENT) == ["Sent one"]
    assert subjects(cast, group=LogGroup.FAILED) == ["Failed one"]
    assert subjects(cast, group=LogGroup.WAITING) == ["Waiting one"]
    assert set(subjects(cast, config_id=served.id)) == {"Sent one", "Failed one"}
    assert subjects(cast, user_id=cast.sue.user_id) == ["Sent one"]
    assert subjects(cast, purpose=Purpose.NOTICE) == ["Waiting one"]
    assert set(subjects(cast, until=start + timedelta(hours=1))) == {"Sent one", "Failed one"}
    assert subjects(cast, since=start + timedelta(hours=1)) == ["Waiting one"]
    assert subjects(cast, words="GONE one") == ["Failed one"]
    assert subjects(cast, words="%") == []


def test_those_below_are_asked_along_only_by_whoever_may_look_there(cast, services):
    send(cast, subject="Sue's")
    send(cast, subject="Cal's", tenant=cast.cals_company)
    send(cast, subject="Otto's", tenant=cast.otto.tenant)
    staff = Actor(cast.sue.user_id, cast.sue.tenant, Role.STAFF, "", "")

    assert set(subjects(cast, below=True)) == {"Sue's", "Cal's"}
    assert subjects(cast, staff, below=True) == ["Sue's"]
    assert set(subjects(cast, cast.rex, below=True)) == {"Sue's", "Cal's"}
    assert len(subjects(cast, cast.pia, below=True)) == 3


@pytest.fixture(params=["company by company", "back in time"])
def branch(request, monkeypatch):
    """A branch is read in one of two ways, by how large it is; what is found is the same."""
    if request.param == "back in time":
        monkeypatch.setattr(mail_log, "_FEW", 0)


@pytest.mark.usefixtures("branch")
def test_a_large_branch_is_asked_the_same_as_a_small_one(cast, services, mail_server, served, clock):
    mail_server.refuse("gone@demo.test")
    send(cast, subject="Sent one")
    clock.forward(seconds=1)
    send(cast, "gone@demo.test", subject="Failed one", tenant=cast.cals_company)
    deliver_all(services)
    clock.forward(days=1)
    send(cast, subject="Waiting one", tenant=cast.cals_company, purpose=Purpose.NOTICE)
    send(cast, subject="Otto's", tenant=cast.otto.tenant)

    assert subjects(cast, below=True) == ["Waiting one", "Failed one", "Sent one"]
    assert subjects(cast, below=True, group=LogGroup.SENT) == ["Sent one"]
    assert subjects(cast, below=True, group=LogGroup.FAILED) == ["Failed one"]
    assert subjects(cast, below=True, group=LogGroup.WAITING) == ["Waiting one"]
    assert subjects(cast, below=True, purpose=Purpose.NOTICE) == ["Waiting one"]
    assert subjects(cast, below=True, config_id=served.id) == ["Failed one", "Sent one"]
    assert subjects(cast, below=True, words="gone") == ["Failed one"]
    assert subjects(cast, below=True, until=clock() - timedelta(hours=1)) == ["Failed one", "Sent one"]
    exported = services.mail_log.export(cast.sue, cast.sue.tenant.id, LogQuery(below=True))
    assert [line.subject for line in exported] == ["Waiting one", "Failed one", "Sent one"]


@pytest.mark.usefixtures("branch")
def test_the_pages_of_a_branch_follow_one_another_without_a_gap(cast, services, monkeypatch):
    for number in range(7):  # all of the same moment
        send(cast, f"{number}@demo.test", tenant=(cast.sue.tenant, cast.cals_company)[number % 2])
    monkeypatch.setattr("portal.services.mail_log.PAGE", 2)
    seen, after = [], None
    while lines := services.mail_log.page(cast.sue, cast.sue.tenant.id, LogQuery(below=True, after=after)):
        seen += [line.recipient for line in lines[:2]]
        after = lines[:2][-1].cursor

    assert len(seen) == len(set(seen)) == 7


def test_what_belongs_to_others_cannot_be_asked_about(cast, services):
    for asked in ({"config_id": cast.config(cast.otto).id}, {"user_id": cast.otto.user_id}):
        with pytest.raises(NotFoundError):
            subjects(cast, **asked)


def pages(cast, **asked):
    """Every line of the log, page by page."""
    after = None
    while True:
        lines = cast.services.mail_log.page(cast.sue, cast.sue.tenant.id, LogQuery(after=after, **asked))
        yield from lines[:PAGE]
        if len(lines) <= PAGE:
            return
        after = lines[PAGE - 1].cursor


def test_pages_follow_one_another_without_a_gap_and_without_a_line_twice_in_either_order(cast, clock):
    for number in range(2 * PAGE + 3):
        send(cast, f"{number}@demo.test")
        if number % 40 == 0:  # the others are of the very same moment
            clock.forward(minutes=1)

    newest_first, oldest_first = list(pages(cast)), list(pages(cast, is_reversed=True))
    assert len({line.recipient for line in newest_first}) == len(newest_first) == 2 * PAGE + 3
    assert oldest_first == newest_first[::-1]
    assert oldest_first[0].recipient == "0@demo.test"


def test_a_page_takes_as_many_statements_for_many_mails_as_for_few(cast, services):
    def statements():
        with counting() as asked:
            services.mail_log.page(cast.pia, cast.pia.tenant.id, LogQuery(below=True))
        return len(asked)

    send(cast)
    few = statements()
    for _ in range(30):
        send(cast)
    assert statements() == few


def test_what_failed_is_tried_again_and_then_arrives_with_what_it_said(cast, services, mail_server, served):
    mail_server.refuse("gone@demo.test")
    message_id = send(cast, "gone@demo.test")
    deliver_all(services)
    assert state(cast, message_id) is State.FAILED
    assert has_content(message_id)

    mail_server.take("gone@demo.test")
    services.mail_log.retry(cast.sue, cast.sue.tenant.id, message_id)
    deliver_all(services)
    assert state(cast, message_id) is State.SENT
    assert mail_server.letters[-1].text.strip() == "A line."
    assert not has_content(message_id)
    with pytest.raises(InvalidError):
        services.mail_log.retry(cast.sue, cast.sue.tenant.id, message_id)


def test_a_mail_that_expired_gets_its_time_anew(cast, services, mail_server, clock):
    message_id = send(cast)
    clock.forward(days=6)
    services.delivering.sweep()
    assert state(cast, message_id) is State.EXPIRED
    cast.active_config(cast.sue, **mail_server.typed("none"))
    services.mail_log.retry(cast.sue, cast.sue.tenant.id, message_id)
    services.delivering.sweep()
    deliver_all(services)

    assert state(cast, message_id) is State.SENT


def test_a_mail_with_a_link_is_never_sent_again_and_says_nothing_once_it_failed(cast, services, mail_server, served):
    mail_server.refuse("gone@demo.test")
    message_id = send(cast, "gone@demo.test", purpose=Purpose.INVITATION)
    deliver_all(services)

    assert not has_content(message_id)
    assert services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).carries_link
    with pytest.raises(InvalidError):
        services.mail_log.retry(cast.sue, cast.sue.tenant.id, message_id)


def test_a_waiting_mail_is_called_off_once_and_for_all(cast, services, mail_server):
    message_id = send(cast)
    services.mail_log.cancel(cast.sue, cast.sue.tenant.id, message_id)
    cast.active_config(cast.sue, **mail_server.typed("none"))
    deliver_all(services)

    assert state(cast, message_id) is State.CANCELLED
    assert mail_server.letters == []
    assert not has_content(message_id)
    for again in (services.mail_log.cancel, services.mail_log.retry):
        with pytest.raises(InvalidError):
            again(cast.sue, cast.sue.tenant.id, message_id)


def test_who_may_try_again(cast, services):
    message_id = send(cast, tenant=cast.cals_company)
    for person, error in ((cast.otto, NotFoundError), (cast.cal, ForbiddenError)):
        with pytest.raises(error):
            services.mail_log.retry(person, cast.cals_company.id, message_id)
    with pytest.raises(NotFoundError):
        services.mail_log.cancel(cast.sue, cast.sue.tenant.id, message_id)
    services.mail_log.cancel(cast.pia, cast.cals_company.id, message_id)


def test_the_content_of_what_failed_is_erased_after_a_week(cast, services, mail_server, served, clock):
    mail_server.refuse("gone@demo.test")
    message_id = send(cast, "gone@demo.test")
    deliver_all(services)
    clock.forward(days=KEPT_FOR_RETRY.days - 1)
    services.forgetting.sweep()
    assert has_content(message_id)
    clock.forward(days=2)
    services.forgetting.sweep()

    assert not has_content(message_id)
    assert state(cast, message_id) is State.FAILED


def test_a_settled_mail_is_forgotten_after_ninety_days_and_one_that_waits_is_not(
    cast, services, mail_server, served, clock
):
    sent = send(cast)
    deliver_all(services)
    services.mail_configs.select(cast.sue, cast.sue.tenant.id, None)
    waiting = send(cast, patience=timedelta(days=400))
    deliver_all(services)
    clock.forward(days=89)
    services.forgetting.sweep()
    assert state(cast, sent) is State.SENT
    clock.forward(days=2)
    services.forgetting.sweep()

    with pytest.raises(NotFoundError):
        state(cast, sent)
    assert state(cast, waiting) is State.HELD
