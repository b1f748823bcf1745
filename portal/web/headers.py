"""Knows the headers that every response carries."""

from flask import Flask, Response

from portal.settings import Settings
from portal.web.identity import find_stay
from portal.web.responses import vary_by

# Nothing inline, nothing foreign: every script and style is a file of ours.
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What somebody brought along shows nothing but itself.
SANDBOXED = f"{_CSP}; sandbox"
_ALWAYS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def register(app: Flask, settings: Settings) -> None:
    always = list(_ALWAYS.items())
    if settings.production:
        always.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        given = {name.lower() for name in headers.keys()}  # noqa: SIM118 - what iterates over headers are pairs
        for name, value in always:
            if name.lower() not in given:
                headers.add(name, value)
        if "cache-control" not in given:
            headers.add("Cache-Control", "no-store" if find_stay() else "no-cache")
        vary_by(response, "HX-Request")
        return response
