"""The status page of an application, and what the applicant can do from there."""

from datetime import UTC, datetime
from http import HTTPStatus

import orjson
from flask import Response, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.applications import consenting, files, queries, retention, rules, services
from directory.applications.answers import sections
from directory.applications.blueprint import bp, status_address
from directory.applications.buttons import AnswersForm, AppealForm, EmptyForm, MessageForm, answers_form
from directory.applications.export import export as collect
from directory.applications.models import SECRET_LETTERS, Application
from directory.applications.opening import acting, acting_number, keep_typed, opened, remember
from directory.applications.states import OPEN, POINT_LABELS, PUBLIC_LABELS, REJECTION_LABELS, WITH_STAFF, RejectionCode, State
from directory.applications.talk import shown_conversation
from directory.applications.todo import todos
from directory.applications.views_unsaved import kept_unsaved
from directory.applications.vocab import CONSENT_LABELS, DOCUMENT_STATE_LABELS, MOVE_WORDS, PURPOSE_LABELS, STEP_LABELS
from directory.config import Settings
from directory.db import db
from directory.errors import Conflict, Incomplete
from directory.i18n import gettext as _
from directory.i18n.locales import SOURCE
from directory.web.limits import limiter
from directory.web.templates import absolute

_SAID = frozenset(RejectionCode) - {RejectionCode.SPAM, RejectionCode.OTHER}
"""codes that say a reason by themselves"""


@bp.get("/apply/<token>/status")
@opened
def status(application: Application) -> ResponseReturnValue:
    """Say where the application stands, what happens next, and what the applicant can do."""
    return status_page(application, answers_form(application.open_points, seen_version=str(application.version)))


@bp.post("/apply/<token>/answers")
@limiter.limit("120 per hour")
@opened
def answer(application: Application) -> ResponseReturnValue:
    """Keep the answers to staff's points, and send the application again where that was asked for."""
    if application.state != State.CHANGES_REQUESTED:
        typed = answers_form(application.points).answers
        if any(typed[point.id] not in {"", point.answer} for point in application.points):
            keep_typed(application.token, "answers")
        flash(_("This application is with us already; there is nothing to answer now."), "info")
        return redirect(url_for(".status", token=application.token), 303)
    form = answers_form(application.open_points)
    if not form.validate_on_submit():
        return status_page(application, form, form.error_status)
    is_unchanged = form.version == application.version
    seen = form.seen_answers.data or ""
    try:
        services.answer_points(db.session(), application, form.answers, seen=seen, by=acting(application), now=datetime.now(UTC))
    except Conflict:
        keep_typed(application.token, "answers")
        flash(
            _("Your answers were changed in another window meanwhile. What you typed here was not saved; it is kept below."),
            "warning",
        )
        return redirect(url_for(".status", token=application.token), 303)
    if form.action.data == "send":
        return _send_again(application, form, is_unchanged=is_unchanged)
    db.session.commit()
    flash(_("Saved. Your answers reach us when you send the application again."), "success")
    return redirect(url_for(".status", token=application.token), 303)


@bp.route("/apply/<token>/withdraw", methods=["GET", "POST"])
@opened
def withdraw(application: Application) -> ResponseReturnValue:
    """Ask whether the applicant means it, then take the application back."""
    form = EmptyForm()
    if application.state not in OPEN:
        flash(_("This application is closed already."), "info")
        return redirect(url_for(".status", token=application.token), 303)
    if not form.validate_on_submit():
        code = form.error_status if form.errors else HTTPStatus.OK
        return render_template("applications/withdraw.html", application=application, form=form), code
    address = status_address(application, application.locale)
    services.withdraw(db.session(), application, status_url=address, by=acting(application), now=datetime.now(UTC))
    db.session.commit()
    flash(_("Your application was withdrawn."), "success")
    return redirect(url_for(".status", token=application.token), 303)


@bp.post("/apply/<token>/revive")
@limiter.limit("30 per hour")
@opened
def revive(application: Application) -> ResponseReturnValue:
    """Open an application again that was closed because our questions were not answered."""
    if not EmptyForm().validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    services.revive(db.session(), application, by=acting(application), now=datetime.now(UTC))
    db.session.commit()
    flash(_("The application is open again. Please answer our points below."), "success")
    return redirect(url_for(".status", token=application.token, _anchor="points"), 303)


