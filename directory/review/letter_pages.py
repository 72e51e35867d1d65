"""Texts of letters, which administrators edit and auditors read: list, edit with preview and test letter, history, return."""

from datetime import timedelta
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from directory.accounts.confirming import confirmed
from directory.accounts.guard import account, staff
from directory.accounts.models import Role
from directory.applications import letter_texts, people
from directory.applications.letter_kinds import KIND_LABELS, PLACEHOLDER_LABELS, SENT_WHEN, SHAPES, LetterKind
from directory.db import db
from directory.errors import Conflict, Invalid
from directory.i18n import gettext as _
from directory.mail import Letter, texts
from directory.review import letter_editing
from directory.review.blueprint import bp, clock
from directory.review.forms import ActionForm
from directory.review.letter_forms import LetterTextForm
from directory.review.letter_history import editors, history
from directory.web.locale import offered
from directory.web.templates import absolute

TEXT = "/staff/letters/<kind>/<tag>"
SAMPLE = "sample"
"""stands for a token or a slug in the addresses of a preview, and opens nothing"""
SAMPLE_WAIT = timedelta(days=7)


@bp.get("/staff/letters/")
@staff(Role.AUDITOR, Role.ADMINISTRATOR)
def list_texts() -> ResponseReturnValue:
    """List the letters whose texts may be edited, in each language."""
    newest = texts.list_newest(db.session())
    return render_template(
        "review/letters.html",
        kinds=list(LetterKind),
        labels=KIND_LABELS,
        sent_when=SENT_WHEN,
        copied=_copied(),
        tags=offered(),
        newest=newest,
        names=editors(db.session(), newest.values()),
        may_edit=_may_edit(),
    )


@bp.get(TEXT)
@staff(Role.AUDITOR, Role.ADMINISTRATOR)
def edit_text(kind: str, tag: str) -> ResponseReturnValue:
    """Show the text of a letter with its history; to whoever may edit it, in a form."""
    which = _known(kind, tag)
    form = LetterTextForm(which, prefix="text")
    _put_in(form, which, tag)
    return _page(form, which, tag)


@bp.post(TEXT)
@staff(Role.ADMINISTRATOR)
def try_text(kind: str, tag: str) -> ResponseReturnValue:
    """Show what was typed as the letter that it becomes, on the page or in the own mailbox."""
    which = _known(kind, tag)
    form = LetterTextForm(which, prefix="text")
    if not form.validate_on_submit():
        return _page(form, which, tag)
    letter = _sample_letter(form, which, tag)
    if request.form.get("do") == "test":
        letter_editing.send_test(db.session(), which, letter, by=account(), now=clock())
        db.session.commit()
        flash(_("A test letter is on its way to %(email)s.", email=account().email), "success")
    return _page(form, which, tag, letter)


@bp.post(f"{TEXT}/save")
@staff(Role.ADMINISTRATOR)
@confirmed
def save_text(kind: str, tag: str) -> ResponseReturnValue:
    """Let the letter be written from what was typed."""
    which = _known(kind, tag)
    form = LetterTextForm(which, prefix="text")
    if form.validate_on_submit():
        subject, body, seen = form.subject.data or "", form.body.data or "", form.version
        try:
            letter_editing.save(
                db.session(), which, tag, by=account(), subject=subject, body=body, seen_version=seen, now=clock()
            )
        except Invalid as refusal:
            _refuse(form, refusal)
        except Conflict:
            return _too_late(form, which, tag)
        else:
            return _done(which, tag, _("The text is saved. Letters are written from it from now on."))
    return _page(form, which, tag)


