"""Knows how the editor of a configuration is shown: empty, filled, tested, or with its mistakes."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from portal.demo.presets import Preset
from portal.domain.charset import is_offered
from portal.domain.errors import InvalidError, TooManyError
from portal.domain.ids import TrialId
from portal.domain.mail_config import Encryption, MailConfig
from portal.domain.ports import USUAL_PORTS
from portal.domain.presets import Filling
from portal.domain.providers import PROVIDERS, find_by_address, find_provider
from portal.domain.samples import sample_of
from portal.domain.secret import Secret
from portal.domain.trial import Trial
from portal.i18n import gettext as _
from portal.settings import Settings
from portal.web.forms.fields import find_id, first_in_trouble, id_from, say_at_fields, whole_number
from portal.web.forms.mail_configs import MailConfigForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.presets import demo_presets, fields_from_preset, label_of
from portal.web.responses import page, wants_fragment
from portal.web.results import Result
from portal.web.sentences import encryption_name, limit_sentence, method_explanation, port_label
from portal.web.sentences.encodings import fit_sentence
from portal.web.sentences.ports import pair_of, pairs
from portal.web.sentences.providers import password_label, provider_note

# What has to be filled in, in the order of the form: after a preset the first one that is still empty gets the focus.
_REQUIRED = ("name", "from_address", "host", "port", "password")
# The fields behind the fold, which has to be open when one of them is in trouble.
ADVANCED = frozenset(
    {"encryption", "mechanism", "trust_kind", "trust_pem", "trust_pin", "helo_name", "envelope_from", "per_minute"}
)


def show(form: MailConfigForm, config: MailConfig | None, *, tested: Trial | None = None) -> Response:
    """The editor of a saved configuration, or with `config` None that of a new one."""
    result = Result(tested, services().clock()) if tested else None
    return _show(form, config, HTTPStatus.OK, result=result, tested=tested)


def show_filled(form: MailConfigForm, config: MailConfig | None, filling: Filling | None) -> Response:
    """The editor of a form into which a preset was put, and what that filled."""
    return _show(form, config, HTTPStatus.OK, filling=filling, focus=_first_empty(form) if filling else "")


def show_changed(
    form: MailConfigForm, config: MailConfig | None, *, filling: Filling | None = None, focus: str = ""
) -> Response:
    """The editor with everything as typed and something put in by one click; nothing of it is saved."""
    form.settle(form.method)
    focus = focus or (_first_empty(form) if filling else "")
    return _show(form, config, HTTPStatus.OK, filling=filling, focus=focus, tested=_latest_test(form), is_dirty=True)


def show_tested(tested: Trial, config: MailConfig | None, *, version: int) -> Response:
    """The editor with everything as it was when the test was asked for, and what came of it."""
    return show(form_of(tested, version=version), config, tested=tested)


def show_again(form: MailConfigForm, config: MailConfig | None, refusal: InvalidError) -> Response:
    """The editor with everything as typed, the password excepted, and a sentence at each field in trouble."""
    say_at_fields(form, refusal.problems)
    return _show(form, config, HTTPStatus.UNPROCESSABLE_ENTITY, tested=_latest_test(form))


def show_too_early(form: MailConfigForm, config: MailConfig | None, limit: TooManyError) -> Response:
    """The editor with everything as typed, and when the next test may be asked for."""
    form.recipient.errors = [limit_sentence(limit)]
    # A pop-up keeps what was typed only if it is told that the form is to be corrected.
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wants_fragment() else HTTPStatus.TOO_MANY_REQUESTS
    return _show(form, config, status, tested=_latest_test(form))


def form_of(tested: Trial, *, version: int) -> MailConfigForm:
    """The form as it stood when its test was asked for. Of the password only the test's id is left."""
    if tested.draft is None or tested.config_id is None:
        raise LookupError("this was not a test of a form")
    return MailConfigForm.of_draft(
        tested.draft,
        config_id=str(tested.config_id),
        version=str(version or ""),
        trial=str(tested.id),
        recipient=tested.recipient,
    )


def password_of(form: MailConfigForm) -> Secret:
    """The typed password; in the demo that of the chosen preset, as long as no test has kept another one."""
    typed = Secret(form.password.data or "")
    preset = demo_presets().get(form.preset.data or "")
    return preset.password if preset and not typed and not form.trial.data else typed


def tested_in(form: MailConfigForm) -> TrialId | None:
    """The latest test of this form. Raises NotFoundError for what is no id."""
    found = find_id(form.trial.data)
    return TrialId(found) if found else None


def version_in(text: str | None) -> int:
    """The version that the page was made from, or 0 (which is none) for whatever is no number."""
    return whole_number(text)


