"""Pages of the desk: the queue and the case. Actions, decisions and records stand in modules of their own."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.guard import account, staff
from directory.applications.answers import Answers, organisation_name, part
from directory.applications.models import Application
from directory.applications.rules import PROMISED_WORKING_DAYS
from directory.applications.states import STAFF_LABELS, State
from directory.applications.vocab import Step
from directory.db import db
from directory.members.vocab import KIND_LABELS, Kind
from directory.review import (
    actions,
    audit_pages,
    decisions,
    downloads,
    message_pages,
    previews,
    queries,
    records,
    translation_pages,
)
from directory.review.blueprint import READERS, bp
from directory.review.case import age_of, get_or_404, name_tag, show_case
from directory.web.forms import one_line
from directory.web.paging import parse_page

__all__ = [
    "actions", "audit_pages", "bp", "decisions", "downloads", "message_pages", "previews", "records", "translation_pages",
]  # fmt: skip
Q_MAX = 100
ASSIGNEES = ("", "mine", "unassigned")


@bp.get("/staff/")
@staff()
def desk() -> ResponseReturnValue:
    """Lead to where this role works: the queue, or the accounts for whoever only manages these."""
    reads = set(READERS) & account().roles
    return redirect(url_for("review.queue" if reads else "accounts.list_accounts"))


@bp.get("/staff/applications/")
@staff(*READERS)
def queue() -> ResponseReturnValue:
    """List applications, oldest first."""
    filters = _filters()
    number = parse_page(request.args.get("page"))
    page = queries.search_applications(db.session(), filters, account=account(), page=number or 1)
    html = render_template(
        "review/queue.html",
        page=page,
        rows=[(application, _facts(application), age_of(application)) for application in page.rows],
        filters=filters,
        counts=queries.count_by_state(db.session()),
        states={state: STAFF_LABELS[state] for state in State if state not in queries.PRIVATE},
        url=lambda n: url_for("review.queue", **_query(filters), page=n),
        promised=PROMISED_WORKING_DAYS,
        all_labels=STAFF_LABELS,
    )
    return html, 404 if number is None or page.is_past_end else 200


@bp.get("/staff/applications/<reference>")
@staff(*READERS)
def case(reference: str) -> ResponseReturnValue:
    """Show everything about one application."""
    return show_case(get_or_404(reference))


def _filters() -> queries.Filters:
    state, assignee = request.args.get("state", ""), request.args.get("assignee", "")
    return queries.Filters(
        state=state if state == "all" or state in set(State) - queries.PRIVATE else "",
        assignee=assignee if assignee in ASSIGNEES else "",
        q=(one_line(request.args.get("q")) or "")[:Q_MAX],
    )


def _query(filters: queries.Filters) -> dict[str, Any]:
    return {key: value for key, value in vars(filters).items() if value}


def _facts(application: Application) -> dict[str, str]:
    """What the queue shows of the answers."""
    answers: Answers = application.sent_answers
    kind = part(answers, Step.ORGANISATION).get("kind")
    return {
        "name": organisation_name(answers),
        "tag": name_tag(application),
        "country": part(answers, Step.SEAT).get("country") or "",
        "kind": str(KIND_LABELS[Kind(kind)]) if kind in set(Kind) else "",
    }
