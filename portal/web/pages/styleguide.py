"""The living style page shows each component in each of its states; developers have it, production does not."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.impact import Impact
from portal.domain.queue import Tally
from portal.web.bar_chart import HEIGHT, WIDTH, Told, bars, summed
from portal.web.forms.styleguide import SampleForm
from portal.web.policy import public
from portal.web.qr_code import qr_code
from portal.web.responses import page

bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")

_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_SHORT = {"company": "Rex Hosting", "person": "Sue", "email": "sue@demo.test", "config": "Office relay"}
_LONG = {
    "company": "Rex Hosting and Relay Services of the United Provinces, Limited Partnership",
    "person": "Sue-Alexandra Wolfeschlegelsteinhausenbergerdorff of the Partners",
    "email": "sue.alexandra.wolfeschlegelsteinhausenbergerdorff@mail.partners-of-the-provinces.demo.test",
    "config": "Donaudampfschifffahrtsgesellschaftskapitänsbriefkasten-Relay in the third cellar",
}


class Chip(NamedTuple):
    value: str
    label: str
    explains: str


class Way(NamedTuple):
    """One variant of the page: its choices, and whether it is the one that is shown."""

    text: str
    url: str
    is_shown: bool


@bp.get("")
@public("the same samples for everybody, and absent from production")
def show() -> ResponseReturnValue:
    shown = {name: _asked(name, choices) for name, choices in _CHOICES.items()}
    return page(
        "styleguide/show.html",
        shown=shown,
        ways=[_way(shown, name, value) for name, values in _CHOICES.items() for value in values],
        words=_LONG if shown["words"] == "long" else _SHORT,
        form=_form(),
        chips=[Chip("587", "587 · STARTTLS", "Usual."), Chip("465", "465 · SSL/TLS", "Encrypted from the first byte.")],
        at=_NOW,
        impacts=(Impact(0, 0, 0, ()), Impact(2, 140, 3, ("Rex Hosting", "Sue & Partners"))),
        code=qr_code("otpauth://totp/Relaytree"),
        **_picture(),
    )


_CHOICES = {"scheme": ("auto", "light", "dark"), "dir": ("ltr", "rtl"), "words": ("short", "long")}


def _asked(name: str, choices: tuple[str, ...]) -> str:
    value = request.args.get(name, "")
    return value if value in choices else choices[0]


def _way(shown: dict[str, str], name: str, value: str) -> Way:
    url = url_for("styleguide.show", **{**shown, name: value})  # type: ignore[arg-type]  # texts
    return Way(f"{name}: {value}", url, shown[name] == value)


def _form() -> SampleForm:
    form = SampleForm(
        formdata=None, data={"name": "", "port": 587, "kept": "as it is", "use_ssl": True, "kind": "reseller"}
    )
    for field, problem in (
        (form.name, "Type a name."),
        (form.refused, "Tick this to go on."),
        (form.unanswered, "Choose one of these."),
        (form.password_again, "Type the password: the server changed."),
    ):
        field.errors = [problem]
    return form


def _picture() -> dict[str, Any]:
    tallies = [Tally(_NOW + timedelta(days=day), 40 + 7 * day, day % 4, 3 * (day % 3)) for day in range(14)]
    total = summed(tallies)
    told = Told(
        title="What became of mail",
        description="Samples. The figures stand in the table below.",
        none="Nothing happened.",
        axis="the highest bar is 135",
        legend=(("delivered", "delivered"), ("put-off", "waiting"), ("failed", "failed for good")),
        columns=(("Day", ""), ("Delivered", ""), ("Waiting", ""), ("Failed", "")),
        of_bar=lambda each: f"{each.delivered} delivered",
    )
    nothing = [Tally(_NOW, 0, 0, 0)]
    return {
        "bars": bars(tallies),
        "total": total,
        "nothing": (bars(nothing), summed(nothing)),
        "chart_size": (WIDTH, HEIGHT),
        "picture": told,
        "part_name": lambda at: f"{at:%d %b}",
    }
