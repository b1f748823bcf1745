"""Knows how `python -m portal …` begins: the operator's commands, those too that need no settings yet."""

from pathlib import Path

from flask.cli import ScriptInfo

from portal.cli import door

_WSGI = Path(__file__).resolve().parent.parent / "wsgi.py"


def main() -> None:
    door().main(prog_name="python -m portal", obj=ScriptInfo(app_import_path=str(_WSGI)))


if __name__ == "__main__":
    main()
