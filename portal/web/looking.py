"""Knows that a page is read at one moment: who asks, what he may do, and what he is shown."""

from flask import Flask, Response, request

from portal.services.looking import begin_look, end_look


def register(app: Flask) -> None:
    """Call it before everything that reads, so that its answer is the last to be looked at."""

    @app.before_request
    def begin() -> None:
        if request.method in {"GET", "HEAD"}:
            begin_look()

    @app.after_request
    def end(response: Response) -> Response:
        """Before anything is sent: nobody's slow line keeps the database looking."""
        end_look()
        return response
