"""Days that somebody typed into the address of a page, to see only what lies between them."""

from dataclasses import dataclass
from datetime import date

from flask import request

from directory.i18n import gettext as _
from directory.web.forms import one_line

YEARS = (2000, 2099)
TYPED_MAX = 20


@dataclass(frozen=True)
class Days:
    """What was asked for. typed: by field; first, last: none where nothing was typed; errors: {field: sentence}."""

    typed: dict[str, str]
    first: date | None
    last: date | None
    errors: dict[str, str]

    @property
    def chosen(self) -> dict[str, str]:
        """What was typed, as arguments for an address."""
        return {name: text for name, text in self.typed.items() if text}


def asked_days() -> Days:
    """Read the fields `from` and `to` of the address."""
    typed = {name: (one_line(request.args.get(name)) or "")[:TYPED_MAX] for name in ("from", "to")}
    found: dict[str, date | None] = {"from": None, "to": None}
    errors = {}
    for name, text in typed.items():
        try:
            found[name] = day = date.fromisoformat(text) if text else None
        except ValueError:
            errors[name] = _("Please write the day as year, month and day, such as 2026-05-06.")
            continue
        if day and not YEARS[0] <= day.year <= YEARS[1]:
            errors[name] = _("Please choose days between %(first)s and %(last)s.", first=YEARS[0], last=YEARS[1])
    first, last = found["from"], found["to"]
    if first and last and first > last and not errors:
        errors["to"] = _("The last day must not lie before the first one.")
    return Days(typed, None if errors else first, None if errors else last, errors)
