"""The desk's pages of members: who they are. What staff do with them stands in modules of their own."""

from datetime import date
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from directory.accounts.guard import account, actor, staff
from directory.db import db
from directory.i18n import gettext as _
from directory.members import (
    desk_add,
    desk_correct,
    desk_coverage,
    desk_files,
    desk_import,
    desk_merge,
    desk_standing,
    desk_states,
    services,
)
from directory.members.desk_base import CHANGERS, ENTRY, READERS, bp, clock, count_notices, done, labels, member_or_404, notices
from directory.members.desk_entry import show_entry
from directory.members.desk_queries import (
    AGE_LABELS,
    SORT_LABELS,
    STANDING_CHOICES,
    Age,
    DeskFilters,
    Sort,
    count_by_age,
    find_page,
    get_plain,
    get_rows,
)
from directory.members.queries import find_old_slug
from directory.members.terms import state_until
from directory.members.vocab import TERM_LABELS
from directory.web.findings import find_out
from directory.web.forms import BaseForm, SeenForm, one_line
from directory.web.pager import paged
from directory.web.paging import parse_page

__all__ = [
    "bp",
    "desk_add",
    "desk_correct",
    "desk_coverage",
    "desk_files",
    "desk_import",
    "desk_merge",
    "desk_standing",
    "desk_states",
]
Q_MAX = 100


@bp.get("/staff/members/")
@staff(*READERS)
def list_members() -> ResponseReturnValue:
    """List members of any standing."""
    session, today = db.session(), clock().date()
    open_notices = count_notices()
    chosen = _chosen()
    filters = DeskFilters(
        q=chosen["q"],
        standing=chosen["standing"],
        age=chosen["confirmed"],
        sort=chosen["sort"],
        ids=frozenset(open_notices) if chosen["notices"] else None,
    )
    number = parse_page(request.args.get("page"))
    page = find_out((filters, number, today), lambda: find_page(session, filters, page=number or 1, today=today))
    html = render_template(
        "members_desk/list.html",
        page=page,
        rows=[(row, state_until(row.last_day or date.min, today)) for row in get_rows(session, page.rows, today=today)],
        notices=open_notices,
        chosen=chosen,
        terms=TERM_LABELS,
        labels=labels(),
        standings=STANDING_CHOICES,
        ages=AGE_LABELS,
        counted=find_out(("ages", today), lambda: tuple(count_by_age(session, today=today).items())),
        sorts=SORT_LABELS,
        may_change=bool(set(CHANGERS) & account().roles),
        url=paged(url_for("members_desk.list_members", **{k: v for k, v in chosen.items() if v})),
    )
    return html, 404 if number is None or page.is_past_end else 200


@bp.get(ENTRY)
@staff(*READERS)
def entry(slug: str) -> ResponseReturnValue:
    """Show everything about one member."""
    member = get_plain(db.session(), slug)
    if member is None:
        address = find_old_slug(db.session(), slug)
        return redirect(url_for("members_desk.entry", slug=address)) if address else abort(NotFound.code)
    return show_entry(member)


@bp.post(f"{ENTRY}/confirm")
@staff(*CHANGERS)
def confirm(slug: str) -> ResponseReturnValue:
    """Record that the organisation has confirmed its entry."""
    member, form = member_or_404(slug), SeenForm(prefix="confirm")
    if form.validate_on_submit():
        services.confirm(db.session(), member, by=actor(), seen_version=form.version, now=clock())
        return done(slug, _("The entry is marked as confirmed by its organisation."))
    return show_entry(member, form, "confirm")


@bp.post(f"{ENTRY}/notices/<public_id>")
@staff(*CHANGERS)
def settle(slug: str, public_id: str) -> ResponseReturnValue:
    """Record that a notice about the entry was dealt with."""
    member, form = member_or_404(slug), BaseForm()
    if form.validate_on_submit():
        by, by_id = actor(), account().id
        if not notices().settle(db.session(), public_id, member=member, by=by, by_id=by_id, now=clock()):
            abort(NotFound.code)
        return done(slug, _("The notice is settled."))
    return show_entry(member, form, "settle")


def _chosen() -> dict[str, Any]:
    """Read the filters of the address; what is not known is left out."""
    asked = request.args.get
    known: dict[str, set[str]] = {
        "standing": set(STANDING_CHOICES),
        "confirmed": set(Age),
        "sort": set(Sort),
        "notices": {"open"},
    }
    found = {name: text if (text := asked(name, "")) in values else "" for name, values in known.items()}
    return {"q": (one_line(asked("q")) or "")[:Q_MAX], **found}