def _show(
    form: MailConfigForm,
    config: MailConfig | None,
    status: HTTPStatus,
    *,
    result: Result | None = None,
    tested: Trial | None = None,
    filling: Filling | None = None,
    focus: str = "",
    is_dirty: bool = False,
) -> Response:
    if status is not HTTPStatus.OK:
        form.settle(form.method)
    _take_along(form, config)
    trouble = first_in_trouble(form)
    preset = demo_presets().get(form.preset.data or "")
    provider = find_provider(form.host.data or "")
    form.password.label.text = password_label(provider)
    return page(
        "mail_configs/editor.html",
        status=status,
        tenant=current_tenant(),
        form=form,
        config=config,
        result=result,
        focus=trouble or focus or "name",
        is_dirty=bool(result or form.preset.data or is_dirty or status is not HTTPStatus.OK),
        advanced_is_open=trouble in ADVANCED,
        preset=preset,
        provider_note=provider_note(provider) if provider else "",
        password_is_kept=bool(tested and tested.keeps_password),
        # A pop-up puts a typed password back by itself where nothing was sent anywhere.
        password_stays=is_dirty and wants_fragment(),
        password_was_lost=bool(form.password.data) and not (is_dirty and wants_fragment()),
        password_hint=_password_hint(tested, preset),
        methods=tuple(Encryption),
        encryption_name=encryption_name,
        method_explanation=method_explanation,
        cleartext_is_allowed=_settings().cleartext_sign_in,
        **_presets(form, config, filling),
        **_explanations(form),
        **_addresses(form, config),
    )


def _take_along(form: MailConfigForm, config: MailConfig | None) -> None:
    """What goes from page to page: which one it is, for whom it is made, and whether it is only tried."""
    form.link_to.data, form.by_hand.data = (request.values.get(name, "")[:80] for name in ("link_to", "by_hand"))
    if config:
        form.config_id.data = str(config.id)


def _presets(form: MailConfigForm, config: MailConfig | None, filling: Filling | None) -> Mapping[str, object]:
    """What can be filled in by one click, what was, and what the sender's address suggests."""
    suggested = find_by_address(str(form.from_address.data or ""))
    return {
        "presets": {} if config else demo_presets(),
        "providers": PROVIDERS,
        "suggested": suggested if suggested and not form.host.data else None,
        "known_domains": {domain: each.name for each in PROVIDERS for domain in each.domains},
        "notes": dict.fromkeys(fields_from_preset(form), _("from the preset")),
        "filled_from": label_of(form.preset.data or "") if filling else "",
        "filled": _labels(form, filling.filled if filling else ()),
        "kept": _labels(form, filling.kept if filling else ()),
    }


def _explanations(form: MailConfigForm) -> Mapping[str, object]:
    """What the form says of the values that stand in it; the scripts say the same while somebody types."""
    port, charset = str(form.port.data or ""), str(form.charset.data)
    pair = pair_of(port, form.method)
    words = [str(form.from_name.data or ""), str(form.sample_words.data or "")]
    return {
        "port_choices": [_port_choice(each) for each in USUAL_PORTS],
        "pair": pair,
        "pair_said": pair.on(port),
        "pairs": [each.for_scripts for each in pairs()],
        "sample": sample_of(charset) if is_offered(charset) else "",
        "fit": fit_sentence(words, charset, str(form.misfit.data)),
    }


def _labels(form: MailConfigForm, names: tuple[str, ...]) -> list[str]:
    """What the fields are called on the page; the fine print of how a certificate is trusted is left out."""
    return [str(form[name].label.text) for name in names if name not in {"trust_pem", "same_as_sender"}]


def _first_empty(form: MailConfigForm) -> str:
    """Where to go on typing; nothing where only the test is left."""
    needs_password = form.signs_in.data and not password_of(form) and not form.trial.data
    return next((name for name in _REQUIRED if not form[name].data and (name != "password" or needs_password)), "")


def _addresses(form: MailConfigForm, config: MailConfig | None) -> Mapping[str, str]:
    """Where the form goes to be saved and tested, and where *Cancel* leads."""
    tenant_id, config_id = current_tenant().id, config.id if config else id_from(form.config_id.data)
    save = "mail_configs.update" if config else "mail_configs.create"
    return {
        "save_url": url_for(save, tenant_id=tenant_id, config_id=config_id if config else None),
        "draft_url": url_for("drafts.update", tenant_id=tenant_id),
        "sample_url": url_for("samples.create", tenant_id=tenant_id),
        "test_url": url_for("draft_trials.create", tenant_id=tenant_id, config_id=config_id),
        "list_url": url_for("mail_configs.index", tenant_id=tenant_id, select=config.id if config else None),
    }


def _password_hint(tested: Trial | None, preset: Preset | None) -> str:
    if tested and tested.keeps_password:
        return _("The password typed for the test is kept.")
    if preset and preset.password:
        return _("The demo server's own password is used. It is no secret.")
    return _("Some providers want an authorization code (app password) here instead of the account's password.")


def _port_choice(port: int) -> Mapping[str, str]:
    usual = {25: Encryption.NONE, 465: Encryption.TLS, 587: Encryption.STARTTLS}.get(port)
    explains = method_explanation(usual) if usual else _("Like 587, where a network blocks the usual ports.")
    return {"value": str(port), "label": port_label(port), "explains": explains}


def _latest_test(form: MailConfigForm) -> Trial | None:
    trial_id = tested_in(form)
    return services().trials.get(current_actor(), current_tenant().id, trial_id) if trial_id else None


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["portal.settings"])
