"""Knows the comparisons of companies that no page can show: tests of their own notice, and `make mutants` checks that they do."""

from collections.abc import Mapping

_NEIGHBOURS, _SCOPES = "tests/store/test_neighbours.py", "tests/store/test_scopes.py"
_HOSTS = "tests/services/test_brand_hosts.py"

# Whatever is found too much here is a number, or is looked up by companies that were found otherwise; or no form that fills
# in everything comes that far.
ELSEWHERE: Mapping[str, str] = {
    "store.brand_hosts.delete_all_of": _HOSTS,
    "store.brand_hosts.flag_below": _HOSTS,
    "store.brand_hosts.names_below": _HOSTS,
    "store.brand_hosts.nearest_name": _HOSTS,
    "store.brandings.delete_of": _HOSTS,
    "store.brandings.of_lineage": "tests/services/test_brandings.py",
    "store.checks.failing_below": _NEIGHBOURS,
    "store.contacts.count_of": _NEIGHBOURS,
    "store.contacts.find_same": _NEIGHBOURS,
    "store.contacts.delete_all_of": _NEIGHBOURS,
    "store.destinations.visits_of": _NEIGHBOURS,
    "store.destinations.forget": _NEIGHBOURS,
    "store.landscapes._counts": _NEIGHBOURS,
    "store.landscapes._linked_people": _NEIGHBOURS,
    "store.landscapes._waiting": _NEIGHBOURS,
    "store.linked_configs._count": _NEIGHBOURS,
    "store.linked_configs.unlink_all_of": _NEIGHBOURS,
    "store.mail_configs.delete_all_of": _NEIGHBOURS,
    "store.mail_configs.has_worked": _NEIGHBOURS,
    "store.mail_configs.names_of_active": _NEIGHBOURS,
    "store.outbox.end_all_of": _NEIGHBOURS,
    "store.profiles.next_position": _NEIGHBOURS,
    "store.profiles.links_of": _NEIGHBOURS,
    "store.profiles.count_members": _NEIGHBOURS,
    "store.profiles.of_users": _NEIGHBOURS,
    "store.users.count_owners": _NEIGHBOURS,
    "store.users.who_run_mail": _NEIGHBOURS,
    "store.waiting.of_tenant": _NEIGHBOURS,
    "store.templates.of_tenant": _NEIGHBOURS,
    "store.templates.published_for": _NEIGHBOURS,
    "store.tenants.count_below": _SCOPES,
    "store.tenants.count_inheriting": _SCOPES,
    "store.tenants.relocate": _SCOPES,
    "store.tenants.subtree": _SCOPES,
    "store.users.rows_of": _SCOPES,
    "store.turns.first_of": "tests/services/test_turns.py",
    "services.moving._problems": "tests/services/test_moving.py",
    "services.passwords._trial_of": "tests/services/test_trials.py",
    "store.waiting._at_rest": _NEIGHBOURS,
    "services.explanations._signature": "tests/services/test_explanations.py",
    "services.own_words.OwnWords.worded": "tests/services/test_sender_policies.py",
    "services.own_words._nearest": "tests/services/test_sender_policies.py",
    "services.template_previews.TemplatePreviews._signature": "tests/services/test_injections.py",
    "services.trials.Trials.get": "tests/services/test_trials.py",
    "services.delivering.Delivering._note": "tests/services/test_outbox.py",
    "services.invoices.Invoices.send": "tests/services/test_invoices.py",
    "services.signing._stands_below": "tests/services/test_sender_policies.py",
}
