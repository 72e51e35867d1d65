"""The page of the letters that went out."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from directory.accounts.guard import account, staff
from directory.accounts.models import Role
from directory.db import db
from directory.i18n import gettext as _
from directory.mail import ATTEMPTS_MAX, LetterState, count_by_state
from directory.review import queries, services
from directory.review.blueprint import LETTER_READERS, READERS, bp, clock
from directory.review.labels import LETTER_LABELS, LETTER_TONES, failure_label
from directory.web.forms import BaseForm, one_line
from directory.web.pager import paged
from directory.web.paging import Page, parse_page

Q_MAX = 254


@bp.get("/staff/outbox")
@staff(*LETTER_READERS)
def outbox() -> ResponseReturnValue:
    """List letters, newest first."""
    return _outbox(200)


@bp.post("/staff/outbox/<public_id>/resend")
@staff(Role.ADMINISTRATOR, Role.COORDINATOR)
def resend(public_id: str) -> ResponseReturnValue:
    """Try a failed letter again."""
    form = BaseForm()
    if not form.validate_on_submit():
        return _outbox(form.error_status)
    letter = queries.get_letter(db.session(), public_id, for_update=True)
    if letter is None:
        abort(NotFound.code)
    services.resend(db.session(), letter, by=account(), now=clock())
    db.session.commit()
    flash(_("The letter will be tried again."), "success")
    return redirect(url_for("review.outbox"), code=303)


def _outbox(status: int) -> ResponseReturnValue:
    text, number = request.args.get("state", ""), parse_page(request.args.get("page"))
    state, q = LetterState(text) if text in set(LetterState) else None, (one_line(request.args.get("q")) or "")[:Q_MAX]
    counts = queries.count_letters_of(db.session(), q) if q else count_by_state(db.session())
    total = counts[state] if state else sum(counts.values())
    letters = queries.list_letters(db.session(), state=state, page=number or 1, q=q)
    page = Page(letters, number or 1, total, queries.LETTERS_PER_PAGE)
    chosen: dict[str, Any] = ({"state": str(state)} if state else {}) | ({"q": q} if q else {})
    html = render_template(
        "review/outbox.html",
        page=page,
        state=state,
        q=q,
        failure_label=failure_label,
        reads_cases=bool({*READERS} & account().roles),
        counts=counts,
        attempts_max=ATTEMPTS_MAX,
        form=BaseForm(),
        labels=LETTER_LABELS,
        tones=LETTER_TONES,
        may_resend=bool({Role.ADMINISTRATOR, Role.COORDINATOR} & account().roles),
        url=paged(url_for("review.outbox", **chosen)),
    )
    return html, 404 if number is None or page.is_past_end else status
