"""Pages of the desk: the queue and the case. Actions, decisions and records stand in modules of their own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.guard import account, staff
from directory.accounts.models import Account
from directory.applications.states import STAFF_LABELS, WITH_STAFF, State
from directory.db import db
from directory.initiative.queries import times
from directory.members.vocab import KIND_LABELS
from directory.review import (
    actions,
    audit_pages,
    closing_pages,
    decisions,
    document_pages,
    downloads,
    letter_pages,
    message_pages,
    queries,
    queue,
    records,
    together_pages,
    translation_pages,
)
from directory.review.blueprint import READERS, bp, clock
from directory.review.case import age_of, back_of, name_tag, show_case
from directory.review.labels import BACK_LABELS, HEADS, VIEW_LABELS
from directory.review.queue_filters import as_query, asked_filters
from directory.review.together_pages import deed_choices
from directory.web.findings import find_out
from directory.web.pager import paged
from directory.web.paging import page_of, parse_page

__all__ = [
    "actions", "audit_pages", "bp", "closing_pages", "decisions", "document_pages", "downloads", "letter_pages", "message_pages",
    "records", "together_pages", "translation_pages",
]  # fmt: skip


@bp.get("/staff/")
@staff()
def desk() -> ResponseReturnValue:
    """Lead to where this role works: the queue, or the accounts for whoever only manages these."""
    reads = set(READERS) & account().roles
    return redirect(url_for("review.queue" if reads else "accounts.list_accounts"))


@bp.get("/staff/applications/", endpoint="queue")
@staff(*READERS)
def show_queue() -> ResponseReturnValue:
    """List applications, oldest first."""
    session, by, today = db.session(), account(), clock().date()
    colleagues = find_out("colleagues", lambda: queries.list_colleagues(session))
    filters = asked_filters(request.args, accounts=[public_id for public_id, _ in colleagues])
    number = parse_page(request.args.get("page"))
    ids = find_out((filters, by.id, today), lambda: queue.search_applications(session, filters, account=by, today=today))
    page = page_of(ids, number or 1)
    rows = queue.get_rows(session, page.rows)
    html = render_template(
        "review/queue.html",
        page=page,
        rows=rows,
        filters=filters,
        unworded=replace(filters, q=""),
        chosen=as_query(filters),
        views=VIEW_LABELS,
        states={state: STAFF_LABELS[state] for state in State if state not in queue.PRIVATE},
        kinds=KIND_LABELS,
        heads=HEADS,
        all_labels=STAFF_LABELS,
        back_labels=BACK_LABELS,
        with_staff=WITH_STAFF,
        choices=_choices(by, today),
        colleagues=colleagues,
        deeds=deed_choices(by),
        today=today,
        url=paged(url_for("review.queue", **as_query(filters))),
        promised=times().promised,
        more_of=_more_of(rows),
    )
    return html, 404 if number is None or page.is_past_end else 200


@bp.get("/staff/applications/<reference>")
@staff(*READERS)
def case(reference: str) -> ResponseReturnValue:
    """Show everything about one application."""
    return show_case(reference)


class Choices(NamedTuple):
    """What the filters offer, with its numbers."""

    in_view: tuple[tuple[queue.View, int], ...]
    in_state: tuple[tuple[State, int], ...]
    countries: tuple[str, ...]


def _choices(by: Account, today: date) -> Choices:
    session = db.session()

    def find() -> Choices:
        in_view = queue.count_views(session, account=by, today=today)
        in_state, countries = queue.count_by_state(session), queue.countries_of_applicants(session)
        return Choices(tuple(in_view.items()), tuple(in_state.items()), tuple(countries))

    return find_out(("choices", by.id, today), find)


def _more_of(rows: Sequence[queue.Row]) -> Callable[[queue.Row], dict[str, Any]]:
    """Return what tells more of a row: what is worked out of its moves and of what was sent."""
    application_of = queue.loader(db.session(), [row.id for row in rows])

    def more(row: queue.Row) -> dict[str, Any]:
        application = application_of(row.id)
        return {"tag": name_tag(application), "age": age_of(application), "back": back_of(application)}

    return more
