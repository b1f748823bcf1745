"""Knows every screen of the portal once, in the order of a story: what it is called, which view it shows, and who sees it how.

One list for the pictures of the documentation, for axe and for the snapshots. A new page gets a line here; a guard asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from passlib.totp import TOTP
from playwright.sync_api import Page

from tests.slow.live import PASSWORD
from tests.slow.stage import Stage, accepted, follow, press


@dataclass(frozen=True, slots=True)
class Screen:
    """`name` is that of its pictures, `shows` the endpoint of its view, `caption` what a picture of it is called.

    `come` brings somebody there and leaves the page as it is to be seen; `look_at` names what has to be in sight.
    """

    name: str
    shows: str
    caption: str
    come: Callable[[Stage], Page]
    look_at: str = ""


def _at(person: str, path: str) -> Callable[[Stage], Page]:
    return lambda stage: stage.go(person, path)


def _behind(person: str, path: str, *patterns: str, nth: int = 0) -> Callable[[Stage], Page]:
    """Links followed one after the other; `nth` of those that fit the first pattern."""

    def come(stage: Stage) -> Page:
        page = follow(stage.go(person, path), patterns[0], nth=nth)
        for pattern in patterns[1:]:
            follow(page, pattern)
        return page

    return come


def _editor(stage: Stage) -> Page:
    page = follow(stage.go("sue", "mail-configs"), r"/mail-configs/new$")
    page.locator("#popup[open]").get_by_role("button", name="Demo server with STARTTLS").click()
    page.locator("#popup[open] input[name=host][value='127.0.0.1']").wait_for()
    page.get_by_label("Name", exact=True).fill("Office relay")
    page.get_by_label("Encoding", exact=True).select_option("iso-8859-2")
    return page


def _good_test(stage: Stage) -> Page:
    page = _editor(stage)
    page.get_by_role("button", name="Send Test Mail").click()
    accepted(page)
    return page


def _failed_test(stage: Stage) -> Page:
    page = stage.go("sue", "mail-configs")
    page.get_by_role("link", name="Newsletter", exact=True).click()
    page.get_by_role("button", name="Send Test Mail").click()
    page.get_by_text("Stopped at sign-in").wait_for(timeout=30_000)
    return page


def _selected(stage: Stage) -> Page:
    """Tested, saved and chosen, with the notice that says so."""
    page = _good_test(stage)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Select it in the list to use it.").wait_for()
    page.get_by_role("radio", name="Office relay").check()
    page.get_by_text("Success: now using").wait_for()
    return page


def _saved_test(stage: Stage) -> Page:
    page = stage.go("pia", "mail-configs")
    page.get_by_role("button", name="Send test", exact=True).click()
    accepted(page)
    return page


def _selection(stage: Stage) -> Page:
    page = stage.go("pia", "mail-configs")
    other = page.get_by_role("radio", name="Archive relay").get_attribute("value")
    return stage.go("pia", f"selection?config={other}")


def _several_checks(stage: Stage) -> Page:
    page = stage.go("sue", "mail-configs/several")
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    press(page, "Check selected")
    page.get_by_text("Under way").first.wait_for(state="hidden", timeout=30_000)
    return page


def _branding(stage: Stage) -> Page:
    page = stage.go("rex", "branding")
    page.get_by_label("Name for the portal").fill("portal.rex-hosting.test")
    press(page, "Ask for this name")
    return stage.go("rex", "branding")


def _extras(stage: Stage) -> Page:
    page = follow(stage.go("sue", "mail-configs"), r"/extras$")
    page.get_by_role("link", name="Messages per minute").click()
    return page


def _explained(stage: Stage) -> Page:
    """Sue's own mail, and how it would be without what is linked to her."""
    imagined = "user=sue@demo.test&purpose=password-reset&unlinked=profile:Office&selected=provider-default"
    return stage.go("sue", f"explanation?{imagined}")


def _invite(stage: Stage, person: str, email: str) -> Page:
    page = stage.go(person, "invitations/new")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Name", exact=True).fill(email.partition("@")[0].title())
    page.get_by_role("radio", name="Staff").check()
    press(page, "Invite")
    page.wait_for_url("**/people")
    return page


def _people(stage: Stage) -> Page:
    _invite(stage, "rex", "staff@rex-hosting.test")
    return _invite(stage, "rex", "desk@rex-hosting.test")


