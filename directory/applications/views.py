"""Pages of an application: start it, fill it in step by step, check and send it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from flask import current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.applications import rules, services, unsaved, views_access, views_status, views_unsaved
from directory.applications.answers import part, sections
from directory.applications.blueprint import bp, status_address
from directory.applications.buttons import EmptyForm, SubmitForm
from directory.applications.forms import STEP_FORMS, ContactForm, StepForm, first_values
from directory.applications.models import Application
from directory.applications.opening import find_opened, keep_typed, not_open, opened, remember
from directory.applications.states import EDITABLE, POINT_LABELS, State
from directory.applications.todo import progress, todos
from directory.applications.views_unsaved import kept_unsaved, unsaved_of
from directory.applications.vocab import STEP_LABELS, Step
from directory.config import Settings
from directory.db import db
from directory.errors import Conflict, Incomplete, Invalid, WrongStatus
from directory.i18n import gettext as _
from directory.i18n.locales import SOURCE
from directory.initiative.queries import get_initiative
from directory.web.forms import TickField, Typed
from directory.web.limits import limiter
from directory.web.templates import absolute

__all__ = ["bp", "views_access", "views_status", "views_unsaved"]  # the other pages of the blueprint come with this module


@bp.route("/apply/", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
def start() -> ResponseReturnValue:
    """Say what an application needs, and begin one."""
    form = EmptyForm()
    if form.validate_on_submit() and not form.email_again.data:
        application = services.start(db.session(), locale=g.locale, now=datetime.now(UTC))
        remember(application)
        db.session.commit()
        return redirect(url_for(".tasks", token=application.token), 303)
    status = form.error_status if form.errors else HTTPStatus.OK
    return render_template("applications/start.html", form=form, statement=get_initiative().statement), status


@bp.get("/apply/<token>/")
@opened
def tasks(application: Application) -> ResponseReturnValue:
    """List the steps, and which of them are done."""
    if application.state not in EDITABLE:
        return redirect(url_for(".status", token=application.token), 303)
    return render_template(
        "applications/tasks.html",
        application=application,
        **kept_unsaved(application),
        progress=progress(application.answers),
        labels=STEP_LABELS,
        accepted=rules.is_statement_accepted(application),
        form=EmptyForm(formdata=None),
    )


@bp.route("/apply/<token>/<any(organisation, seat, contact, offerings, statement):step>", methods=["GET", "POST"])
@limiter.limit("1200 per hour", methods=["POST"])
def step(token: str, step: str) -> ResponseReturnValue:
    """Show and save one step. What was typed is kept whatever happens, even in a browser whose session ended."""
    this, application = Step(step), find_opened(token)
    form = _form(application, this)
    if application is None:
        return _step_of_other_browser(token, this, form)
    if form.is_submitted():
        form.change_rows()
        if form.validate():
            return _save(application, this, form)
        return _step_page(application, this, form, form.error_status)
    if application.state not in EDITABLE:
        return redirect(url_for(".status", token=token), 303)
    kept = unsaved_of(application, this)
    if kept is not None:
        form = _form(application, this, kept.fields)
        return _conflict_page(application, this, form, HTTPStatus.OK, is_unsaved=True)
    form.seen.data = services.stamp(application, this)
    return _step_page(application, this, form)


@bp.route("/apply/<token>/check", methods=["GET", "POST"])
@opened
def check(application: Application) -> ResponseReturnValue:
    """Show all answers and what is missing, and send the application."""
    form = SubmitForm()
    if application.state not in EDITABLE:
        return redirect(url_for(".status", token=application.token), 303)
    if form.validate_on_submit():
        return _submit(application, form)
    return _check_page(application, form, form.error_status if form.errors else HTTPStatus.OK)


def _form(application: Application | None, step: Step, typed: Mapping[str, list[str]] | None = None) -> StepForm:
    """Make the form of a step, of what is stored, or of what was typed before."""
    values = first_values(step, part(application.answers, step)) if application else None
    form = STEP_FORMS[step](Typed(typed)) if typed else STEP_FORMS[step](data=values)
    if isinstance(form, ContactForm) and application is not None:
        form.country = part(application.answers, Step.SEAT).get("country")
    return form


def _save(application: Application, step: Step, form: StepForm) -> ResponseReturnValue:
    try:
        services.save_step(
            db.session(), application, step, form.values(), seen=form.seen.data or "", locale=g.locale, now=datetime.now(UTC)
        )
    except Invalid:
        form["sponsor_name"].errors = [
            _("No member is listed under this name. Copy the address of its page, or leave this empty.")
        ]
        return _step_page(application, step, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except (Conflict, WrongStatus) as error:
        return _conflict_page(application, step, form, HTTPStatus.CONFLICT, is_closed=isinstance(error, WrongStatus))
    kept = unsaved_of(application, step)
    if kept is not None:
        unsaved.forget(db.session(), kept)
    if step is Step.CONTACT:
        views_access.mail_proof(application)
    db.session.commit()
    return redirect(_next_address(application, step, form), 303)


def _next_address(application: Application, step: Step, form: StepForm) -> str:
    """Where to go after saving: the new row, the rows left, the next step, or this page again."""
    if form.added or form.removed:
        name = str(form.added or form.removed)
        last = len(part(application.answers, step).get(name) or ()) - 1
        return url_for(".step", token=application.token, step=step, _anchor=f"{name}-{last}" if form.added else name)
    flash(_("Saved."), "success")
    order = list(Step)
    if application.state == State.CHANGES_REQUESTED and form.action.data == "continue":
        return url_for(".status", token=application.token, _anchor="points")
    if form.action.data != "continue":
        return url_for(".step", token=application.token, step=step)
    if step is order[-1]:
        return url_for(".check", token=application.token)
    return url_for(".step", token=application.token, step=order[order.index(step) + 1])


def _step_page(
    application: Application | None, step: Step, form: StepForm, status: int = HTTPStatus.OK, **more: object
) -> ResponseReturnValue:
    answers = application.answers if application else {}
    missing = [todo for todo in todos(rules.missing_answers(answers)) if todo.step == step]
    page = render_template(
        f"applications/{step}.html",
        step=step,
        title=STEP_LABELS[step],
        number=list(Step).index(step) + 1,
        form=form,
        missing=missing if part(answers, step) else [],
        resend=EmptyForm(formdata=None),
        asked=[point for point in application.open_points if point.step == step] if application else [],
        point_labels=POINT_LABELS,
        **{"application": application, "token": application.token if application else "", **more},
    )
    return page, status


def _step_of_other_browser(token: str, step: Step, form: StepForm) -> ResponseReturnValue:
    """Keep what was typed where the session ended meanwhile; nothing that is stored is shown."""
    if not form.is_submitted():
        return not_open(token)
    form.validate()
    keep_typed(token, step, but={field.name for field in form if isinstance(field, TickField)})
    return _step_page(None, step, form, HTTPStatus.BAD_REQUEST, token=token)


def _conflict_page(application: Application, step: Step, form: StepForm, status: int, **why: bool) -> ResponseReturnValue:
    """Show what was typed beside what is stored; sending it once more saves it. why: is_closed or is_unsaved."""
    stored = sections({str(step): part(application.answers, step)}, g.locale)
    form.seen.data = services.stamp(application, step)
    return _step_page(application, step, form, status, stored=stored, **why)


def _submit(application: Application, form: SubmitForm) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["settings"]
    try:
        services.submit(
            db.session(),
            application,
            status_url=status_address(application, g.locale),
            desk_url=absolute(url_for("review.case", reference=application.reference, locale=SOURCE)),
            staff_mail=settings.staff_mail,
            seen_version=form.seen,
            locale=g.locale,
            now=datetime.now(UTC),
        )
    except Incomplete:
        return _check_page(application, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict:
        flash(_("Your answers were changed in another window meanwhile. Please read them again before you send them."), "warning")
        return _check_page(application, form, HTTPStatus.CONFLICT)
    db.session.commit()
    flash(_("Your application was sent."), "success")
    return redirect(url_for(".status", token=application.token), 303)


def _check_page(application: Application, form: SubmitForm, status: int) -> ResponseReturnValue:
    form.seen_version.data = str(application.version)
    page = render_template(
        "applications/check.html",
        application=application,
        sections=sections(application.answers, g.locale),
        missing=todos(rules.missing_for_submit(application)),
        refused=status == HTTPStatus.UNPROCESSABLE_ENTITY,
        form=form,
    )
    return page, status
