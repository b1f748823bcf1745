"""Knows what the page of a brand shows, whatever was sent from it."""

from typing import Any

from flask import url_for

from portal.services.brandings import OwnBranding
from portal.web.brand_styles import style_name
from portal.web.brands import face_of
from portal.web.forms.brandings import BrandHostForm, BrandingForm
from portal.web.identity import current_actor, current_tenant, services


def around(form: BrandingForm, host_form: BrandHostForm, found: OwnBranding) -> dict[str, Any]:
    accent = found.applies.accent
    return {
        "tenant": current_tenant(),
        "form": form,
        "host_form": host_form,
        "found": found,
        "face": face_of(found.applies),
        "preview_url": url_for("brand_files.show", name=style_name(accent, is_preview=True)) if accent else "",
        "hosts": services().brand_hosts.of_tenant(current_actor(), current_tenant().id),
        "is_tried": False,
        "changed_meanwhile": False,
    }