def _people_changes(stage: Stage) -> Page:
    page = stage.go("rex", "people")
    page.get_by_label("Tick Staff").check()
    page.get_by_label("Tick Desk").check()
    page.get_by_label("Those that are ticked:").select_option(value="disable")
    press(page, "Go on")
    return page


def _by_link(subject: str, path: str) -> Callable[[Stage], Page]:
    return lambda stage: stage.go("", stage.link_in_letter(subject, path))


def _password_reset(stage: Stage) -> Page:
    page = stage.go("", "/password-resets/new")
    page.get_by_label("E-mail address").fill("sue@demo.test")
    press(page, "Send me a link")
    return stage.go("", stage.link_in_letter("Choose a new password", "password-resets"))


def _new_address(stage: Stage) -> Page:
    page = stage.go("otto", "/me/email")
    page.locator("main input[type=email]").fill("otto@otto-online.test")
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/me/security")
    return stage.go("otto", stage.link_in_letter("new address", "email-changes"))


def _contacts(stage: Stage) -> Page:
    page = stage.go("sue", "contacts/new")
    page.get_by_role("radio", name="Invoices").check()
    page.get_by_label("Name", exact=True).fill("Cal")
    page.get_by_label("E-mail address").fill("cal@demo.test")
    press(page, "Add and ask")
    page.get_by_text("was asked to agree by mail.").wait_for()
    return page


def _invoice(stage: Stage) -> Page:
    """For Sue's company, whose contact has agreed by now."""
    holder = stage.page()
    press(holder, "Yes, that is right")
    holder.get_by_role("heading", name="Thank you").wait_for()
    page = stage.go("rex", stage.own("sue", "invoices/new"))
    page.get_by_label("Number").fill("2026-7")
    return page


def _invoices(stage: Stage) -> Page:
    page = stage.page("rex")
    file = {"name": "2026-7.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n% an invoice\n"}
    page.get_by_label("PDF file").set_input_files(file)
    press(page, "Send")
    page.wait_for_url("**/invoices")
    for _ in range(80):  # until it arrived
        if stage.go("sue", "invoices").locator(".invoices__receipts .badge--good").count():
            break
        page.wait_for_timeout(250)
    return stage.page("sue")


def _moving(stage: Stage) -> Page:
    page = follow(stage.go("pia", "tree"), r"/moving$", nth=1)
    press(page, "Show what changes")
    page.get_by_role("button", name="Yes, move").wait_for()
    return page


def _wording(stage: Stage) -> Page:
    return stage.go("rex", "mail-templates/edit?purpose=invitation&language=en")


def _held_queue(stage: Stage) -> Page:
    page = stage.go("pia", "/queue")
    press(page, "Hold the queue")
    page.get_by_text("The whole queue is held.").first.wait_for()
    for name in ("otto", "cal"):
        _invite(stage, "pia", f"{name}@pia-cloud.test")
    page.goto("/queue")
    press(page, "Hold: mail to otto@pia-cloud.test")
    page.goto("/queue")
    return page


def _released(stage: Stage) -> Page:
    """The page that asks before the queue goes on; whoever comes after it finds a queue that does."""
    return stage.go("pia", "/queue/release")


def _mail_log(stage: Stage) -> Page:
    page = stage.go("pia", "/queue/release")
    press(page, "Yes, release")
    page.get_by_text("The queue goes on.").first.wait_for()
    for _ in range(80):  # until what was held has left
        page = stage.go("pia", "mail-log")
        if page.locator("main .badge").count() == page.locator("main .badge--good").count():
            break
        page.wait_for_timeout(250)
    return page


def _own_test(stage: Stage) -> Page:
    page = stage.go("cal", "/me/mail")
    press(page, "Send me a test mail")
    accepted(page)
    return page


def _second_factor(stage: Stage) -> Page:
    page = stage.go("otto", "/me/second-factor")
    press(page, "Begin")
    page.wait_for_url("**/me/second-factor/code")
    return page


def _security(stage: Stage) -> Page:
    """With a second factor; from here on his sign-in takes two steps."""
    page = _second_factor(stage)
    key = page.locator(".security__key").inner_text()
    page.get_by_label("Code from your app").fill(TOTP(key.replace(" ", "")).generate().token)
    press(page, "Confirm")
    page.get_by_role("link", name="I have kept them").click()
    return stage.go("otto", "/me/security")


