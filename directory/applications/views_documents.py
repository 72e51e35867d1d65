"""The step of documents, and what the applicant may have of them again."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import abort, current_app, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from directory.applications import files, services
from directory.applications.answers import part
from directory.applications.blueprint import bp, status_address
from directory.applications.forms import DocumentsForm
from directory.applications.models import DOCUMENTS_MAX, Application, Document
from directory.applications.opening import acting, find_opened, may_open, opened
from directory.applications.states import EDITABLE
from directory.applications.step_pages import conflict_page, next_address, step_of_other_browser, step_page
from directory.applications.uploads import REQUEST_BYTES_MAX, Received, receive, refuse
from directory.applications.views_unsaved import settle_unsaved, unsaved_of
from directory.applications.vocab import DOCUMENT_STATE_LABELS, PURPOSE_LABELS, Purpose, Step
from directory.db import db
from directory.errors import Conflict, Invalid, WrongStatus
from directory.i18n import gettext as _
from directory.storage import Crop, FileType, PlaceFailed, Refused, Shape, picture
from directory.web.downloads import attachment, image
from directory.web.forms import Typed
from directory.web.limits import limiter


@bp.route("/apply/<token>/documents", methods=["GET", "POST"])
@limiter.limit("240 per hour", methods=["POST"])
def documents(token: str) -> ResponseReturnValue:
    """Show and save the step of documents: files that are fine are kept, whatever else is wrong."""
    if request.method == "POST" and may_open(token):
        return _send(token)
    application = find_opened(token)
    if application is None:
        try:
            return step_of_other_browser(token, Step.DOCUMENTS, DocumentsForm(), **_more(None))
        except RequestEntityTooLarge:  # a stranger's files are not even read
            form = DocumentsForm(formdata=None)
            return step_page(None, Step.DOCUMENTS, form, HTTPStatus.BAD_REQUEST, token=token, **_more(None))
    if application.state not in EDITABLE:
        return redirect(url_for(".status", token=token), 303)
    kept = unsaved_of(application, Step.DOCUMENTS)
    if kept is not None:
        form = DocumentsForm(Typed(kept.fields))
        return conflict_page(application, Step.DOCUMENTS, form, HTTPStatus.OK, is_unsaved=True, **_more(application))
    form = DocumentsForm(data=part(application.answers, Step.DOCUMENTS))
    form.seen.data = services.stamp(application, Step.DOCUMENTS)
    return step_page(application, Step.DOCUMENTS, form, **_more(application))


@bp.get("/apply/<token>/documents/<public_id>")
@limiter.limit("600 per hour")
@opened
def document(application: Application, public_id: str) -> ResponseReturnValue:
    """Hand a document back to the applicant."""
    found = _readable(application, public_id)
    return attachment(_read(found), name=found.name, mimetype=found.type)


@bp.get("/apply/<token>/documents/<public_id>/<any(square, wide):shape>-<any(whole, centre):crop>.png")
@limiter.limit("1200 per hour")
@opened
def logo(application: Application, public_id: str, shape: str, crop: str) -> ResponseReturnValue:
    """Show the logo in one of the forms in which pages show it."""
    found = _readable(application, public_id)
    if found.purpose != Purpose.LOGO:
        abort(HTTPStatus.NOT_FOUND)
    try:
        return image(picture(_read(found), FileType(found.type), shape=Shape(shape), crop=Crop(crop)))
    except Refused:
        abort(HTTPStatus.NOT_FOUND)


def _send(token: str) -> ResponseReturnValue:
    request.max_content_length = REQUEST_BYTES_MAX
    try:
        form = DocumentsForm()
        is_fine = form.validate()
    except RequestEntityTooLarge:
        return _too_large(token)
    received = receive(form) if is_fine else Received()
    try:
        return _keep(token, form, received, is_fine=is_fine)
    finally:
        db.session.rollback()  # what was not committed names nothing
        files.discard(db.session(), current_app.extensions["uploads"], received.names)


def _keep(token: str, form: DocumentsForm, received: Received, *, is_fine: bool) -> ResponseReturnValue:
    application = find_opened(token)
    if application is None:
        return step_of_other_browser(token, Step.DOCUMENTS, form, **_more(None))
    if not is_fine:
        return step_page(application, Step.DOCUMENTS, form, form.error_status, **_more(application))
    now, before = datetime.now(UTC), files.names_of(application)
    try:
        _add(application, form, received, now)
        if form.removed:
            files.remove(db.session(), application, form.removed, now=now, by=acting(application))
        services.save_step(
            db.session(), application, Step.DOCUMENTS, form.values(), seen=form.seen.data or "", locale=g.locale, now=now,
            by=acting(application),
        )  # fmt: skip
    except WrongStatus:
        return conflict_page(application, Step.DOCUMENTS, form, is_closed=True, **_more(application))
    except Conflict:
        db.session.commit()
        return conflict_page(application, Step.DOCUMENTS, form, is_closed=False, **_more(application))
    settle_unsaved(application, Step.DOCUMENTS, form)
    db.session.commit()
    files.discard(db.session(), current_app.extensions["uploads"], before)  # those that no row names any more
    if received.refused:
        form.seen.data = services.stamp(application, Step.DOCUMENTS)
        return step_page(application, Step.DOCUMENTS, form, HTTPStatus.UNPROCESSABLE_ENTITY, **_more(application))
    if form.removed:
        flash(_("The document was removed."), "success")
        return _go_on(url_for(".step", token=token, step=Step.DOCUMENTS))
    return _go_on(next_address(application, Step.DOCUMENTS, form))


def _add(application: Application, form: DocumentsForm, received: Received, now: datetime) -> None:
    """Add what was kept; what there is no room for is told and goes again."""
    for kept in received.kept:
        try:
            files.add(db.session(), application, kept, status_url=_status_url, now=now, by=acting(application))
        except Invalid:
            refuse(form, kept.purpose, _("There is room for ten documents. “%(name)s” was not kept.", name=kept.name))
            received.refused = True


def _go_on(address: str) -> ResponseReturnValue:
    """Lead to the next page; the script that shows the progress asks for its address instead."""
    wants_address = request.accept_mimetypes.best == "application/json"
    return jsonify(address=address) if wants_address else redirect(address, 303)


def _too_large(token: str) -> ResponseReturnValue:
    """Say that all files together were too much, on the page that they came from."""
    application = find_opened(token)
    if application is None:
        return step_of_other_browser(token, Step.DOCUMENTS, DocumentsForm(formdata=None), **_more(None))
    form = DocumentsForm(formdata=None, data=part(application.answers, Step.DOCUMENTS))
    form.seen.data = services.stamp(application, Step.DOCUMENTS)
    form.form_errors.append(
        _("What you sent is too large, so nothing was saved. A file may have 10 MB; please send large ones one by one.")
    )
    return step_page(application, Step.DOCUMENTS, form, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, **_more(application))


def _more(application: Application | None) -> dict[str, Any]:
    """Return what the page of this step shows beside the form."""
    listed = [one for one in application.documents if one.removed_at is None] if application else []
    return {
        "documents": listed,
        "has_room": sum(one.is_kept for one in listed) < DOCUMENTS_MAX,
        "logo": next((one for one in listed if one.purpose == Purpose.LOGO and one.may_be_read), None),
        "shapes": list(Shape),
        "purpose_labels": PURPOSE_LABELS,
        "document_states": DOCUMENT_STATE_LABELS,
    }


def _readable(application: Application, public_id: str) -> Document:
    found = files.find(application, public_id)
    if found is None or not found.may_be_read:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _read(found: Document) -> bytes:
    name = found.storage_name or ""
    try:
        data: bytes = current_app.extensions["uploads"].read(name)
    except PlaceFailed:
        current_app.logger.exception("document %s cannot be read", found.public_id)
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    return data


def _status_url(application: Application) -> str:
    return status_address(application, application.locale)
