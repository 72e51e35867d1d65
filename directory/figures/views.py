"""The page of figures, and a file behind each of them."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, abort, g, make_response, render_template
from flask.typing import ResponseReturnValue

from directory.accounts.guard import staff
from directory.db import db
from directory.figures.measures import Span
from directory.figures.tables import Cell, Figure, figures
from directory.i18n import gettext as _
from directory.web.days import Days, asked_days
from directory.web.findings import find_out, found_state
from directory.web.spreadsheets import BOM, cell

bp = Blueprint("figures", __name__)

USUAL = timedelta(days=365)
DAYS_MOST = 3660


@bp.get("/staff/figures")
@staff()
def show() -> ResponseReturnValue:
    """Show all figures of a time."""
    now = datetime.now(UTC)
    days, span = _asked(now.date())
    found = _figures(span, now)
    page = render_template("figures/figures.html", days=days, span=span, figures=found, state=found_state(), today=now.date())
    return page, 422 if days.errors else 200


@bp.get("/staff/figures/<name>.csv")
@staff()
def table(name: str) -> ResponseReturnValue:
    """Send the table of one figure."""
    now = datetime.now(UTC)
    days, span = _asked(now.date())
    if days.errors:
        abort(404)
    figure = next((one for one in _figures(span, now) if one.name == name), None)
    if figure is None:
        abort(404)
    response = make_response(BOM + _as_csv(figure))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename={name}-{span.first}-{span.last}.csv"
    return response


def _figures(span: Span, now: datetime) -> list[Figure]:
    """Work the figures out; what waits is counted in days, so that they hold for the day unless anything is recorded."""
    session, locale = db.session(), g.locale
    question = ("figures", span, now.date(), locale)
    return find_out(question, lambda: figures(session, span, now=now, locale=locale))


def _as_csv(figure: Figure) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(figure.headings)
    writer.writerows([_plain(value) for value in row] for row in figure.rows)
    return out.getvalue()


def _plain(value: Cell) -> str:
    return f"{value:.1f}" if isinstance(value, float) else cell(value)


def _asked(today: date) -> tuple[Days, Span]:
    """Read the time from the address; the last twelve months where none was asked for, or none that makes sense."""
    days = asked_days()
    last = days.last or today
    span = Span(days.first or (last - USUAL).replace(day=1), last)
    if span.first > span.last:
        days.errors["from"] = _("The last day must not lie before the first one.")
    elif (span.last - span.first).days > DAYS_MOST:
        days.errors["from"] = _("Please choose ten years at most.")
    return days, Span((today - USUAL).replace(day=1), today) if days.errors else span
