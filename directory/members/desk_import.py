"""The desk's pages that bring members in from a file: look first, then confirm."""

from http import HTTPStatus

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from directory.accounts.confirming import confirmed
from directory.accounts.guard import account, actor, staff
from directory.db import db
from directory.errors import Conflict, Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_pgettext as _lp
from directory.i18n import pgettext
from directory.members import incoming
from directory.members.columns import heading_of
from directory.members.desk_base import CHANGERS, bp, clock, labels
from directory.members.desk_import_forms import REFUSED, WHOLE, BringInForm, FileForm
from directory.members.flaw_texts import fault_text
from directory.members.flaws import Flawed
from directory.members.importing import Fault, Outcome, OutcomeKind, Step
from directory.members.incoming import BYTES_MAX, LINES_MAX, MemberUpload
from directory.members.record_parts import Difference, differences_between, field_text
from directory.web.forms import BaseForm, one_line

REQUEST_BYTES_MAX = BYTES_MAX + 64 * 1024
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
        form.file.errors = [fault_text(error) if isinstance(error, Flawed) else REFUSED[error.reason]]
        return _file_page(form)
    db.session.commit()
    return redirect(url_for("members_desk.preview", upload_id=upload.public_id), code=303)


@bp.get("/staff/members/import/<upload_id>")
@staff(*CHANGERS)
def preview(upload_id: str) -> ResponseReturnValue:
    """Show what each line of the file would come to."""
    upload = _find(upload_id)
    return _preview_page(upload, BringInForm()) if upload else _gone_page()


@bp.post("/staff/members/import/<upload_id>/bring-in")
@staff(*CHANGERS)
@confirmed
def bring_in(upload_id: str) -> ResponseReturnValue:
    """Bring in what the preview showed."""
    upload, form = _find(upload_id), BringInForm()
    if upload is None:
        return _gone_page()
    if not form.validate_on_submit():
        return _preview_page(upload, form)
    try:
        step = _bring_in(upload, form)
    except Invalid as error:
        if error.reason == "alike":
            form.is_compared.errors = [REFUSED["alike"]]
        else:
            form.form_errors.append(REFUSED[error.reason])
        return _again(upload_id, form)
    except Conflict:
        form.form_errors.append(REFUSED["late"])
        return _again(upload_id, form, HTTPStatus.CONFLICT)
    db.session.commit()
    flash(
        _(
            "The file is brought in: %(added)s new, %(changed)s changed, %(same)s as before, %(refused)s left out.",
            added=step.added, changed=step.changed, same=step.unchanged, refused=len(step.faults) + step.left_out,
        ),
        "success",
    )  # fmt: skip
    return redirect(url_for("members_desk.list_members"), code=303)


@bp.post("/staff/members/import/<upload_id>/drop")
@staff(*CHANGERS)
def drop(upload_id: str) -> ResponseReturnValue:
    """Let go of the file."""
    upload, form = _find(upload_id), BaseForm()
    if upload is None:
        return _gone_page()
    if not form.validate_on_submit():
        return _preview_page(upload, BringInForm(formdata=None), form.error_status)
    incoming.drop(db.session(), upload, by=actor(), now=clock())
    db.session.commit()
    flash(_("The file is deleted. Nothing was changed."), "success")
    return redirect(url_for("members_desk.import_file"), code=303)


def _again(upload_id: str, form: BringInForm, status: int | None = None) -> ResponseReturnValue:
    """Undo what was begun and show the file as it is now; who pressed twice has brought it in already."""
    db.session.rollback()
    upload = _find(upload_id)
    return _preview_page(upload, form, status) if upload else _gone_page()


def _find(upload_id: str) -> MemberUpload | None:
    return incoming.find(db.session(), upload_id, account_id=account().id, now=clock())


def _bring_in(upload: MemberUpload, form: BringInForm) -> Step:
    lines = {line.number for line in upload.lines} if form.is_compared.data else set()
    return incoming.bring_in(
        db.session(), upload, is_whole=form.mode.data == WHOLE, seen=form.seen.data or "", without=form.left_out,
        compared=lines, by=actor(), now=clock(),
    )  # fmt: skip


def _gone_page() -> tuple[str, int]:
    """Say that there is no such file any more, and which one took its place if one did."""
    newer = incoming.held(db.session(), account_id=account().id, now=clock())
    return render_template("members_desk/import_gone.html", newer=newer), HTTPStatus.NOT_FOUND


def _file_page(form: FileForm) -> tuple[str, int]:
    page = render_template("members_desk/import.html", form=form, lines=LINES_MAX)
    return page, form.error_status if form.errors else HTTPStatus.OK


def _preview_page(upload: MemberUpload, form: BringInForm, status: int | None = None) -> tuple[str, int]:
    """Show what the file comes to now; what the clerk confirms is what this page shows."""
    found = incoming.look(db.session(), upload, now=clock())
    form.seen.data = found.digest
    form.offer(found.twins)
    page = render_template(
        "members_desk/import_preview.html",
        upload=upload,
        step=found.step,
        twins=found.twins,
        names={outcome.line: outcome.name for outcome in found.step.outcomes},
        form=form,
        labels=labels(),
        outcomes=OUTCOME_LABELS,
        changed=_changed,
        fault_text=fault_text,
        place_text=_place_text,
    )
    return page, status or (form.error_status if form.errors else HTTPStatus.OK)


def _changed(outcome: Outcome) -> list[Difference]:
    """Say word by word what a line changes."""
    old, new = ({key: values[side] for key, values in outcome.changes.items()} for side in (0, 1))
    return differences_between(old, new, g.locale)


def _place_text(fault: Fault) -> str:
    """Name in words what in a line is wrong: a column or a key of the format."""
    heading = heading_of(fault.field)
    return heading.words(g.locale) if heading else field_text(fault.field, g.locale)