def _second_step(stage: Stage) -> Page:
    page = stage.go("", "/sign-in")
    page.get_by_label("E-mail address").fill("otto@demo.test")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    page.goto("/sign-in/code")
    return page


_pia, _rex, _sue, _cal, _otto = (partial(_at, name) for name in ("pia", "rex", "sue", "cal", "otto"))

SCREENS = (
    Screen("sign-in", "sign_ins.new", "Signing in", _at("", "/sign-in")),
    Screen("forgotten-password", "password_resets.new", "A forgotten password", _at("", "/password-resets/new")),
    # The first page, and mail configuration, as Sue meets it
    Screen("overview", "dashboards.show", "What sends the mail, how that does, and what needs somebody", _sue("dashboard")),
    Screen("test-failed", "mail_configs.show", "A test that stopped at sign-in", _failed_test, look_at="#popup [name=recipient]"),
    Screen("editor", "mail_configs.new", "The form of a configuration", _editor),
    Screen("test-result", "mail_configs.new", "A good test, before anything is saved", _good_test, look_at="#popup [name=recipient]"),
    Screen("list", "mail_configs.index", "The list of mail configurations", _selected),
    Screen("provider-default", "provider_default.show", "What you may know of your Provider default", _behind("sue", "mail-configs", r"/provider-default$")),
    Screen("several", "several.index", "Several configurations at once", _sue("mail-configs/several")),
    Screen("several-checks", "several_checks.show", "Several checks, one line each", _several_checks),
    Screen("deletion", "deletions.new", "What a deletion touches", _behind("sue", "mail-configs", r"/deletion$", nth=1)),
    Screen("mail-password", "mail_passwords.edit", "A new password for a mail account", _behind("sue", "mail-configs", r"/mail-configs/[^/]+/password$")),
    Screen("extra-configurations", "extra_options.index", "A menu on the left, a value on the right", _extras),
    Screen("test-from-the-list", "trials.new", "A test of anything in the list", _behind("sue", "administration", r"/trials/new$")),
    Screen("test", "trials.show", "The steps of a test", _saved_test),
    Screen("selection", "selections.new", "What a selection changes", _selection),
    Screen("explanation", "explanations.show", "A mail explained, and what would be if", _explained),
    Screen("administration", "administration.show", "Administration", _sue("administration")),
    # Profiles and people
    Screen("profiles", "profiles.index", "Profiles, in the order in which they are asked", _sue("profiles")),
    Screen("add-profile", "profiles.new", "Adding a profile", _behind("sue", "profiles", r"/profiles/new$")),
    Screen("profile", "profiles.show", "A profile and its people", _behind("sue", "profiles", r"/profiles/[0-9a-f-]{36}$", nth=1)),
    Screen("profile-mail", "profile_mail.show", "The mail of a profile", _behind("sue", "profiles", r"/profiles/[^/]+/mail$")),
    Screen("profile-deletion", "profile_deletions.new", "Deleting a profile", _behind("sue", "profiles", r"/deletion$")),
    Screen("people", "users.index", "The people of a company", _people),
    Screen("invite", "invitations.new", "Inviting somebody", _behind("rex", "people", r"/invitations/new$")),
    Screen("person", "users.show", "Editing a person", _behind("rex", "people", r"/people/[0-9a-f-]{36}$", nth=1)),
    Screen("user-mail", "user_mail.show", "The mail of one person", _behind("rex", "people", r"/people/[^/]+/mail$", nth=2)),
    Screen("user-security", "user_security.show", "How a person signs in", _behind("rex", "people", r"/people/[^/]+/security$")),
    Screen("people-changes", "user_changes.new", "Many changed at once", _people_changes),
    Screen("invitation", "invitations.edit", "An invitation, as its reader meets it", _by_link("would like you on board", "invitations")),
    # Companies
    Screen("companies", "tenants.show", "The tree of companies", _pia("tree")),
    Screen("add-company", "tenants.new", "Adding a company", _behind("pia", "tree", r"/children/new$")),
    Screen("company-settings", "tenants.edit", "Renaming a company", _behind("pia", "tree", r"/settings$")),
    Screen("suspension", "suspensions.new", "Suspending a company", _behind("pia", "tree", r"/suspension$")),
    Screen("closure", "closures.new", "Closing a company", _behind("pia", "tree", r"/closure$", nth=1)),
    Screen("moving", "movings.new", "What a move changes", _moving),
    # Branding
    Screen("branding", "brandings.edit", "How the portal is called and looks", _branding),
    Screen("branding-reset", "brandings.show", "Before a brand is given up", _rex("branding/reset")),
    Screen("brand-host-removal", "brand_hosts.show", "Before a name is given up", _behind("rex", "branding", r"/removal$")),
    Screen("brand-hosts", "brand_host_approvals.index", "Names that companies ask for", _pia("/brand-hosts")),
    # Wording, contacts and invoices
    Screen("wording", "mail_templates.index", "The mails of a company, and whose words they use", _rex("mail-templates")),
    Screen("wording-edit", "mail_templates.edit", "A mail in one's own words", _wording),
    Screen("wording-withdrawal", "template_withdrawals.new", "Giving up one's own words", _behind("rex", "mail-templates/edit?purpose=invitation&language=en", r"/withdrawal")),
    Screen("senders", "sender_policies.edit", "Senders and language", _behind("rex", "mail-templates", r"/sender-policy$")),
    Screen("contacts", "contacts.index", "Contacts", _contacts),
    Screen("add-contact", "contacts.new", "Adding a contact", _behind("sue", "contacts", r"/contacts/new$")),
    Screen("contact-removal", "contacts.edit", "Removing a contact", _behind("sue", "contacts", r"/removal$")),
    Screen("contact-confirmation", "contact_confirmations.edit", "A contact is asked to agree", _by_link("names you as its contact", "contact-confirmations")),
    Screen("invoice", "invoices.new", "Sending an invoice", _invoice),
    Screen("invoices", "invoices.index", "Invoices", _invoices),
    # The queue and the logs
    Screen("queue", "queue.index", "The queue, held", _held_queue),
    Screen("queue-release", "queue_holds.show", "Before the queue goes on", _released),
    Screen("mail-log", "mail_log.index", "The mail log", _mail_log),
    Screen("mail", "mail_log.show", "One mail: its way and its attempts", _behind("pia", "mail-log", r"/mail-log/[0-9a-f-]{36}")),
    Screen("audit", "audit_log.index", "The audit log", _pia("audit-log")),
    # One's own
    Screen("my-mail", "my_mail.show", "My mail", _cal("/me/mail")),
    Screen("my-test", "my_trials.show", "A test of one's own, in plain words", _own_test),
    Screen("my-mail-account", "my_mail.show", "One's own mail account", _rex("/me/mail")),
    Screen("my-mail-password", "my_mail_passwords.edit", "A new password for one's own mail account", _behind("rex", "/me/mail", r"^/me/mail/password$")),
    Screen("preferences", "preferences.edit", "Language and time zone", _behind("cal", "/me/mail", r"^/me/preferences$")),
    Screen("own-password", "passwords.edit", "One's own password", _behind("cal", "/me/mail", r"^/me/password$")),
    Screen("own-address", "emails.edit", "One's own e-mail address", _behind("cal", "/me/security", r"^/me/email$")),
    Screen("new-address", "email_changes.edit", "A new address is proved", _new_address),
    Screen("password-reset", "password_resets.edit", "Choosing a new password", _password_reset),
    Screen("confirm-it-is-you", "proofs.new", "Confirm that it is you", _sue("/me/proof")),
    Screen("second-factor-begin", "second_factors.new", "Before a second factor is set up", _otto("/me/second-factor")),
    Screen("second-factor", "second_factors.edit", "The key of a second factor, as a picture and in letters", _second_factor),
    Screen("security", "security.show", "Sign-in and security", _security),
    Screen("second-factor-removal", "second_factors.show", "Removing a second factor", _otto("/me/second-factor/removal")),
    Screen("recovery-codes", "recovery_codes.new", "Making new recovery codes", _otto("/me/recovery-codes")),
    Screen("second-step", "second_steps.new", "The second step of a sign-in", _second_step),
    # Help and the demo
    Screen("help", "help.show", "Help", _sue("/help")),
    Screen("demo-mailbox", "demo_mailbox.index", "The demo's mailbox", _rex("/demo/mailbox")),
    Screen("demo-mail", "demo_mailbox.show", "A received mail, decoded", _behind("rex", "/demo/mailbox", r"/demo/mailbox/\w+")),
)  # fmt: skip