@bp.post(f"{TEXT}/built-in")
@staff(Role.ADMINISTRATOR)
@confirmed
def return_text(kind: str, tag: str) -> ResponseReturnValue:
    """Return to the built-in text."""
    which = _known(kind, tag)
    button, form = ActionForm(prefix="back"), LetterTextForm(which, prefix="text", formdata=None)
    if not button.validate_on_submit():
        abort(button.error_status)
    try:
        letter_editing.return_to_built_in(db.session(), which, tag, by=account(), seen_version=button.version, now=clock())
    except Invalid as refusal:
        _put_in(form, which, tag)
        _refuse(form, refusal)
        return _page(form, which, tag)
    except Conflict:
        _put_in(form, which, tag)
        return _too_late(form, which, tag)
    return _done(which, tag, _("The built-in text counts again."))


def _may_edit() -> bool:
    return Role.ADMINISTRATOR in account().roles


def _known(kind: str, tag: str) -> LetterKind:
    """Return the kind of this address, or answer 404."""
    if kind not in set(LetterKind) or tag not in offered():
        abort(NotFound.code)
    return LetterKind(kind)


def _put_in(form: LetterTextForm, kind: LetterKind, tag: str) -> None:
    """Fill the form with the present text, or with that of an earlier version that the address names."""
    text, newest = letter_texts.current(db.session(), kind, tag), texts.get_newest(db.session(), kind, tag)
    named = texts.get_version(db.session(), kind, tag, request.args.get("version", ""))
    form.subject.data, form.body.data = text.subject, text.body
    if named and named.subject and named.body:
        form.subject.data, form.body.data = named.subject, named.body
    form.seen_version.data = str(newest.version if newest else 0)


def _sample_letter(form: LetterTextForm, kind: LetterKind, tag: str) -> Letter:
    """Write the letter from what was typed, with values of an invented case."""
    values = letter_texts.sample(
        kind,
        tag,
        status_url=absolute(url_for("applications.status", locale=tag, token=SAMPLE)),
        profile_url=absolute(url_for("members.profile", locale=tag, slug=SAMPLE)),
        day=(clock() + SAMPLE_WAIT).date(),
    )
    return letter_texts.fill(Letter(SHAPES[kind].file, tag, form.subject.data or "", form.body.data or ""), values)


def _refuse(form: LetterTextForm, refusal: Invalid) -> None:
    """Say beside the field why a text cannot count."""
    db.session.rollback()
    if refusal.field != "subject":
        raise refusal
    other = KIND_LABELS[LetterKind(refusal.reason)]
    form.subject.errors = [
        _("Another letter has this subject in this language: %(letter)s. Please choose another.", letter=other)
    ]


def _too_late(form: LetterTextForm, kind: LetterKind, tag: str) -> ResponseReturnValue:
    """Keep what was typed and say who edited the text meanwhile; saving it again then replaces theirs."""
    db.session.rollback()
    newest = texts.get_newest(db.session(), kind, tag)
    form.seen_version.data = str(newest.version if newest else 0)
    page, _status = _page(form, kind, tag, is_late=True)
    return page, HTTPStatus.CONFLICT


def _done(kind: LetterKind, tag: str, text: str) -> ResponseReturnValue:
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("review.edit_text", kind=kind, tag=tag), code=303)


def _copied() -> set[LetterKind]:
    """Return the letters of which colleagues of the applicant may get a copy."""
    return {kind for kind, shape in SHAPES.items() if shape.file in people.COPIED}


def _page(
    form: LetterTextForm, kind: LetterKind, tag: str, letter: Letter | None = None, *, is_late: bool = False
) -> tuple[str, int]:
    page = render_template(
        "review/letter.html",
        form=form,
        back=ActionForm(prefix="back", formdata=None, data={"seen_version": form.seen_version.data}),
        kind=kind,
        tag=tag,
        label=KIND_LABELS[kind],
        sent_when=SENT_WHEN[kind],
        is_copied=kind in _copied(),
        shape=SHAPES[kind],
        placeholders=PLACEHOLDER_LABELS,
        letter=letter,
        versions=history(db.session(), kind, tag),
        is_late=is_late,
        may_edit=_may_edit(),
    )
    return page, form.error_status if form.errors else 200
