"""The desk's pages that bring members in from a file: look first, then confirm."""

import json
from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from directory.accounts.confirming import confirmed
from directory.accounts.guard import account, actor, staff
from directory.db import db
from directory.errors import Conflict, Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_pgettext as _lp
from directory.i18n import pgettext
from directory.members import incoming
from directory.members.desk_base import CHANGERS, bp, clock
from directory.members.desk_import_forms import REFUSED, WHOLE, BringInForm, FileForm
from directory.members.flaw_texts import fault_text
from directory.members.importing import OutcomeKind
from directory.members.incoming import BYTES_MAX, LINES_MAX, MemberUpload
from directory.web.forms import BaseForm, one_line

REQUEST_BYTES_MAX = BYTES_MAX + 64 * 1024
SHOWN_MAX = 600
"""characters of an old or new value in the preview"""
OUTCOME_LABELS = {
    OutcomeKind.NEW: _lp("line of a file", "New member"),
    OutcomeKind.CHANGED: _lp("line of a file", "Changed"),
    OutcomeKind.SAME: _lp("line of a file", "Same as here"),
}


@bp.route("/staff/members/import", methods=["GET", "POST"])
@staff(*CHANGERS)
def import_file() -> ResponseReturnValue:
    """Take a file of members, to be looked at."""
    if request.method == "GET":
        return _file_page(FileForm())
    request.max_content_length = REQUEST_BYTES_MAX
    try:
        form = FileForm()
        is_fine = form.validate()
        sent = request.files.get("file")
    except RequestEntityTooLarge:  # no form of this request can be read any more, not even the one that signs out
        flash(str(REFUSED["large"]), "error")
        return redirect(url_for("members_desk.import_file"), code=303)
    if not is_fine:
        return _file_page(form)
    if sent is None or not sent.filename:
        form.file.errors = [_("Please choose a file.")]
        return _file_page(form)
    name = one_line(sent.filename) or pgettext("name of a file", "file")
    try:
        upload = incoming.keep(
            db.session(), account().id, name=name, content=sent.stream.read(BYTES_MAX + 1), by=actor(), now=clock()
        )
    except Invalid as error:
        db.session.rollback()
        form.file.errors = [REFUSED[error.reason]]
        return _file_page(form)
    db.session.commit()
    return redirect(url_for("members_desk.preview", upload_id=upload.public_id), code=303)


@bp.get("/staff/members/import/<upload_id>")
@staff(*CHANGERS)
def preview(upload_id: str) -> ResponseReturnValue:
    """Show what each line of the file would come to."""
    return _preview_page(_upload_or_404(upload_id), BringInForm())


@bp.post("/staff/members/import/<upload_id>/bring-in")
@staff(*CHANGERS)
@confirmed
def bring_in(upload_id: str) -> ResponseReturnValue:
    """Bring in what the preview showed."""
    upload, form = _upload_or_404(upload_id), BringInForm()
    if not form.validate_on_submit():
        return _preview_page(upload, form)
    try:
        step = incoming.bring_in(
            db.session(), upload, is_whole=form.mode.data == WHOLE, seen=form.seen.data or "", by=actor(), now=clock()
        )
    except Invalid as error:
        db.session.rollback()
        form.form_errors.append(REFUSED[error.reason])
        return _preview_page(_upload_or_404(upload_id), form)
    except Conflict:
        db.session.rollback()
        form.form_errors.append(REFUSED["late"])
        return _preview_page(_upload_or_404(upload_id), form, HTTPStatus.CONFLICT)
    db.session.commit()
    flash(
        _(
            "The file is brought in: %(added)s new, %(changed)s changed, %(same)s as before, %(refused)s left out.",
            added=step.added, changed=step.changed, same=step.unchanged, refused=len(step.faults),
        ),
        "success",
    )  # fmt: skip
    return redirect(url_for("members_desk.list_members"), code=303)


@bp.post("/staff/members/import/<upload_id>/drop")
@staff(*CHANGERS)
def drop(upload_id: str) -> ResponseReturnValue:
    """Let go of the file."""
    upload, form = _upload_or_404(upload_id), BaseForm()
    if not form.validate_on_submit():
        return _preview_page(upload, BringInForm(formdata=None), form.error_status)
    incoming.drop(db.session(), upload, by=actor(), now=clock())
    db.session.commit()
    flash(_("The file is deleted. Nothing was changed."), "success")
    return redirect(url_for("members_desk.import_file"), code=303)


def _upload_or_404(upload_id: str) -> MemberUpload:
    upload = incoming.find(db.session(), upload_id, account_id=account().id, now=clock())
    if upload is None:
        abort(NotFound.code)
    return upload


def _file_page(form: FileForm) -> tuple[str, int]:
    page = render_template("members_desk/import.html", form=form, lines=LINES_MAX)
    return page, form.error_status if form.errors else HTTPStatus.OK


def _preview_page(upload: MemberUpload, form: BringInForm, status: int | None = None) -> tuple[str, int]:
    """Show what the file comes to now; what the clerk confirms is what this page shows."""
    found = incoming.look(db.session(), upload, now=clock())
    form.seen.data = found.digest
    page = render_template(
        "members_desk/import_preview.html",
        upload=upload,
        step=found.step,
        form=form,
        outcomes=OUTCOME_LABELS,
        written=_written,
        fault_text=fault_text,
    )
    return page, status or (form.error_status if form.errors else HTTPStatus.OK)


def _written(value: Any) -> str:
    """Write a value of the interchange format for people to compare; a dash where there is none."""
    if value in (None, "", [], {}):
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]} …"
