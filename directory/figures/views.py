"""The page of figures, and a file behind each of them."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, abort, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from directory.accounts.guard import staff
from directory.db import db
from directory.figures.measures import Span
from directory.figures.tables import Cell, Figure, figures
from directory.i18n import gettext as _
from directory.web.forms import one_line

bp = Blueprint("figures", __name__)

USUAL = timedelta(days=365)
YEARS = (2000, 2099)
DAYS_MOST = 3660
TYPED_MAX = 20
_BOM = "\ufeff"
"""by which spreadsheets know the encoding"""


@dataclass(frozen=True)
class Asked:
    """The time somebody asked for. first, last: as typed; span: what is shown; errors: {field: sentence}."""

    first: str
    last: str
    span: Span
    errors: dict[str, str]


@bp.get("/staff/figures")
@staff()
def show() -> ResponseReturnValue:
    """Show all figures of a time."""
    now = datetime.now(UTC)
    asked = _asked(now.date())
    found = figures(db.session(), asked.span, now=now, locale=g.locale)
    return render_template("figures/figures.html", asked=asked, figures=found), 422 if asked.errors else 200


@bp.get("/staff/figures/<name>.csv")
@staff()
def table(name: str) -> ResponseReturnValue:
    """Send the table of one figure."""
    now = datetime.now(UTC)
    asked = _asked(now.date())
    if asked.errors:
        abort(404)
    figure = next((one for one in figures(db.session(), asked.span, now=now, locale=g.locale) if one.name == name), None)
    if figure is None:
        abort(404)
    response = make_response(_BOM + _as_csv(figure))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename={name}-{asked.span.first}-{asked.span.last}.csv"
    return response


def _as_csv(figure: Figure) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(figure.headings)
    writer.writerows([_plain(cell) for cell in row] for row in figure.rows)
    return out.getvalue()


def _plain(cell: Cell) -> str:
    return "" if cell is None else f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def _asked(today: date) -> Asked:
    """Read the time from the address; the last twelve months where none was asked for, or none that makes sense."""
    typed = {name: (one_line(request.args.get(name)) or "")[:TYPED_MAX] for name in ("from", "to")}
    days: dict[str, date | None] = {}
    errors = {}
    for name, text in typed.items():
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            errors[name] = _("Please write the day as year, month and day, such as 2026-05-06.")
    span = _span(days.get("from"), days.get("to"), today)
    if not errors and not (YEARS[0] <= span.first.year and span.last.year <= YEARS[1]):
        errors["from"] = _("Please choose days between %(first)s and %(last)s.", first=YEARS[0], last=YEARS[1])
    elif not errors and span.first > span.last:
        errors["to"] = _("The last day must not lie before the first one.")
    elif not errors and (span.last - span.first).days > DAYS_MOST:
        errors["from"] = _("Please choose ten years at most.")
    return Asked(typed["from"], typed["to"], _span(None, None, today) if errors else span, errors)


def _span(first: date | None, last: date | None, today: date) -> Span:
    last = last or today
    if first is None:
        first = (last - USUAL).replace(day=1) if last.year > YEARS[0] else last
    return Span(first, last)
