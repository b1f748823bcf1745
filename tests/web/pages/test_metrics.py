"""The operator's figures are there for the machine itself and for his token, and for nobody else."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.secret import Secret

TOKEN = {"Authorization": "Bearer the operator's token"}
AWAY = {"REMOTE_ADDR": "203.0.113.9"}


def figures(answer):
    families = text_string_to_metric_families(answer.text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def test_the_machine_itself_reads_what_waits(app, cast, services, clock):
    for _ in range(3):
        services.sending.send(
            tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=Outgoing("Hello", "A line.\n")
        )
    clock.forward(seconds=7)
    found = figures(app.test_client().get("/metrics"))

    assert found["portal_recipients", "queued"] == found["portal_mails_due", "normal"] == 3
    assert found["portal_mails_due_oldest_seconds", "normal"] == 7
    assert found["portal_mails_due", "bulk"] == found["portal_mails_in_hand",] == found["portal_delivers",] == 0
    assert found["process_resident_memory_bytes",] > 0


def test_nobody_is_named(app, cast, services):
    services.sending.send(
        tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=Outgoing("Hello", "A line.\n")
    )
    text = app.test_client().get("/metrics").text

    assert [word for word in ("cal@", "Sue", str(cast.sue.tenant.id)) if word in text] == []


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_a_proxy_on_the_same_machine_passes_on_is_not_the_machine(app, name):
    assert app.test_client().get("/metrics", headers={name: "127.0.0.1"}).status_code == 404


def test_whoever_says_that_he_is_local_is_not_believed(make_portal):
    app = make_portal(trusted_proxies=1)

    answer = app.test_client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, environ_overrides=AWAY)
    assert answer.status_code == 404


@pytest.mark.asvs("13.4.5")
@pytest.mark.parametrize("headers", [{}, TOKEN, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}])
def test_without_a_token_nobody_else_reads_it(app, headers):
    assert app.test_client().get("/metrics", headers=headers, environ_overrides=AWAY).status_code == 404


def test_the_token_opens_it_from_anywhere_and_nothing_else_does(make_portal):
    client = make_portal(metrics_token=Secret("the operator's token")).test_client()

    assert client.get("/metrics", headers=TOKEN, environ_overrides=AWAY).status_code == 200
    for wrong in ("Bearer the operator's toke", "the operator's token", "Bearer ä", ""):
        answer = client.get("/metrics", headers={"Authorization": wrong}, environ_overrides=AWAY)
        assert answer.status_code == 404
