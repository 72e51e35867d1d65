"""Documents looked at in the desk: pictures of their pages that this program drew, never the file itself."""

from datetime import timedelta
from http import HTTPStatus

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from directory.accounts.guard import actor, staff
from directory.applications import files
from directory.applications.models import Application, Document
from directory.applications.vocab import PURPOSE_LABELS
from directory.db import db, writing
from directory.i18n import lazy_gettext as _l
from directory.review.actions import CASE
from directory.review.blueprint import READERS, bp, clock
from directory.review.case import get_or_404
from directory.storage import LEAST_WIDTH, PAGES_MAX, WIDTH, Drawing, FileType, NotDrawn, PlaceFailed, WhyNot, draw
from directory.web.downloads import image
from directory.web.limits import limiter
from directory.web.paging import parse_page

ONE_LOOK = timedelta(hours=1)
"""within which the pictures belong to one look at the page; a picture asked for without one is recorded by itself"""
WHY_NOT_LABELS = {
    WhyNot.DAMAGED: _l("This document cannot be shown here: the file is damaged. You can still take it as it is."),
    WhyNot.LOCKED: _l(
        "This document cannot be shown here: it is locked with a password. Please ask the applicant for one without."
    ),
    WhyNot.PAGE: _l("This document has no such page, or the page is beyond those that can be shown here."),
    WhyNot.TOO_MUCH: _l(
        "This document cannot be shown here: drawing it takes too much time or memory. You can still take it as it is."
    ),
    WhyNot.BUSY: _l("Too many pages are being drawn just now. Please try again in a minute."),
}


@bp.get(f"{CASE}/documents/<public_id>/preview")
@staff(*READERS)
@limiter.limit("300 per hour")
def preview(reference: str, public_id: str) -> ResponseReturnValue:
    """Show one page of a document, and links to the others; each look is recorded."""
    found = _readable_or_404(get_or_404(reference), public_id)
    number, data, kind = parse_page(request.args.get("page")) or 1, _read(found), FileType(found.type)
    _record(found)
    drawing, why = _drawn(data, kind, number)
    application = get_or_404(reference)
    page = render_template(
        "review/preview.html",
        application=application,
        document=_readable_or_404(application, public_id),
        purposes=PURPOSE_LABELS,
        drawing=drawing,
        number=number,
        most_shown=min(drawing.pages, PAGES_MAX) if drawing else 0,
        why=WHY_NOT_LABELS[why] if why else None,
    )
    return page, HTTPStatus.NOT_FOUND if why is WhyNot.PAGE else HTTPStatus.OK


@bp.get(f"{CASE}/documents/<public_id>/pages/<int:number>.png")
@staff(*READERS)
@limiter.limit("1200 per hour")
def page_picture(reference: str, public_id: str, number: int) -> ResponseReturnValue:
    """Draw one page of a document."""
    found = _readable_or_404(get_or_404(reference), public_id)
    state, kind = f"{found.sha256}-{number}", FileType(found.type)
    data = b"" if request.if_none_match.contains(state) else _read(found)
    if not files.was_previewed(db.session(), found, by=actor(), since=clock() - ONE_LOOK):
        _record(found)
    db.session.rollback()  # nothing is held while the page is drawn
    if not data:
        return _unchanged(state)
    try:
        drawn: Drawing = draw(data, kind, page=number, width=WIDTH)
    except NotDrawn as error:
        abort(HTTPStatus.SERVICE_UNAVAILABLE if error.why is WhyNot.BUSY else HTTPStatus.NOT_FOUND)
    return image(drawn.png, state=state)


def _drawn(data: bytes, kind: FileType, number: int) -> tuple[Drawing | None, WhyNot | None]:
    """Draw a page small, to learn whether it can be drawn and how many there are; or say why not."""
    try:
        return draw(data, kind, page=number, width=LEAST_WIDTH), None
    except NotDrawn as error:
        return None, error.why


def _unchanged(state: str) -> Response:
    """Say that the picture which the browser keeps is still right."""
    answer = image(b"", state=state)
    answer.status_code = HTTPStatus.NOT_MODIFIED
    return answer


def _readable_or_404(application: Application, public_id: str) -> Document:
    """Return a document that was sent with the answers and may be read, or answer 404."""
    found = next((one for one in files.sent(application) if one.public_id == public_id and one.may_be_read), None)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _read(found: Document) -> bytes:
    try:
        data: bytes = current_app.extensions["uploads"].read(found.storage_name)
    except PlaceFailed:
        current_app.logger.exception("document %s cannot be read", found.public_id)
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    return data


def _record(found: Document) -> None:
    """Record a look at a document, in a transaction of its own."""
    db.session.rollback()  # what is read so far began as a transaction that only reads
    with writing():
        files.note_preview(db.session(), found, by=actor(), now=clock())
        db.session.commit()
