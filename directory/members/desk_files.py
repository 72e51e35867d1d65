"""The desk's files of members: the export, and a template for spreadsheets with a page that explains its columns."""

from collections.abc import Callable, Iterator

from flask import Response, g, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from directory.accounts.guard import staff
from directory.db import db
from directory.i18n import lazy_gettext as _l
from directory.initiative.queries import categories, sectors, zones
from directory.members import sheets
from directory.members.columns import COLUMNS, REGISTRATIONS_MAX, Form
from directory.members.desk_base import CHANGERS, bp, clock
from directory.members.models import OFFERINGS_MAX
from directory.members.transfer import export_lines, export_sheet
from directory.members.vocab import DELIVERY_LABELS, DIRECTION_LABELS, FEE_LABELS, KIND_LABELS, SCHEME_LABELS, TYPE_LABELS

FORM_TEXTS = {
    Form.TEXT: _l("Text"),
    Form.NAMES: _l("Names, with | between them"),
    Form.CODE: _l("One of the codes below"),
    Form.CODES: _l("Any of the codes below, with commas between them"),
    Form.LANGUAGE: _l("A language tag, such as zh-Hans"),
    Form.LANGUAGES: _l("Language tags, such as en, zh-Hans"),
    Form.COUNTRY: _l("A code of two letters (ISO 3166-1), such as RS"),
    Form.COUNTRIES: _l("Codes of two letters (ISO 3166-1), such as RS, DE"),
    Form.DAY: _l("A day, written as 2026-05-06"),
    Form.YEAR: _l("A year, such as 1998"),
    Form.ADDRESS: _l("A web address"),
    Form.ADDRESSES: _l("Web addresses that start with https://, with spaces between them"),
    Form.TRUTH: _l("Either true or nothing"),
}
"""How a cell is written."""
_VALUES: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "kind": lambda: [(str(code), str(label)) for code, label in KIND_LABELS.items()],
    "type": lambda: [(str(code), str(label)) for code, label in TYPE_LABELS.items()],
    "sector": lambda: sectors().choices(g.locale),
    "zone": lambda: zones().choices(g.locale),
    "category": lambda: categories().choices(g.locale),
    "scheme": lambda: [(code, str(label)) for code, label in SCHEME_LABELS.items()],
    "delivery": lambda: [(str(code), str(label)) for code, label in DELIVERY_LABELS.items()],
    "fee": lambda: [(str(code), str(label)) for code, label in FEE_LABELS.items()],
    "direction": lambda: [(str(code), str(label)) for code, label in DIRECTION_LABELS.items()],
}
"""Codes that may stand in columns, by their facets."""


@bp.get("/staff/members/import/columns")
@staff(*CHANGERS)
def show_columns() -> ResponseReturnValue:
    """Explain the columns of a sheet of members, and list the codes that may stand in them."""
    return render_template(
        "members_desk/import_columns.html",
        columns=COLUMNS,
        forms=FORM_TEXTS,
        values={facet: values() for facet, values in _VALUES.items()},
        most={"services": OFFERINGS_MAX, "registrations": REGISTRATIONS_MAX},
    )


@bp.get("/staff/members/import/template.csv")
@staff(*CHANGERS)
def template_file() -> ResponseReturnValue:
    """Send a sheet with all headings and one invented row."""
    return _file(iter([sheets.template()]), name="members-template.csv", mimetype="text/csv")


@bp.get("/staff/members/export.jsonl")
@staff(*CHANGERS)
def export_file() -> ResponseReturnValue:
    """Send the public members in the interchange format, without contact persons."""
    return _file(export_lines(db.session(), today=clock().date()), name="members.jsonl", mimetype="application/jsonl")


@bp.get("/staff/members/export.csv")
@staff(*CHANGERS)
def export_table() -> ResponseReturnValue:
    """Send the public members as a sheet, without contact persons."""
    return _file(export_sheet(db.session(), today=clock().date()), name="members.csv", mimetype="text/csv")


def _file(parts: Iterator[str], *, name: str, mimetype: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}", "X-Content-Type-Options": "nosniff"}
    return Response(stream_with_context(parts), content_type=f"{mimetype}; charset=utf-8", headers=headers)
