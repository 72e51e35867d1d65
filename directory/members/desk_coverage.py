"""The desk's table of what is offered for which countries, and the file behind it."""

import csv
import io

from flask import current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from directory.accounts.guard import staff
from directory.i18n import lazy_pgettext as _lp
from directory.i18n import pgettext
from directory.i18n.formats import countries_by_name, country_name
from directory.members.coverage import COLUMNS, Asked, By, Cell, Coverage, coverage, parse_asked
from directory.members.desk_base import READERS, bp
from directory.web.spreadsheets import BOM, cell

BY_LABELS = {
    By.SERVES: _lp("columns of a table", "Countries and regions served"),
    By.SEAT: _lp("columns of a table", "Countries and regions where members sit"),
}


@bp.get("/staff/members/coverage")
@staff(*READERS)
def show_coverage() -> ResponseReturnValue:
    """Show how many members offer each service for each country, and where nobody does."""
    asked, search = _asked(), current_app.extensions["search"]
    return render_template(
        "members_desk/coverage.html",
        asked=asked,
        version=search.version(),
        count=lambda: coverage(search, asked, locale=g.locale),
        labels=BY_LABELS,
        numbers=COLUMNS,
        countries=countries_by_name(g.locale),
        address={"by": asked.by, "in": asked.chosen, "most": asked.most},
    )


@bp.get("/staff/members/coverage.csv")
@staff(*READERS)
def coverage_file() -> ResponseReturnValue:
    """Send the table as a file."""
    table = coverage(current_app.extensions["search"], _asked(), locale=g.locale)
    response = make_response(BOM + _as_csv(table))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=coverage.csv"
    return response


def _asked() -> Asked:
    args = request.args
    return parse_asked(args.get("by", ""), args.getlist("in"), args.get("most", ""))


def _as_csv(table: Coverage) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    names = [country_name(code, g.locale) for code in table.columns]
    head = [pgettext("of a category", "Group"), pgettext("table of services", "Service"), pgettext("of services", "Anywhere")]
    writer.writerow(map(cell, [*head, *names]))
    for group in table.groups:
        for row in group.rows:
            writer.writerow(map(cell, [group.label, row.label, row.total, *map(_cell_text, row.cells)]))
    return out.getvalue()


def _cell_text(one: Cell) -> str:
    """Write a cell with the word that marks a place to recruit, as on the page."""
    words = pgettext("cell of a table", "by no one service") if one.members else pgettext("cell of a table", "recruit")
    return f"{one.members} ({words})" if one.is_gap else str(one.members)
