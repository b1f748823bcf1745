"""Knows which presets the editor offers, and how one gets into its form."""

from collections.abc import Mapping
from typing import cast

from flask import current_app

from portal.demo import Demo
from portal.demo.presets import Preset
from portal.domain.presets import Filling, Values
from portal.domain.providers import Provider, domain_of, find_by_name
from portal.web.forms.mail_configs import MailConfigForm
from portal.web.identity import current_actor, current_tenant, services


def demo_presets() -> Mapping[str, Preset]:
    demo = cast("Demo | None", current_app.extensions.get("portal.demo"))
    return demo.presets() if demo else {}


def put_in(form: MailConfigForm, key: str, *, over: bool = False) -> Filling | None:
    """Fill the form from the preset of the demo or of the provider that `key` names; None where it names none."""
    preset = dict(_values(key, form))
    if not preset:
        return None
    if preset["name"] != form.name.data and _is_taken(str(preset["name"])):
        del preset["name"]
    filling = form.fill(preset, before=_values(form.preset.data or "", form), over=over)
    form.preset.data = key
    return filling


def fields_from_preset(form: MailConfigForm) -> frozenset[str]:
    """The fields that hold what the chosen preset says, as the form stands now."""
    preset = _values(form.preset.data or "", form)
    now = form.values_of(preset)
    return frozenset(name for name, value in preset.items() if now[name] == value)


def label_of(key: str) -> str:
    """What a preset is called; nothing where the key names none."""
    preset, provider = demo_presets().get(key), find_by_name(key)
    return preset.label if preset else (provider.name if provider else "")


def _values(key: str, form: MailConfigForm) -> Values:
    if preset := demo_presets().get(key):
        return _of_demo(preset)
    provider = find_by_name(key)
    return _of_provider(provider, str(form.from_address.data or "")) if provider else {}


def _of_demo(preset: Preset) -> Values:
    typed = preset.typed
    values = {
        "name": preset.label,
        "from_address": typed.from_address,
        "host": typed.host,
        "port": typed.port,
        "encryption": typed.encryption,
        "signs_in": typed.signs_in,
        "trust_kind": typed.trust_kind,
        "trust_pem": typed.trust_pem,
    }
    return {**values, "username": typed.username, "same_as_sender": False} if typed.signs_in else values


def _of_provider(provider: Provider, address: str) -> Values:
    values = {
        "name": provider.name,
        "host": provider.host_for(domain_of(address)),
        "port": str(provider.port),
        "encryption": provider.encryption.value,
        "signs_in": True,
    }
    match provider.username:
        case "address":
            return values
        case "key":
            return {**values, "same_as_sender": False}
        case literal:
            return {**values, "username": literal, "same_as_sender": False}


def _is_taken(name: str) -> bool:
    """A name that is in the list already is left for the person to choose."""
    overview = services().mail_configs.overview(current_actor(), current_tenant().id)
    return name.casefold() in {line.config.name.casefold() for line in overview.lines}
