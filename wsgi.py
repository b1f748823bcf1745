"""The door for web servers: `gunicorn wsgi:app`."""

import os
import secrets
import sys
from pathlib import Path

from dotenv import dotenv_values
from flask import Flask

from portal.app import create_app
from portal.settings import BadSettingError, Settings, ensure_keys
from portal.telemetry.logs import configure, is_configured

ROOT = Path(__file__).resolve().parent
_IN_FILE = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value is not None}


def _settings() -> Settings:
    environ = {**_IN_FILE, **os.environ}
    settings = Settings.from_environ(environ, ROOT)
    if settings.production or (settings.secret_key and settings.key_ring):
        return settings
    ensure_keys(settings.instance_dir, random=secrets.token_bytes)
    return Settings.from_environ(environ, ROOT)


def _app() -> Flask:
    try:
        settings = _settings()
        if not is_configured():  # a command; the server did it before, and tells of every request and attempt
            configure(settings.log_format, level="WARNING")
        return create_app(settings)
    except BadSettingError as problem:
        sys.stderr.write(f"Error: {problem}\n")
        # With this code a gunicorn worker says that starting it again is no use.
        sys.exit(3)


app = _app()
