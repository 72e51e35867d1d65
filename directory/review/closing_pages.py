"""Closing a duplicate and reopening: pages that show the letter as it will go before anything is done."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.confirming import confirmed_where
from directory.accounts.guard import account, staff
from directory.applications import letters
from directory.applications.answers import organisation_name
from directory.applications.models import Application
from directory.db import db
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.review import closing, rules
from directory.review.actions import CASE
from directory.review.blueprint import bp, clock, roles_for, status_url
from directory.review.case import get_or_404, name_tag
from directory.review.moving import lock
from directory.review.previews import DuplicateForm, LetterForm, ReopenForm, Shown, effect, is_confirming, look, refuse
from directory.review.queries import Original, find_original
from directory.web.forms import one_line


@bp.route(f"{CASE}/mark_duplicate", methods=["GET", "POST"])
@staff(*roles_for("mark_duplicate"))
@confirmed_where(is_confirming)
def mark_duplicate(reference: str) -> ResponseReturnValue:
    """Close the application as a duplicate: write, look at the letter, confirm."""
    application, by = get_or_404(reference), account()
    form, shown = DuplicateForm(prefix="mark_duplicate"), None
    if request.method == "GET":
        form.of.data = one_line(request.args.get("of"))
    original = find_original(db.session(), form.of.data or "")
    of, message = original.of if original else "", form.message.data or ""
    if form.validate_on_submit():
        lock(db.session(), application, form.version)
        rules.require_move(application, "mark_duplicate", by)
        rules.require_no_interest(application, by)
        try:
            closing.require_original(db.session(), application, of)
            shown = look(form, letters.duplicate(application, message=message, status_url=status_url(application)))
            if shown.may_go:
                closing.mark_duplicate(
                    db.session(), application, by=by, of=of, message=message, status_url=status_url(application),
                    seen_version=form.version, now=clock(), amendment=shown.amendment,
                )  # fmt: skip
                return _done(reference, _("The application was closed as a duplicate, and the applicant is told by mail."))
        except Invalid as refusal:
            _refuse(form, refusal)
    return _page("mark_duplicate", application, form, shown, original)


@bp.route(f"{CASE}/reopen", methods=["GET", "POST"])
@staff(*roles_for("reopen"))
@confirmed_where(is_confirming)
def reopen(reference: str) -> ResponseReturnValue:
    """Take the application back into review: write, look at the letter, confirm."""
    application, by = get_or_404(reference), account()
    form, shown = ReopenForm(prefix="reopen"), None
    message = form.message.data or ""
    if form.validate_on_submit():
        lock(db.session(), application, form.version)
        rules.require_move(application, "reopen", by)
        rules.require_no_interest(application, by)
        shown = look(form, letters.reopened(application, message=message, status_url=status_url(application)))
        if shown.may_go:
            try:
                closing.reopen(
                    db.session(), application, by=by, reason=form.reason.data or "", message=message,
                    status_url=status_url(application), seen_version=form.version, now=clock(), amendment=shown.amendment,
                )  # fmt: skip
                return _done(reference, _("The application was reopened, and the applicant is told by mail."))
            except Invalid as refusal:
                refuse(form, refusal)
    return _page("reopen", application, form, shown)


def _done(reference: str, text: str) -> ResponseReturnValue:
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("review.case", reference=reference), code=303)


def _refuse(form: DuplicateForm, refusal: Invalid) -> None:
    if refusal.field == "of":
        db.session.rollback()
        form.of.errors = [_REFUSED[refusal.reason]]
    else:
        refuse(form, refusal)


_REFUSED = {
    "itself": _l("This is the application itself. Please name the other one."),
    "unknown": _l("There is no member with this address and no application with this reference. Please check the spelling."),
}


def _page(
    move: str, application: Application, form: LetterForm, shown: Shown | None, original: Original | None = None
) -> ResponseReturnValue:
    if request.method == "GET":
        form.seen_version.data = str(application.version)
    page = render_template(
        f"review/{move}.html",
        application=application,
        name=organisation_name(application.sent_answers),
        name_tag=name_tag(application),
        form=form,
        preview=shown,
        effect=_effect(application, move, original) if shown else [],
        possible=rules.possible_moves(application, account()),
    )
    return page, form.error_status if form.errors else 200


def _effect(application: Application, move: str, original: Original | None) -> list[str]:
    repeats = [_("It is closed as a repetition of %(name)s (%(of)s).", name=original.name, of=original.of)] if original else []
    return [*repeats, *effect(application, move)]