@bp.route("/apply/<token>/appeal", methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
@opened
def appeal(application: Application) -> ResponseReturnValue:
    """Take what the applicant writes against a decision, and send the application back into review."""
    now = datetime.now(UTC)
    if not rules.may_appeal(application, now=now):
        if request.method == "POST" and AppealForm().words.data != application.appeal:
            keep_typed(application.token, "appeal")
        flash(_("There is no decision that could be looked at again now."), "info")
        return redirect(url_for(".status", token=application.token), 303)
    form = AppealForm()
    if not form.validate_on_submit():
        code = form.error_status if form.errors else HTTPStatus.OK
        return render_template("applications/appeal.html", application=application, form=form), code
    settings: Settings = current_app.extensions["settings"]
    desk_url = absolute(url_for("review.case", reference=application.reference, locale=SOURCE))
    services.appeal(
        db.session(),
        application,
        words=form.words.data or "",
        desk_url=desk_url,
        staff_mail=settings.staff_mail,
        by=acting(application),
        now=now,
    )
    db.session.commit()
    flash(_("Thank you. We look at the decision again and write to you."), "success")
    return redirect(url_for(".status", token=application.token), 303)


@bp.get("/apply/<token>/export")
@limiter.limit("60 per hour")
@opened
def export(application: Application) -> ResponseReturnValue:
    """Hand out everything that is kept of the application, as a JSON file."""
    kept = orjson.dumps(collect(db.session(), application, secret=SECRET_LETTERS), option=orjson.OPT_INDENT_2)
    answer = Response(kept, mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename={application.reference}.json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/apply/<token>/erase", methods=["GET", "POST"])
@opened
def erase(application: Application) -> ResponseReturnValue:
    """Ask whether the applicant means it, then erase what they entered."""
    form = EmptyForm()
    if not retention.may_erase(application):
        flash(
            _("We are still working on this application, or an entry rests on it. Please withdraw it first, or write to us."),
            "info",
        )
        return redirect(url_for(".status", token=application.token), 303)
    if not form.validate_on_submit():
        code = form.error_status if form.errors else HTTPStatus.OK
        return render_template("applications/erase.html", application=application, form=form), code
    names = files.names_of(application)
    retention.erase(db.session(), application, by=acting(application), now=datetime.now(UTC))
    db.session.commit()
    files.discard(db.session(), current_app.extensions["uploads"], names)
    flash(_("What you entered was deleted."), "success")
    return redirect(url_for(".start"), 303)


@bp.post("/apply/<token>/again")
@limiter.limit("30 per hour")
@opened
def start_again(application: Application) -> ResponseReturnValue:
    """Begin a new application with the answers of a closed one."""
    if not EmptyForm().validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    now = datetime.now(UTC)
    fresh = services.start_again(db.session(), application, locale=g.locale, number=acting_number(), now=now)
    files.carry(db.session(), application, fresh, now=now)
    remember(fresh, acting_number())
    db.session.commit()
    flash(_("This is a new application with your earlier answers. Please check them, and accept the statement again."), "success")
    return redirect(url_for(".tasks", token=fresh.token), 303)


def _send_again(application: Application, form: AnswersForm, *, is_unchanged: bool) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["settings"]
    db.session.flush()
    try:
        services.submit(
            db.session(),
            application,
            status_url=status_address(application, g.locale),
            desk_url=absolute(url_for("review.case", reference=application.reference, locale=SOURCE)),
            staff_mail=settings.staff_mail,
            locale=g.locale,
            seen_version=application.version if is_unchanged else -1,
            by=acting(application),
            now=datetime.now(UTC),
        )
    except (Incomplete, Conflict) as error:
        db.session.commit()
        if isinstance(error, Conflict):
            flash(
                _("Your answers are saved, but something was changed in another window. Please look again, then send."), "warning"
            )
            return status_page(application, form, HTTPStatus.CONFLICT)
        form.refuse_empty()
        return status_page(application, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    db.session.commit()
    flash(_("Your application was sent again."), "success")
    return redirect(url_for(".status", token=application.token), 303)


def status_page(
    application: Application, form: AnswersForm, code: int = HTTPStatus.OK, message: MessageForm | None = None
) -> ResponseReturnValue:
    """Render the page. form: of the open points; message: one that is not right yet, to be shown again."""
    form.seen_version.data = str(application.version)
    form.seen_answers.data = services.stamp_of_points(application)
    asked = application.state == State.CHANGES_REQUESTED
    is_spam = application.rejection_code == RejectionCode.SPAM
    page = render_template(
        "applications/status.html",
        application=application,
        **kept_unsaved(application),
        **shown_conversation(application, message),
        label=PUBLIC_LABELS[application.state],
        moves=[(made.at, MOVE_WORDS[made.name]) for made in application.moves],
        promised_by=rules.promised_by(application) if application.submitted_at and application.state in WITH_STAFF else None,
        points=[(point, form[f"point-{point.id}"]) for point in application.open_points] if asked else [],
        point_labels=POINT_LABELS,
        step_labels=STEP_LABELS,
        missing=[todo for todo in todos(rules.missing_for_submit(application)) if todo.step != "status"] if asked else [],
        refused=code == HTTPStatus.UNPROCESSABLE_ENTITY,
        reason=REJECTION_LABELS[application.rejection_code] if application.rejection_code in _SAID else None,
        says_why=not is_spam,
        is_open=application.state in OPEN,
        can_consent=application.state in consenting.CHANGEABLE,
        lacking=[CONSENT_LABELS[kind] for kind in rules.consents_lacking(application)] if application.submitted_at else [],
        can_start_again=application.state in services.CAN_START_AGAIN and application.reduced_at is None,
        can_erase=retention.may_erase(application),
        can_appeal=rules.may_appeal(application, now=datetime.now(UTC)),
        appeal_until=rules.appeal_until(application),
        usual_days=queries.usual_days(db.session()) if application.state in WITH_STAFF else None,
        sections=sections(application.answers, g.locale),
        documents=[one for one in application.documents if one.removed_at is None],
        purpose_labels=PURPOSE_LABELS,
        document_states=DOCUMENT_STATE_LABELS,
        form=form,
        button_form=EmptyForm(formdata=None),
    )
    return page, code
