"""Pages of the audit: what was done, by whom and from where, and the same as a file."""

import csv
from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import Response, abort, g, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.guard import account, staff
from directory.accounts.models import Role
from directory.audit import AuditEvent
from directory.db import db
from directory.i18n import gettext as _
from directory.review.audit_words import ACTIONS, SUBJECTS, action_label, changes, field_label, subject_label
from directory.review.blueprint import READERS, bp
from directory.review.events import EventFilters, actor_names, all_events, find_accounts, find_members, find_page, get_events
from directory.review.labels import ACTOR_LABELS
from directory.web.days import Days, asked_days
from directory.web.findings import find_out
from directory.web.forms import one_line
from directory.web.pager import paged
from directory.web.paging import parse_page
from directory.web.spreadsheets import BOM, cell

SUBJECT_MAX = 160
ACTION_MAX = 64
COLUMNS = (
    "number", "at", "who", "who_id", "network", "action", "subject_kind", "subject", "field", "old", "new", "hash",
    "subject_name",
)  # fmt: skip
"""Headings of the file: fixed, since programs read it too. subject_name: of an account that an event is about."""


@bp.get("/staff/audit")
@staff(Role.AUDITOR, Role.ADMINISTRATOR)
def audit() -> ResponseReturnValue:
    """List what was done, newest first."""
    session, number = db.session(), parse_page(request.args.get("page"))
    staff_names = find_out("actor names", lambda: actor_names(session))
    names = dict(staff_names)
    days, filters = _filters(names)
    page = find_out((filters, number), lambda: find_page(session, filters, page=number or 1))
    chosen = _chosen(filters, days)
    html = render_template(
        "review/audit.html",
        page=page,
        events=get_events(session, page.rows),
        days=days,
        filters=filters,
        chosen=chosen,
        names=names,
        staff_names=staff_names,
        actors=ACTOR_LABELS,
        actions=_actions(filters.action),
        action_label=action_label,
        subject_label=partial(subject_label, names=names),
        field_labels=lambda codes: [field_label(code) for code in codes],
        changes=partial(changes, names=names, locale=g.locale),
        reads_cases=bool(account().roles & {*READERS}),
        url=paged(url_for("review.audit", **chosen)),
    )
    return html, 422 if days.errors else 404 if number is None or page.is_past_end else 200


@bp.get("/staff/audit.csv")
@staff(Role.AUDITOR, Role.ADMINISTRATOR)
def audit_file() -> ResponseReturnValue:
    """Send what was done, oldest first, a row for each value that changed."""
    names = dict(actor_names(db.session()))
    days, filters = _filters(names)
    if days.errors:
        abort(404)
    lines = stream_with_context(_lines(all_events(db.session(), filters), names))
    headers = {"Content-Disposition": "attachment; filename=audit.csv"}
    return Response(lines, mimetype="text/csv", headers=headers)


def _actions(chosen: str) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return what can be asked for, as (all of which subject, [(how the action begins, label)]); what is asked for is in it."""
    found = [
        (
            label,
            [(f"{kind}.", _("All of these")), *((code, word) for code, word in ACTIONS.items() if code.startswith(f"{kind}."))],
        )
        for kind, label in SUBJECTS.items()
    ]
    if chosen and not any(chosen == code for _label, words in found for code, _word in words):
        found.append((_("As in the address"), [(chosen, chosen)]))
    return found


class _Echo:
    """Gives back what a writer writes."""

    def write(self, text: str) -> str:
        return text


def _lines(events: Iterator[AuditEvent], names: dict[str, str]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(COLUMNS)
    for event in events:
        who = names.get(event.actor_id or "", event.actor_kind)
        about = names.get(event.subject_id, "") if event.subject_kind == "account" else ""
        common = [event.sequence, event.at.isoformat(), who, event.actor_id, event.network, event.action, event.subject_kind]
        for field, old, new in [(value.field, value.old, value.new) for value in event.values] or [("", "", "")]:
            yield writer.writerow(map(cell, [*common, event.subject_id, field, old, new, event.hash, about]))


def _filters(names: dict[str, str]) -> tuple[Days, EventFilters]:
    days, who = asked_days(), request.args.get("who", "")
    subject = (one_line(request.args.get("subject")) or "")[:SUBJECT_MAX]
    return days, EventFilters(
        subject=subject,
        accounts=find_out(("accounts called", subject), lambda: find_accounts(db.session(), subject)) if subject else (),
        members=find_out(("members called", subject), lambda: find_members(db.session(), subject)) if subject else (),
        action=(one_line(request.args.get("action")) or "")[:ACTION_MAX],
        who=who if who in names or who in ACTOR_LABELS else "",
        first=days.first,
        last=days.last,
    )


def _chosen(filters: EventFilters, days: Days) -> dict[str, Any]:
    """Return the filters as arguments for an address."""
    texts = {"subject": filters.subject, "action": filters.action, "who": filters.who}
    return {name: text for name, text in texts.items() if text} | ({} if days.errors else days.chosen)
