"""Pages of the desk: the queue and the case. Actions, decisions and records stand in modules of their own."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.guard import account, staff
from directory.applications.models import Application
from directory.applications.states import STAFF_LABELS, WITH_STAFF, State
from directory.db import db
from directory.initiative.queries import times
from directory.members.vocab import KIND_LABELS, Kind
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
from directory.review.case import age_of, name_tag, show_case
from directory.review.labels import VIEW_LABELS
from directory.review.queue_filters import as_query, asked_filters
from directory.review.together_pages import deed_choices
from directory.web.paging import parse_page

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
    colleagues = queries.get_colleagues(session)
    filters = asked_filters(request.args, accounts=[one.public_id for one in colleagues])
    number = parse_page(request.args.get("page"))
    page = queue.search_applications(session, filters, account=by, today=today, page=number or 1)
    html = render_template(
        "review/queue.html",
        page=page,
        rows=[(application, _facts(application), age_of(application)) for application in page.rows],
        filters=filters,
        chosen=as_query(filters),
        **_choices(),
        colleagues=colleagues,
        in_view=queue.count_views(session, account=by, today=today),
        views=VIEW_LABELS,
        deeds=deed_choices(by),
        today=today,
        url=lambda n: url_for("review.queue", **as_query(filters), page=n),
        promised=times().promised,
        all_labels=STAFF_LABELS,
        with_staff=WITH_STAFF,
    )
    return html, 404 if number is None or page.is_past_end else 200


@bp.get("/staff/applications/<reference>")
@staff(*READERS)
def case(reference: str) -> ResponseReturnValue:
    """Show everything about one application."""
    return show_case(reference)


def _choices() -> dict[str, Any]:
    """What the filters offer."""
    session = db.session()
    return {
        "counts": queue.count_by_state(session),
        "states": {state: STAFF_LABELS[state] for state in State if state not in queue.PRIVATE},
        "countries": queue.countries_of_applicants(session),
        "kinds": KIND_LABELS,
    }


def _facts(application: Application) -> dict[str, str]:
    """What the queue shows of an application as last sent; the reference stands for what no program has filled in yet."""
    kind = application.sent_kind
    return {
        "name": application.sent_name or application.reference,
        "tag": name_tag(application),
        "country": application.sent_country or "",
        "kind": str(KIND_LABELS[Kind(kind)]) if kind in set(Kind) else "",
    }
