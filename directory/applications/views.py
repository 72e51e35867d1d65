"""Pages of an application: start it, fill it in step by step, check and send it."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Response, current_app, flash, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from directory.applications import (
    rules,
    services,
    views_access,
    views_consents,
    views_conversation,
    views_documents,
    views_people,
    views_status,
    views_twins,
    views_unsaved,
)
from directory.applications.answers import Section, sections
from directory.applications.blueprint import bp, consents_address, status_address
from directory.applications.buttons import EmptyForm, StartForm, SubmitForm
from directory.applications.forms import StepForm
from directory.applications.models import Application
from directory.applications.opening import acting, find_opened, opened, remember, token_of
from directory.applications.states import EDITABLE
from directory.applications.step_pages import conflict_page, make_form, next_address, step_of_other_browser, step_page
from directory.applications.todo import TASK_LABELS, TASK_TONES, todos
from directory.applications.todo import tasks as tasks_of
from directory.applications.views_unsaved import kept_unsaved, settle_unsaved, unsaved_of
from directory.applications.vocab import STEP_LABELS, Step
from directory.config import Settings
from directory.db import db
from directory.errors import Conflict, Incomplete, Invalid, WrongStatus
from directory.i18n import gettext as _
from directory.i18n.locales import SOURCE
from directory.initiative.queries import get_initiative, times
from directory.web.limits import limiter, network
from directory.web.templates import absolute
from directory.web.timing import SENDS_MOST, has_no_mark, opened_mark

STEPS = ", ".join(Step)
__all__ = [
    "bp", "views_access", "views_consents", "views_conversation", "views_documents", "views_people", "views_status",
    "views_twins", "views_unsaved",
]  # fmt: skip
"""the other pages of the blueprint come with this module"""


def _was_sent(response: Response) -> bool:
    return response.status_code == HTTPStatus.SEE_OTHER


def _used_up(_limit: RequestLimit) -> Response:
    """Hand the form out anew: this one was sent often enough."""
    form = StartForm()
    form.ask_again()
    return make_response(_start_page(form), form.error_status)


@bp.route("/apply/", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
@limiter.limit("240 per hour", methods=["POST"], key_func=network)
@limiter.limit(
    SENDS_MOST, methods=["POST"], key_func=opened_mark, exempt_when=has_no_mark, deduct_when=_was_sent, on_breach=_used_up
)
def start() -> ResponseReturnValue:
    """Say what an application needs, and begin one."""
    form = StartForm()
    if form.validate_on_submit() and not form.email_again.data:
        token = token_of(form.opened.data or "")
        application = services.start_once(db.session(), token=token, locale=g.locale, now=datetime.now(UTC))
        remember(application)
        db.session.commit()
        return redirect(url_for(".tasks", token=application.token), 303)
    return _start_page(form), form.error_status if form.errors else HTTPStatus.OK


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
        twins=views_twins.asked_about(application),
        page_of_twins="tasks",
        tasks=tasks_of(application),
        task_labels=TASK_LABELS,
        tones=TASK_TONES,
        labels=STEP_LABELS,
        form=EmptyForm(formdata=None),
    )


@bp.route(f"/apply/<token>/<any({STEPS}):step>", methods=["GET", "POST"])
@limiter.limit("1200 per hour", methods=["POST"])
def step(token: str, step: str) -> ResponseReturnValue:
    """Show and save one step. What was typed is kept whatever happens, even in a browser whose session ended.

    The step of documents has a view of its own at the same address, which comes before this one.
    """
    this, application = Step(step), find_opened(token)
    form = make_form(application, this)
    if application is None:
        return step_of_other_browser(token, this, form)
    if form.is_submitted():
        form.change_rows()
        if form.validate():
            return _save(application, this, form)
        return step_page(application, this, form, form.error_status)
    if application.state not in EDITABLE:
        return redirect(url_for(".status", token=token), 303)
    kept = unsaved_of(application, this)
    if kept is not None:
        form = make_form(application, this, kept.fields)
        return conflict_page(application, this, form, HTTPStatus.OK, is_unsaved=True)
    form.seen.data = services.stamp(application, this)
    return step_page(application, this, form, **kept_unsaved(application, this))


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


def _start_page(form: StartForm) -> str:
    return render_template("applications/start.html", form=form, statement=get_initiative().statement, times=times())


def _save(application: Application, step: Step, form: StepForm) -> ResponseReturnValue:
    try:
        services.save_step(
            db.session(), application, step, form.values(), seen=form.seen.data or "", locale=g.locale, now=datetime.now(UTC),
            consents_url=consents_address(application, g.locale), by=acting(application),
        )  # fmt: skip
    except Invalid:
        form["sponsor_name"].errors = [
            _("No member is listed under this name. Copy the address of its page, or leave this empty.")
        ]
        return step_page(application, step, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except (Conflict, WrongStatus) as error:
        return conflict_page(application, step, form, is_closed=isinstance(error, WrongStatus))
    settle_unsaved(application, step, form)
    if step is Step.CONTACT:
        views_access.mail_proof(application)
    db.session.commit()
    return redirect(next_address(application, step, form), 303)


def _submit(application: Application, form: SubmitForm) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["settings"]
    try:
        services.submit(
            db.session(),
            application,
            status_url=status_address(application, g.locale),
            desk_url=absolute(url_for("review.case", reference=application.reference, locale=SOURCE)),
            staff_mail=settings.staff_mail,
            seen_version=form.version,
            locale=g.locale,
            by=acting(application),
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


def _all_sections(application: Application) -> list[Section]:
    """Return the answers with a section for each step, be there nothing in it."""
    found = sections(application.answers, g.locale)
    empty = {step: [Section(str(step), str(STEP_LABELS[step]), ())] for step in Step}
    return [one for step in Step for one in [s for s in found if s.step == step] or empty[step]]


def _check_page(application: Application, form: SubmitForm, status: int) -> ResponseReturnValue:
    form.seen_version.data = str(application.version)
    page = render_template(
        "applications/check.html",
        application=application,
        sections=_all_sections(application),
        missing=todos(rules.missing_for_submit(application)),
        refused=status == HTTPStatus.UNPROCESSABLE_ENTITY,
        twins=views_twins.asked_about(application),
        page_of_twins="check",
        form=form,
    )
    return page, status
