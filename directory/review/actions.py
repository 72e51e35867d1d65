"""What a clerk does on the case page: a view for each form, one service call each."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from directory.accounts.confirming import confirmed
from directory.accounts.guard import account, staff
from directory.accounts.models import Role
from directory.db import db
from directory.i18n import gettext as _
from directory.review import closing, conversation, forms, interests, queries, rules, services
from directory.review.blueprint import WRITERS, bp, clock, roles_for
from directory.review.case import assignable, get_or_404, show_case
from directory.review.vocab import Recommendation, readable_notes

CASE = "/staff/applications/<reference>"


def _done(reference: str, text: str) -> ResponseReturnValue:
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("review.case", reference=reference), code=303)


@bp.post(f"{CASE}/take")
@staff(*roles_for("take"))
def take(reference: str) -> ResponseReturnValue:
    """Begin the review."""
    application = get_or_404(reference)
    form = forms.ActionForm(prefix="take")
    if form.validate_on_submit():
        services.take(db.session(), application, by=account(), seen_version=form.version, now=clock())
        return _done(reference, _("The application is yours to review."))
    return show_case(reference, form, name="take")


@bp.post(f"{CASE}/assign")
@staff(*WRITERS)
def assign(reference: str) -> ResponseReturnValue:
    """Give the application to somebody."""
    application, by = get_or_404(reference), account()
    colleagues, nobody = assignable(queries.get_colleagues(db.session()), by), rules.may_assign(by, None)
    form = forms.AssignForm(colleagues=colleagues, nobody=nobody, prefix="assign")
    if form.validate_on_submit():
        to = queries.get_account(db.session(), form.assignee.data) if form.assignee.data else None
        services.assign(db.session(), application, by=by, to=to, seen_version=form.version, now=clock())
        return _done(reference, _("The application was assigned.") if to else _("Nobody looks after the application now."))
    return show_case(reference, form, name="assign")


@bp.post(f"{CASE}/note")
@staff(*WRITERS)
def note(reference: str) -> ResponseReturnValue:
    """Write a note for colleagues."""
    application, by = get_or_404(reference), account()
    form = forms.NoteForm(readable=readable_notes(by.roles), prefix="note")
    if form.validate_on_submit():
        words, visibility = form.words.data or "", form.chosen
        conversation.note(db.session(), application, by=by, words=words, visibility=visibility, now=clock())
        return _done(reference, _("The note was kept."))
    return show_case(reference, form, name="note")


@bp.post(f"{CASE}/hold")
@staff(*roles_for("hold"))
def hold(reference: str) -> ResponseReturnValue:
    """Put the application on hold."""
    application = get_or_404(reference)
    form = forms.HoldForm(prefix="hold")
    if form.validate_on_submit():
        services.hold(
            db.session(), application, by=account(), until=form.until.day, reason=form.reason.data or "",
            seen_version=form.version, now=clock(),
        )  # fmt: skip
        return _done(reference, _("The application is on hold."))
    return show_case(reference, form, name="hold")


@bp.post(f"{CASE}/resume")
@staff(*roles_for("resume"))
def resume(reference: str) -> ResponseReturnValue:
    """Go on with the review."""
    application = get_or_404(reference)
    form = forms.ActionForm(prefix="resume")
    if form.validate_on_submit():
        services.resume(db.session(), application, by=account(), seen_version=form.version, now=clock())
        return _done(reference, _("The review goes on."))
    return show_case(reference, form, name="resume")


@bp.post(f"{CASE}/recommend")
@staff(*roles_for("recommend"))
def recommend(reference: str) -> ResponseReturnValue:
    """Recommend a decision."""
    application = get_or_404(reference)
    form = forms.RecommendForm(prefix="recommend")
    if form.validate_on_submit():
        choice = Recommendation(form.recommendation.data)
        services.recommend(
            db.session(), application, by=account(), recommendation=choice, checklist=form.checklist,
            words=form.words.data or "", seen_version=form.version, now=clock(),
        )  # fmt: skip
        return _done(reference, _("Your recommendation was kept. Somebody else decides."))
    return show_case(reference, form, name="recommend")


@bp.post(f"{CASE}/send_back")
@staff(*roles_for("send_back"))
def send_back(reference: str) -> ResponseReturnValue:
    """Return the application to review."""
    application = get_or_404(reference)
    form = forms.ReasonForm(prefix="send_back")
    if form.validate_on_submit():
        reason = form.reason.data or ""
        services.send_back(db.session(), application, by=account(), reason=reason, seen_version=form.version, now=clock())
        return _done(reference, _("The application is back in review."))
    return show_case(reference, form, name="send_back")


@bp.post(f"{CASE}/put_aside_as_spam")
@staff(*roles_for("put_aside_as_spam"))
@confirmed
def put_aside_as_spam(reference: str) -> ResponseReturnValue:
    """Put the application aside as spam."""
    application = get_or_404(reference)
    form = forms.ActionForm(prefix="put_aside_as_spam")
    if form.validate_on_submit():
        closing.put_aside_as_spam(db.session(), application, by=account(), seen_version=form.version, now=clock())
        return _done(reference, _("The application was put aside as spam. Nobody was written to."))
    return show_case(reference, form, name="put_aside_as_spam")


@bp.post(f"{CASE}/revive")
@staff(*roles_for("revive"))
def revive(reference: str) -> ResponseReturnValue:
    """Open a lapsed application again for the applicant's answer."""
    application = get_or_404(reference)
    form = forms.ActionForm(prefix="revive")
    if form.validate_on_submit():
        services.revive(db.session(), application, by=account(), seen_version=form.version, now=clock())
        return _done(reference, _("The application is open again for the applicant’s answer. Nobody was written to."))
    return show_case(reference, form, name="revive")


@bp.post(f"{CASE}/interest")
@staff(*WRITERS)
def declare_interest(reference: str) -> ResponseReturnValue:
    """Say that something binds oneself to the organisation."""
    application = get_or_404(reference)
    form = forms.InterestForm(prefix="declare_interest")
    if form.validate_on_submit():
        words = form.words.data or ""
        interests.declare_interest(db.session(), application, by=account(), words=words, seen_version=form.version, now=clock())
        return _done(reference, _("It is on record. Your colleagues go on with this application."))
    return show_case(reference, form, name="declare_interest")


@bp.post(f"{CASE}/interest/<public_id>/lift")
@staff(Role.COORDINATOR)
def lift_interest(reference: str, public_id: str) -> ResponseReturnValue:
    """Let what bound a colleague to the organisation count no longer."""
    application = get_or_404(reference)
    form = forms.ReasonForm(prefix=f"lift-{public_id}")
    if form.validate_on_submit():
        of = queries.get_account(db.session(), public_id)
        if of is None:
            abort(NotFound.code)
        interests.lift_interest(
            db.session(), application, of=of, by=account(), reason=form.reason.data or "", seen_version=form.version, now=clock()
        )
        return _done(reference, _("Nothing keeps your colleague from this application any more."))
    return show_case(reference, form, name=f"lift-{public_id}")
