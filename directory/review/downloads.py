"""Documents at the desk: each download is an event of the record."""

from http import HTTPStatus

from flask import abort, current_app
from flask.typing import ResponseReturnValue

from directory.accounts.guard import actor, staff
from directory.applications import files
from directory.db import db, writing
from directory.review.blueprint import READERS, bp, clock
from directory.review.case import get_or_404
from directory.storage import PlaceFailed
from directory.web.downloads import attachment


@bp.get("/staff/applications/<reference>/documents/<public_id>")
@staff(*READERS)
def document(reference: str, public_id: str) -> ResponseReturnValue:
    """Hand out a document that was sent with the answers, once no virus was found in it."""
    application = get_or_404(reference)
    found = next((one for one in files.sent(application) if one.public_id == public_id and one.may_be_read), None)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    name, mimetype, by = found.name, found.type, actor()
    try:
        data = current_app.extensions["uploads"].read(found.storage_name)
    except PlaceFailed:
        current_app.logger.exception("document %s cannot be read", public_id)
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    db.session.rollback()  # what is read so far began as a transaction that only reads
    with writing():
        files.note_download(db.session(), found, by=by, now=clock())
        db.session.commit()
    return attachment(data, name=name, mimetype=mimetype)
